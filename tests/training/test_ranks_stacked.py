"""Members divided among processes train as in one."""

import numpy as np
import pytest
import torch
from small_chain_data import ONE, make_scales, open_chain, weights_of
from small_chain_data import fit as fit_chain
from small_ensemble import fit as fit_ensemble
from small_stack import X, Y, assert_close, assert_same, make_members, make_schedule
from small_training import KFOLD, open_data
from turns import together

from remanence.models.dnn import DNN
from remanence.training.ranks import ALONE
from remanence.training.report import Pruned
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining

MANY = {"targets": (-1,) * 5, "counts": (24, 17, 9, 20, 12)}


class PowerCutError(Exception):
    """Raised between two epochs."""


def train(ranks=ALONE, *, members=None, schedule=None, log=lambda metrics, epoch: None, report=None, **arguments):
    members = members or make_members(**MANY)
    outputs = 1 if members[0].target >= 0 else 2
    given = {"n_features": 2, "n_targets": outputs, "hidden": [8, 8], "lr": 0.02, **arguments}
    schedule = schedule or make_schedule(steps=None, patience=3)
    torch.set_num_threads(1)
    return fit_stacked(StackedTraining(lambda: DNN(**given), X, Y, members, schedule, log, report=report, ranks=ranks))


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_every_process_returns_all_members_as_one_process_has_trained_them(size, optimizer):
    alone = train(optimizer=optimizer, bins=4)

    for result in together(size, lambda ranks: train(ranks, optimizer=optimizer, bins=4)):
        assert_same(result, alone)


def test_the_curves_are_those_of_all_members():
    curves = [[], [], []]
    train(log=lambda metrics, epoch: curves[0].append((epoch, metrics)))

    together(2, lambda ranks: train(ranks, log=lambda *told: curves[1 + ranks.rank].append((told[1], told[0]))))

    assert curves[0] == curves[1] == curves[2]
    assert [epoch for epoch, _ in curves[0]] == list(range(8))


def test_members_that_have_stopped_wait_for_those_of_other_processes():
    members = make_members(**MANY)
    schedule = make_schedule(patience=1, max_epochs=30)
    alone = train(members=members, schedule=schedule)

    results = together(2, lambda ranks: train(ranks, members=members, schedule=schedule))

    assert max(alone.best_epoch[:2]) < max(alone.best_epoch[2:]) < len(alone.val_loss) - 1 < 29
    for result in results:
        assert_same(result, alone)


@pytest.mark.parametrize(("before", "after"), [(2, 3), (3, 1), (1, 2)])
def test_a_training_goes_on_in_another_number_of_processes(tmp_path, before, after):
    path = tmp_path / "last.ckpt"
    schedule = make_schedule(checkpoint=path, seconds=0.0, patience=4)
    alone = train(schedule=make_schedule(patience=4))

    def cut(metrics, epoch):
        if epoch == 4:
            raise PowerCutError

    for error in together(before, lambda ranks: train(ranks, schedule=schedule, log=cut)):
        assert isinstance(error, PowerCutError)
    assert torch.load(path, weights_only=True)["epoch"] == 4
    for resumed in together(after, lambda ranks: train(ranks, schedule=schedule)):
        assert_same(resumed, alone)


def test_one_file_holds_all_members_and_only_the_first_process_writes_it(tmp_path):
    def run(ranks):
        return train(ranks, schedule=make_schedule(checkpoint=tmp_path / str(ranks.rank) / "last.ckpt"))

    together(2, run)
    train(schedule=make_schedule(checkpoint=tmp_path / "alone.ckpt"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "alone.ckpt"]
    first, alone = (torch.load(tmp_path / name, weights_only=True) for name in ("0/last.ckpt", "alone.ckpt"))
    assert first.keys() == alone.keys()
    for name, value in alone["best_weights"].items():
        assert first["best_weights"][name].equal(value), name


def test_one_report_that_says_stop_ends_the_training_of_all(tmp_path):
    def run(ranks):
        path = tmp_path / f"{ranks.rank}.ckpt"
        return train(
            ranks, schedule=make_schedule(checkpoint=path), report=lambda _, epoch: ranks.rank == 0 and epoch == 3
        )

    for error in together(2, run):
        assert isinstance(error, Pruned)
        assert error.epochs == 4
    assert torch.load(tmp_path / "0.ckpt", weights_only=True)["epoch"] == 4


def test_a_training_that_diverges_ends_in_every_process():
    for error in together(2, lambda ranks: train(ranks, lr=1e30, optimizer="sgd")):
        assert isinstance(error, FloatingPointError)


def test_ensembles_for_every_fold_are_those_of_one_process():
    data = open_data(split=KFOLD)
    alone = fit_ensemble(data, max_epochs=4)

    for fitted in together(2, lambda ranks: fit_ensemble(data, max_epochs=4, ranks=ranks)):
        assert fitted.members.equals(alone.members)
        for fold, other in zip(fitted.folds, alone.folds, strict=True):
            for part, (rows, values) in fold.predicted.items():
                np.testing.assert_array_equal(rows, other.predicted[part][0])
                np.testing.assert_array_equal(values, other.predicted[part][1])


def test_a_baseline_beside_the_run_trains_in_the_first_process_only():
    data = open_data()

    def run(ranks):
        from small_ensemble import make_trainer

        return make_trainer(ranks=ranks, report=lambda *_: True).for_baseline(data)

    for trainer in together(2, run):
        assert (trainer.ranks, trainer.report) == (ALONE, None)


@pytest.mark.parametrize("fine_tune_epochs", [0, 2])
def test_scales_of_a_chain_stand_on_the_same_members_as_in_one_process(tmp_path, fine_tune_epochs):
    data, model = open_chain(make_scales(names=["fine", "middle"]), split=ONE), {"fine_tune_epochs": fine_tune_epochs}
    alone = fit_chain(data, model=model, repeats=2)

    def run(ranks):
        return fit_chain(data, model=model, repeats=2, ranks=ranks, checkpoint=tmp_path / "last.ckpt")

    for fitted in together(3, run):
        for name, level in fitted.fits.items():
            np.testing.assert_allclose(level.members["val_loss"], alone.fits[name].members["val_loss"], rtol=1e-5)
            for finer in level.stacked.scales:  # the exponential of a batch rounds by where in it a member is
                assert_close(weights_of(fitted, name, of=finer), weights_of(alone, name, of=finer))
