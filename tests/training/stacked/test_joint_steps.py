"""Trainings that are joined end with the weights that each of them has alone."""

from collections import OrderedDict
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from small_stack import X, Y, make_members, make_schedule
from small_stack import train as train_small
from torch import nn

from remanence.foundation.threads import one_thread
from remanence.models.dnn import DNN
from remanence.training.meeting import meet
from remanence.training.report import Pruned
from remanence.training.stacked import joint_groups, stacked_fit
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining

OPTIMIZERS = ["adam", "adamw", "sgd", "adagrad", "rmsprop"]


def train(seed=0, *, checkpoint=None, log=lambda metrics, epoch: None, report=None, members=None, **arguments):
    """Train three members for twenty epochs in float64."""
    options = {
        key: arguments.pop(key) for key in ("patience", "clip", "epochs", "steps", "max_epochs") if key in arguments
    }
    schedule = make_schedule(
        **{"max_epochs": 20, "dtype": torch.float64, "checkpoint": checkpoint, "seconds": 0, **options}
    )
    members = members or [replace(member, seed=member.seed + 100 * seed) for member in make_members()]
    given = {"n_features": 2, "n_targets": 2, "hidden": [8, 8], "lr": 0.02, **arguments}
    with one_thread():
        return fit_stacked(StackedTraining(lambda: DNN(**given), X, Y, members, schedule, log, report=report))


def together(settings):
    """Train several times in a meeting, and return what came of each: a result or an exception."""

    def one(given):
        try:
            return train(**given)
        except (Pruned, FloatingPointError) as error:
            return error

    found = {}
    meet([partial(one, given) for given in settings], found.__setitem__)
    return [found[number] for number in range(len(settings))]


def assert_equal(result, alone, share=1e-9):
    assert result.best_epoch.tolist() == alone.best_epoch.tolist()
    np.testing.assert_allclose(result.val_loss, alone.val_loss, rtol=share)
    np.testing.assert_allclose(result.train_loss, alone.train_loss, rtol=share)
    for name, value in alone.network.state_dict().items():
        np.testing.assert_allclose(result.network.state_dict()[name], value, rtol=share, atol=share, err_msg=name)


@pytest.fixture
def joined(monkeypatch):
    """Numbers of trainings of each joined network, as they were trained."""
    sizes, begin = [], stacked_fit._Training.__init__

    def note(self, courses):
        sizes.append(len(courses))
        begin(self, courses)

    monkeypatch.setattr(stacked_fit._Training, "__init__", note)
    return sizes


@pytest.mark.parametrize("options", [{}, {"clip": 0.3, "epochs": "others", "patience": 4}, {"steps": 1}])
def test_every_optimizer_loss_and_activation_trains_as_alone(options, joined):
    numbers = product(OPTIMIZERS, ["mse", "smooth_l1"], ["tanh", "relu", "sigmoid", "gelu", "silu"])
    settings = [
        {
            "seed": i % 3,
            "optimizer": optimizer,
            "loss": loss,
            "activation": activation,
            "lr": 0.01 * (1 + i % 4),
            "momentum": 0.8 + i % 2 / 10,
            "weight_decay": 0.02 * (i % 2),
            **options,
        }
        for i, (optimizer, loss, activation) in enumerate(numbers)
    ]

    found = together(settings)

    assert joined[0] == len(settings)
    for result, given in zip(found, settings, strict=True):
        assert result.stack == len(settings)
        assert_equal(result, train(**given))


def test_the_weights_of_a_result_share_no_memory_with_the_others():
    first, other = together([{"seed": 0}, {"seed": 1}])

    for result in (first, other):
        for weight in result.network.parameters():
            assert weight.untyped_storage().nbytes() == weight.numel() * weight.element_size()


def test_trainings_of_other_shape_train_beside_each_other(joined):
    settings = [{"hidden": [8, 8]}, {"hidden": [4]}, {"hidden": [8, 8], "seed": 1}, {"steps": 2}, {"bins": 3}]

    found = together(settings)

    assert joined == [2, 1, 1, 1]
    for result, given in zip(found, settings, strict=True):
        assert_equal(result, train(**given))


def test_trainings_on_many_rows_are_not_all_joined(joined, monkeypatch):
    monkeypatch.setattr(joint_groups, "MOST_ROWS", 2 * sum(len(member.train) for member in make_members()))

    found = together([{"seed": number} for number in range(5)])

    assert joined == [2, 2, 1]
    for number, result in enumerate(found):
        assert_equal(result, train(number))


def test_a_training_that_ends_early_leaves_the_others_alone(joined):
    settings = [{"lr": 0.3, "patience": 2}, {"lr": 0.01, "patience": 2}, {"lr": 0.001, "patience": 2}]

    found = together(settings)

    assert len(joined) > 1
    for result, given in zip(found, settings, strict=True):
        assert_equal(result, train(**given))


