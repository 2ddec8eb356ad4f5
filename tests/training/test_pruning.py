from dataclasses import replace

import pytest
import torch
from pytorch_lightning.loggers.logger import DummyLogger
from small_chain_data import ONE, make_scales, open_chain
from small_chain_data import fit as fit_chain
from small_stack import X, Y, make_members, make_schedule
from small_training import CALLBACKS, TRAINER, checkpoint_of, make_model, open_data
from small_unmixing import STAGED, open_toy
from small_unmixing import make_model as make_vae
from small_unmixing import make_trainer as make_staged_trainer

from remanence.foundation.threads import one_thread
from remanence.models.dnn import DNN
from remanence.studies.spectra.fit import fit_spectra
from remanence.training.fit import fit
from remanence.training.pruning import Pruning, never
from remanence.training.report import Pruned
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining
from remanence.training.trainer import build_trainer


class Reports:
    """Notes what is reported and says stop after an epoch."""

    def __init__(self, stop_after=None):
        self.stop_after, self.metrics = stop_after, []

    def __call__(self, metrics, epoch):
        assert epoch == len(self.metrics)
        self.metrics.append(dict(metrics))
        return epoch == self.stop_after


@pytest.fixture(scope="module")
def data():
    return open_data()


def lightning(folder, report, **callbacks):
    watched = replace(CALLBACKS, **callbacks)
    return build_trainer(TRAINER, watched, logger=DummyLogger(), checkpoints=folder, report=report)


def test_a_pruned_training_ends_in_good_order_and_says_so(data, tmp_path):
    report = Reports(stop_after=2)
    trainer = lightning(tmp_path, report)

    with pytest.raises(Pruned) as pruned:
        fit(make_model(), data, trainer)

    assert pruned.value.epochs == len(report.metrics) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.ckpt", "last.ckpt"]
    last = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert last["loops"]["fit_loop"]["epoch_progress"]["current"]["processed"] == 3


def test_training_and_validation_of_the_same_epoch_are_reported(data, tmp_path):
    report = Reports()
    trainer = lightning(tmp_path, report)

    fit(make_model(), data, trainer)

    assert len(report.metrics) == 6
    for metrics in report.metrics:
        assert metrics.keys() == {"train/loss", "val/loss", "val/mse"}
    losses = [metrics["val/loss"] for metrics in report.metrics]
    assert min(losses) == checkpoint_of(trainer).best_score
    assert len(set(losses)) == 6


def test_the_last_epoch_cannot_be_pruned_because_nothing_is_left(data, tmp_path):
    fitted = fit(make_model(), data, lightning(tmp_path, Reports(stop_after=5)))

    assert fitted.epochs == 6


def test_a_training_that_stops_early_in_the_same_epoch_is_complete(data, tmp_path):
    fitted = fit(make_model(lr=1e-30), data, lightning(tmp_path, Reports(stop_after=2), patience=2))

    assert fitted.epochs == 3


def test_a_resumed_training_that_had_been_pruned_is_still_pruned(data, tmp_path):
    with pytest.raises(Pruned):
        fit(make_model(), data, lightning(tmp_path, Reports(stop_after=2)))
    report = Reports()

    with pytest.raises(Pruned) as pruned:
        fit(make_model(), data, lightning(tmp_path, report), resume_from=tmp_path / "last.ckpt")

    assert (pruned.value.epochs, report.metrics) == (3, [])


def test_without_a_report_nothing_is_asked(data, tmp_path):
    trainer = lightning(tmp_path, None)

    assert not [callback for callback in trainer.callbacks if isinstance(callback, Pruning)]


def test_a_process_that_leaves_the_decision_to_another_never_stops():
    assert never({"val/loss": float("nan")}, 3) is False


def test_a_schedule_of_beta_is_pruned_by_the_error_that_it_does_not_distort(tmp_path):
    data, report = open_toy(), Reports(stop_after=3)
    trainer = make_staged_trainer(data, tmp_path, STAGED, report=report)

    with pytest.raises(Pruned):
        fit_spectra(make_vae(), data, trainer)

    assert len(report.metrics) == 4
    assert {"val/mse", "val/kl", "val/active_units", "beta", "train/loss"} <= report.metrics[0].keys()


def train_stack(report, *, members=None, **schedule):
    members = members or make_members()
    outputs = 1 if members[0].target >= 0 else 2
    with one_thread():
        return fit_stacked(
            StackedTraining(
                lambda: DNN(n_features=2, n_targets=outputs, hidden=[8, 8], lr=0.02),
                X,
                Y,
                members,
                make_schedule(**schedule),
                report=report,
            )
        )


def test_a_pruned_stack_has_written_its_checkpoint(tmp_path):
    report, path = Reports(stop_after=2), tmp_path / "last.ckpt"

    with pytest.raises(Pruned) as pruned:
        train_stack(report, checkpoint=path)

    assert pruned.value.epochs == len(report.metrics) == 3
    assert torch.load(path, weights_only=True)["epoch"] == 3
    with pytest.raises(Pruned):
        train_stack(Reports(), checkpoint=path)


def test_the_last_epoch_of_a_stack_cannot_be_pruned():
    assert len(train_stack(Reports(stop_after=7)).val_loss) == 8


@pytest.mark.parametrize("targets", [(-1,) * 3, (0, 1, 0)], ids=["all targets", "own targets"])
def test_a_stack_reports_the_errors_of_the_first_target_in_its_unit(targets):
    report, members = Reports(), make_members(targets)

    result = train_stack(report, members=members, max_epochs=1)

    squared, absolute = [], []
    x = torch.as_tensor(X, dtype=torch.float32).expand(len(members), *X.shape)
    with torch.no_grad():
        predicted = result.network(x).double().numpy()
    for number, member in enumerate(members):
        if member.target <= 0:
            error = predicted[number, member.validation, 0] - Y[member.validation, 0]
            squared.append((error**2).mean())
            absolute.append(abs(error).mean())
    (metrics,) = report.metrics
    assert metrics["val/mse"] == pytest.approx(sum(squared) / len(squared), rel=1e-5)
    assert metrics["val/mae"] == pytest.approx(sum(absolute) / len(absolute), rel=1e-5)
    assert metrics["val/loss"] == pytest.approx(result.val_loss.mean())


def test_reporting_changes_nothing_else():
    reported, silent = train_stack(Reports()), train_stack(None)

    assert reported.val_loss.tolist() == silent.val_loss.tolist()


@pytest.mark.parametrize("fine_tune_epochs", [0, 2])
def test_of_a_chain_the_coarsest_scale_reports_and_counts_its_own_epochs(fine_tune_epochs):
    data, report = open_chain(make_scales(names=["fine", "middle"]), split=ONE), Reports()

    fit_chain(data, model={"fine_tune_epochs": fine_tune_epochs}, report=report)

    assert len(report.metrics) == 3
    with pytest.raises(Pruned) as pruned:
        fit_chain(data, report=Reports(stop_after=0))
    assert pruned.value.epochs == 1
