"""One scale of a chain with a few dozen weights, and what its losses are in plain numpy, for the tests of this folder.

Its own inputs are three numbers and a category of three; it stands on two latents, and predicts two numbers and shares
of three.
"""

import numpy as np
import torch
from scipy import special
from torch import nn

from remanence.models.scale import ScaleAutoencoder
from remanence.models.scale_options import Classification, Decoder, Encoder, Regression, Regularizers

ROWS, OWN, PARENTS, LATENTS = 24, 6, 2, 3
NUMERIC, GROUP = [0, 2, 4], [1, 3, 5]
COLUMNS = {"gap": [0, 1], "site": [2, 3, 4]}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(3, 2, (ROWS, OWN))
X[:, GROUP] = np.eye(3)[RANDOM.integers(0, 3, ROWS)]
Z = RANDOM.normal(-1, 0.5, (ROWS, PARENTS))
Y = np.concatenate([RANDOM.normal([2, 40], [1, 9], (ROWS, 2)), RANDOM.dirichlet([1, 1, 1], ROWS)], axis=1)
OWN_ROWS, PARENT_ROWS, TARGETS = torch.as_tensor(X), torch.as_tensor(Z), torch.as_tensor(Y)


def make_scale(seed=0, *, encoder=(), head=(), site=(), decoder=(), regularizers=(), **arguments):
    """Return a scale in double precision whose scalers know ``X``, ``Z`` and ``Y``, ready to train."""
    torch.manual_seed(seed)
    heads = {
        "gap": Regression(**{"kind": "regression", "columns": ["gap", "energy"], "hidden": [4], **dict(head)}),
        "site": Classification(**{"kind": "classification", "columns": ["A", "B", "X"], **dict(site)}),
    }
    given = {"n_own": OWN, "n_parents": PARENTS, "latent_dim": LATENTS, "categories": [GROUP]}
    given |= {"heads": heads, "columns": COLUMNS}
    scale = ScaleAutoencoder(
        encoder=Encoder(**{"hidden": [5], **dict(encoder)}),
        decoder=Decoder(**{"hidden": [4], **dict(decoder)}),
        regularizers=Regularizers(**dict(regularizers)),
        **{**given, **arguments},
    ).double()
    scale.fit_scalers(OWN_ROWS[:, : scale.n_own], TARGETS)
    if scale.parent_scaler.mean.numel():
        scale.parent_scaler.fit(PARENT_ROWS)
    return scale


def loss(scale, *, seed=None):
    """Return the loss of each row of the small table."""
    if seed is not None:
        torch.manual_seed(seed)
    return scale.loss(OWN_ROWS, PARENT_ROWS, TARGETS)


ACTIVATIONS = {
    "Tanh": np.tanh,
    "Sigmoid": special.expit,
    "ReLU": lambda x: np.maximum(x, 0),
    "SiLU": lambda x: x * special.expit(x),
    "GELU": lambda x: x * special.ndtr(x),
    "Arctanh": lambda x: np.arctanh(np.clip(x, -0.9999, 0.9999)),
}
DISTANCES = {"mae": np.abs, "mse": np.square, "huber": lambda x: special.huber(1, x)}


def run(network, x):
    """Return what dense layers make of x (rows, inputs)."""
    for layer in network:
        if isinstance(layer, nn.Linear):
            x = x @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        else:
            x = ACTIVATIONS[type(layer).__name__](x)
    return x


def standardised(values):
    """Return z-scores (rows, columns); 0 for a constant column."""
    deviation = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def terms(scale):
    """Return each term of the loss before it is weighed, (rows,) or a number; a variational one is not asked for."""
    z = run(scale.encoder, np.concatenate([standardised(X), standardised(Z)], axis=1))[:, :LATENTS]
    decoded, property_ = run(scale.decoder, z), run(scale.heads["gap"], z)
    spec = scale.specs["gap"]
    if spec.output == "relu":
        mean, deviation = Y[:, :2].mean(axis=0), Y[:, :2].std(axis=0)
        property_ = (np.maximum(property_ * deviation + mean, 0) - mean) / deviation
    distance = DISTANCES[scale.decoder_spec.loss]
    entropy = -(X[:, GROUP] * special.log_softmax(decoded[:, GROUP], axis=1)).sum(axis=1)
    weights = [layer.weight.detach().numpy() for layer in scale.encoder if isinstance(layer, nn.Linear)]
    return {
        "property": DISTANCES[spec.loss](property_ - standardised(Y[:, :2])).mean(axis=1),
        "shares": -(Y[:, 2:] * special.log_softmax(run(scale.heads["site"], z), axis=1)).sum(axis=1),
        "own": distance(decoded[:, NUMERIC] - standardised(X)[:, NUMERIC]).mean(axis=1) + entropy,
        "parents": distance(decoded[:, OWN:] - standardised(Z)).mean(axis=1),
        "l1": sum(np.abs(weight).sum() for weight in weights),
        "l2": sum(np.square(weight).sum() for weight in weights),
        "correlation": _correlation(z, Y[:, :2]),
    }


def _correlation(z, y):
    s = 1 / np.sqrt(ROWS - 3)

    def rho(first, second):
        return max(0.0, (abs(np.corrcoef(first, second)[0, 1]) - s) / (1 - s))

    tied = [1 - rho(z[:, column], y[:, column]) for column in range(2)]
    pairs = [(i, j) for i in range(LATENTS) for j in range(i)]
    return np.mean(tied) + np.mean([np.sin(np.pi / 2 * rho(z[:, i], z[:, j])) ** 2 for i, j in pairs])
