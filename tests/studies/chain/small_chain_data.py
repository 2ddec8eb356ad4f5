"""Three scales of 120 samples and trainings of a fraction of a second, for the tests of this folder."""

import copy

from remanence.data.nested.multiscale import Multiscale
from remanence.foundation.threads import one_thread
from remanence.models.nested_ae import NestedAE
from remanence.studies.chain.fit import fit_chain
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.stacked.stacked_training import Schedule

SPLIT = {"kind": "kfold", "folds": 2, "repeats": 1, "validation": 0.2, "bins": 5, "seed": 0}
ONE = {"kind": "stratified", "folds": 5, "fold": 0, "validation": 0.2, "bins": 5, "seed": 0}
HEAD = {"kind": "regression", "columns": ["y"], "hidden": [6], "activation": "silu"}
NETWORKS = {"encoder": {"hidden": [6], "activation": "silu", "output": "linear"}, "heads": {"y": HEAD}}
SCALES = {
    "fine": {"data": "fine", "inputs": ["x0", "x7"], "latent_dim": 3, **NETWORKS},
    "middle": {
        "data": "middle",
        "inputs": ["x0", "x4"],
        "latent_dim": 3,
        "parents": ["fine"],
        "join": {"fine": "sample"},
        **NETWORKS,
    },
    "coarse": {
        "data": "coarse",
        "inputs": ["x0", "x1"],
        "latent_dim": 2,
        "parents": ["middle"],
        "join": {"middle": "sample"},
        **NETWORKS,
    },
}
MEMBERS = 4
"""Of every scale: two outer folds of two inner ones; with the split ``ONE`` half as many."""


def make_scales(*, names=tuple(SCALES), every=(), **changes):
    """Return the descriptions of some scales; ``every`` changes all of them, others the scale of their name."""
    return {name: copy.deepcopy({**SCALES[name], **dict(every), **dict(changes.get(name, ()))}) for name in names}


def open_chain(scales=None, **arguments):
    """Return 120 samples with little noise, opened; keyword arguments are those of ``Multiscale``."""
    return Multiscale(scales=scales or SCALES, **{"rows": 120, "noise": 0.1, "split": SPLIT, **arguments}).open()


def make_trainer(*, max_epochs=3, log=lambda metrics, epoch: None, checkpoint=None, seconds=1e9, **arguments):
    """Return a trainer of two members for each fold; keyword arguments replace its settings."""
    schedule = Schedule(max_epochs=max_epochs, batch_size=32, checkpoint=checkpoint, seconds=seconds)
    given = {"folds": 2, "repeats": 1, "per_target": True, "coverage": 0.9, "seed": 0, **arguments}
    return StackedTrainer(schedule=schedule, log=log, **given)


def fit(data, *, model=(), **arguments):
    """Train all scales of opened data; keyword arguments are the trainer's, ``model`` the network's."""
    network = NestedAE(scales=data.scales, **data.shape, **{"lr": 0.02, **dict(model)})
    with one_thread():
        return fit_chain(network, data, make_trainer(**arguments))


def weights_of(fitted, scale, *, of=None):
    """Return the weights of all members of ``scale``, or of its finer scale ``of`` in its networks."""
    return fitted.fits[scale].stacked.scales[of or scale].state_dict()


def same(first, second):
    """Return whether two sets of weights are equal to the last bit."""
    return first.keys() == second.keys() and all(value.equal(second[name]) for name, value in first.items())