def test_a_training_that_diverges_leaves_the_others_alone():
    found = together([{"lr": 1e300, "optimizer": "sgd"}, {}, {"optimizer": "sgd"}])

    assert isinstance(found[0], FloatingPointError)
    assert_equal(found[1], train())
    assert_equal(found[2], train(optimizer="sgd"))


def test_a_report_prunes_its_own_training(joined):
    reports = []

    def report(metrics, epoch):
        reports.append(sorted(metrics))
        return epoch == 3

    found = together([{"report": report}, {"seed": 1}, {"seed": 2}])

    assert (isinstance(found[0], Pruned), found[0].epochs) == (True, 4)
    assert joined == [3, 2]
    assert reports == [["train/loss", "val/loss", "val/mae", "val/mse"]] * 4
    assert_equal(found[1], train(seed=1))


def test_an_error_of_one_log_ends_that_training():
    def log(metrics, epoch):
        raise FloatingPointError("of the test")

    found = together([{}, {"log": log}])

    assert str(found[1]) == "of the test"
    assert_equal(found[0], train())


def test_trainings_that_begin_again_alone_log_every_epoch_once(monkeypatch):
    run_epoch = stacked_fit._Training.run_epoch

    def fail(self):
        if len(self.courses) > 1 and self.epoch == 3:
            raise MemoryError("of the test")
        return run_epoch(self)

    monkeypatch.setattr(stacked_fit._Training, "run_epoch", fail)
    logged = {0: [], 1: []}
    found = together([{"seed": seed, "log": lambda _, epoch, to=to: to.append(epoch)} for seed, to in logged.items()])

    assert logged == {0: [*range(20)], 1: [*range(20)]}
    assert_equal(found[1], train(1))


def test_logged_metrics_are_those_of_the_training_alone():
    logs = {"alone": [], "together": []}

    def log(name):
        return lambda metrics, epoch: logs[name].append((epoch, *metrics.values()))

    train(seed=2, log=log("alone"))
    together([{"seed": 1}, {"seed": 2, "log": log("together")}, {}])

    np.testing.assert_allclose(logs["together"], logs["alone"], rtol=1e-9)


@pytest.mark.parametrize("again", [[0, 1, 2], [1], [2, 0]])
def test_trainings_that_were_joined_go_on_in_other_company_or_alone(tmp_path, again, monkeypatch):
    settings = [
        {"seed": number, "optimizer": optimizer, "checkpoint": tmp_path / f"{number}.ckpt", "weight_decay": 0.01}
        for number, optimizer in enumerate(["adam", "adam", "sgd"])
    ]
    run_epoch = stacked_fit._Training.run_epoch

    def stop(self):
        if self.courses[0].epoch == 7:
            raise KeyboardInterrupt
        return run_epoch(self)

    with monkeypatch.context() as patched:
        patched.setattr(stacked_fit._Training, "run_epoch", stop)
        with pytest.raises(KeyboardInterrupt):
            together(settings)
    sizes = {path.stat().st_size for path in tmp_path.glob("*.ckpt")}
    assert len(sizes) <= 2, "each file holds its own members only"

    found = together([settings[number] for number in again]) if len(again) > 1 else [train(**settings[again[0]])]

    for result, number in zip(found, again, strict=True):
        assert len(result.val_loss) == 20
        assert_equal(result, train(**{**settings[number], "checkpoint": None}))


def test_tables_that_differ_stand_side_by_side():
    def one(shift):
        with one_thread():
            return train_small(make_members(), x=X + shift, schedule=make_schedule(dtype=torch.float64))

    found = {}
    meet([partial(one, shift) for shift in (0.0, 0.1, 0.0)], found.__setitem__)

    for number, shift in enumerate((0.0, 0.1, 0.0)):
        assert_equal(found[number], one(shift))


class Dropping(DNN):
    """A network of one's own with dropout."""

    broadcasts = True
    joins = True

    def __init__(self, *, share: float = 0.3, **arguments):
        super().__init__(**arguments)
        self.save_hyperparameters()
        parts = {"first": self.network[0], "bend": nn.Tanh(), "second": self.network[2], "last": self.network[4]}
        if share:
            parts["drop"] = nn.Dropout(share)
        order = [name for name in ("first", "bend", "drop", "second", "last") if name in parts]
        self.network = nn.Sequential(OrderedDict((name, parts[name]) for name in order))


@pytest.mark.parametrize("shares", [(0.3, 0.5), (0.3, 0.0, 0.5)])
@pytest.mark.parametrize("clip", [None, 0.3])
def test_each_member_drops_what_it_drops_alone(joined, shares, clip):
    def one(share):
        given = {"n_features": 2, "n_targets": 2, "hidden": [8, 8], "lr": 0.02, "share": share}
        schedule = make_schedule(dtype=torch.float64, clip=clip)
        with one_thread():
            return fit_stacked(StackedTraining(lambda: Dropping(**given), X, Y, make_members(), schedule))

    found = {}
    meet([partial(one, share) for share in shares], found.__setitem__)

    assert joined == [len(shares)], "also where only some of them have the layer"
    for number, share in enumerate(shares):
        assert_equal(found[number], one(share))
