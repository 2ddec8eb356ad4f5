"""Chains and trees of scales with a few dozen weights, for the tests of this folder.

The columns of a coarser scale's rows hold the inputs of all scales below it, in no order.
"""

import numpy as np
import torch

from remanence.models.nested_ae import NestedAE
from remanence.models.stacked import stack

ROWS, MEMBERS = 20, 3
WIDTHS = {"chain": 6, "tree": 6, "diamond": 8}
"""Shape to the inputs of the last scale's rows."""
LAST = {"chain": "coarse", "tree": "cell", "diamond": "cell"}
FINER = {"chain": ["fine", "middle"], "tree": ["film", "layer"], "diamond": ["ions", "film", "layer"]}

PARENTS = {
    "chain": {"fine": [], "middle": ["fine"], "coarse": ["middle"]},
    "tree": {"film": [], "layer": [], "cell": ["layer", "film"]},
    "diamond": {"ions": [], "film": ["ions"], "layer": ["ions"], "cell": ["film", "layer"]},
}
BLOCKS = {
    "chain": {
        "fine": {"fine": [0, 1]},
        "middle": {"fine": [3, 0], "middle": [2, 1]},
        "coarse": {"fine": [5, 1], "middle": [0, 4], "coarse": [3, 2]},
    },
    "tree": {
        "film": {"film": [0, 1]},
        "layer": {"layer": [0, 1, 2]},
        "cell": {"layer": [4, 0, 2], "film": [5, 1], "cell": [3]},
    },
    "diamond": {
        "ions": {"ions": [0, 1]},
        "film": {"ions": [2, 0], "film": [1]},
        "layer": {"ions": [1, 2], "layer": [3, 0]},
        "cell": {"ions": [6, 0], "film": [3], "layer": [1, 7], "cell": [5, 2, 4]},
    },
}
LATENTS = {"fine": 3, "middle": 2, "coarse": 4, "ions": 3, "film": 2, "layer": 3, "cell": 2}
SHAPES = list(PARENTS)


def layout_of(shape):
    """Return what the data would tell of each scale's columns."""
    return {name: {"blocks": blocks, "categories": [], "heads": {"y": [0]}} for name, blocks in BLOCKS[shape].items()}


def scales_of(shape, *, dropout=0.0, training=()):
    """Return the description of the scales; ``training`` is the last one's."""
    head = {"kind": "regression", "columns": ["y"], "hidden": [4]}
    return {
        name: {
            "data": name,
            "inputs": ["its own"],
            "parents": parents,
            "latent_dim": LATENTS[name],
            "encoder": {"hidden": [5], "dropout": dropout},
            "heads": {"y": head},
            "training": dict(training) if name == LAST[shape] else {},
        }
        for name, parents in PARENTS[shape].items()
    }


def make_nested(shape="chain", seed=0, *, dropout=0.0, training=(), **arguments):
    """Return a network in double precision whose scalers know rows of its own."""
    torch.manual_seed(seed)
    scales = scales_of(shape, dropout=dropout, training=training)
    model = NestedAE(scales=scales, layout=layout_of(shape), **arguments).double()
    random = np.random.default_rng(seed)
    for name, scale in model.scales.items():
        scale.fit_scalers(
            torch.as_tensor(random.normal(1, 2, (30, len(BLOCKS[shape][name][name])))),
            torch.as_tensor(random.normal(5, 3, (30, 1))),
        )
        width = sum(LATENTS[parent] for parent in PARENTS[shape][name])
        if width:
            scale.parent_scaler.fit(torch.as_tensor(random.normal(0, 0.5, (30, width))))
    return model


def rows(shape="chain", seed=9):
    """Return inputs (ROWS, inputs) and targets (ROWS, 1)."""
    random = np.random.default_rng(seed)
    x, y = random.normal(1, 2, (ROWS, WIDTHS[shape])), random.normal(5, 3, (ROWS, 1))
    return torch.as_tensor(x), torch.as_tensor(y)


def make_stack(shape="chain", *, seeds=range(MEMBERS), **arguments):
    """Return networks and their stack."""
    networks = [make_nested(shape, seed, **arguments) for seed in seeds]
    return networks, stack(networks)


def stand(shape="chain", **arguments):
    """Return a stack that has taken over trained finer scales, those scales, and the training weight of each row."""
    _, trained = make_stack(shape, seeds=range(10, 10 + MEMBERS), **arguments)
    _, network = make_stack(shape, **arguments)
    x, _ = rows(shape)
    training = torch.as_tensor(np.random.default_rng(1).integers(0, 2, (MEMBERS, ROWS))).double()
    finer = {name: trained.eval().scales[name] for name in FINER[shape]}
    network.stand_on(finer, x, training)
    return network, finer, training
