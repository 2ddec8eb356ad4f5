"""A training by passes that are written out is that by autograd."""

from itertools import product

import numpy as np
import pytest
import torch
from small_stack import X, Y, make_members, make_schedule

from remanence.foundation.threads import one_thread
from remanence.models.dnn import DNN
from remanence.training.stacked import written_pass
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining

OPTIMIZERS = ["adam", "adamw", "sgd", "adagrad", "rmsprop"]


def train(*, uncertainty=None, report=None, passes="written", dtype=torch.float64, **arguments):
    """Train three members with unequal numbers of rows for twenty epochs; return the result and what was logged."""
    settings = {key: arguments.pop(key) for key in ("patience", "clip", "epochs", "steps") if key in arguments}
    schedule = make_schedule(**{"max_epochs": 20, "dtype": dtype, "passes": passes, **settings})
    given = {"n_features": 2, "n_targets": 2, "hidden": [8, 8], "lr": 0.02, **arguments}
    logged = []
    members = make_members((0, 1, 0) if given["n_targets"] == 1 else (-1,) * 3)
    with one_thread():
        result = fit_stacked(StackedTraining(
            lambda: DNN(**given), X, Y, members, schedule, lambda metrics, epoch: logged.append(metrics),
            report=report, uncertainty=uncertainty,
        ))  # fmt: skip
    return result, logged


def by_autograd(**settings):
    return train(passes="autograd", **settings)


def assert_equal(found, expected, close=1e-9):
    (result, logged), (other, told) = found, expected
    assert result.best_epoch.tolist() == other.best_epoch.tolist()
    np.testing.assert_allclose(result.val_loss, other.val_loss, rtol=close)
    np.testing.assert_allclose(result.train_loss, other.train_loss, rtol=close)
    for name, value in other.network.state_dict().items():
        np.testing.assert_allclose(result.network.state_dict()[name], value, rtol=close, atol=close, err_msg=name)
    assert [list(metrics) for metrics in logged] == [list(metrics) for metrics in told]
    values = [[list(metrics.values()) for metrics in each] for each in (logged, told)]
    np.testing.assert_allclose(*values, rtol=close)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_loss_and_activation(optimizer):
    for loss, activation in product(["mse", "smooth_l1"], ["tanh", "relu", "sigmoid", "gelu", "silu"]):
        given = {"optimizer": optimizer, "loss": loss, "activation": activation, "weight_decay": 0.01, "lr": 0.005}
        assert_equal(train(**given), by_autograd(**given))


@pytest.mark.parametrize(
    "given",
    [
        {"clip": 0.3, "epochs": "others", "patience": 4},
        {"n_targets": 1, "report": lambda metrics, epoch: False},
        {"report": lambda metrics, epoch: False, "uncertainty": np.linspace(1, 3, Y.size).reshape(Y.shape)},
        {"steps": 1, "bins": 4},
    ],
)
def test_every_option(given):
    assert_equal(train(**given), by_autograd(**given))


def test_single_precision_within_rounding():
    assert_equal(train(dtype=torch.float32), by_autograd(dtype=torch.float32), close=1e-3)


def test_a_table_with_too_many_rows_is_trained_by_autograd(monkeypatch):
    expected = train()
    monkeypatch.setattr(written_pass, "MOST_VALUES", 10)
    assert_equal(train(), expected)
