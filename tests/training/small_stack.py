"""A stacked training of a fraction of a second, for the tests of this folder."""

import numpy as np
import torch

from remanence.foundation.threads import one_thread
from remanence.models.dnn import DNN
from remanence.models.stacked import select
from remanence.training.stacked.members import ALL_TARGETS, Member
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import Schedule, StackedTraining

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform([0.02, 16], [0.25, 50], (40, 2))  # composition and LPHslope
Y = np.stack([118 + 2 * X[:, 1] - 60 * X[:, 0], 420 + 24 * X[:, 1] + 450 * X[:, 0]], axis=1)
Y += RANDOM.normal(0, [3, 30], Y.shape)
STEPS = 3
"""Of every epoch, given explicitly so that a member alone takes as many as beside longer ones."""


def rows(*parts):
    """Return the concatenation of ranges, given as (start, stop)."""
    return np.concatenate([np.arange(*part) for part in parts])


def make_members(targets=(ALL_TARGETS,) * 3, counts=(24, 17, 9)):
    """Return members with unequal numbers of training and validation rows, and seeds of their own."""
    return [
        Member(fold=0, train=np.arange(number, number + count), validation=rows((30 - number, 36 + number)),
               target=target, seed=11 + number)
        for number, (target, count) in enumerate(zip(targets, counts, strict=True))
    ]  # fmt: skip


def make_schedule(**arguments):
    """Return a short schedule; keyword arguments replace its settings."""
    return Schedule(**{"max_epochs": 8, "batch_size": 8, "steps": STEPS, **arguments})


def train(members, *, schedule=None, log=lambda metrics, epoch: None, x=X, y=Y, **arguments):
    """Train members of one small network; keyword arguments are the network's."""
    outputs = 1 if members[0].target != ALL_TARGETS else y.shape[1]
    given = {"n_features": x.shape[1], "n_targets": outputs, "hidden": [8, 8], "lr": 0.02, **arguments}
    with one_thread():
        return fit_stacked(StackedTraining(lambda: DNN(**given), x, y, members, schedule or make_schedule(), log))


@torch.no_grad()
def predictions(result, members):
    """Return what each member predicts for every row of ``X``, shape (members, rows, outputs)."""
    result.network.eval()
    x = torch.as_tensor(X, dtype=torch.float32)
    return result.network(x.expand(len(members), *x.shape)).double().numpy()


def weights_of(result, number):
    """Return weights and buffers of one member, as the same network has them that was never stacked."""
    own = {name: value[0] for name, value in select(result.network, [number]).state_dict().items()}
    return {name: value.T if name.endswith("weight") else value[0] for name, value in own.items()}


def assert_close(weights, expected):
    """Assert that two sets of weights agree to 1e-5."""
    assert weights.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(weights[name], value, rtol=1e-5, atol=1e-5, err_msg=name)


def assert_same(result, other):
    """Assert that two trainings have equal losses, best epochs and weights, to the last bit."""
    assert result.best_epoch.tolist() == other.best_epoch.tolist()
    np.testing.assert_array_equal(result.train_loss, other.train_loss)
    np.testing.assert_array_equal(result.val_loss, other.val_loss)
    for name, value in result.network.state_dict().items():
        assert value.equal(other.network.state_dict()[name]), name
