from dataclasses import replace
from functools import cache

import pytest
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.loggers.logger import DummyLogger
from small_training import CALLBACKS, KFOLD, TRAINER, make_model, open_data

from remanence.configuration.compose import compose
from remanence.errors import ConfigurationError
from remanence.models.linear import Linear
from remanence.studies.kinds import checked
from remanence.studies.table.study import TableStudy
from remanence.training.options import Ensemble
from remanence.training.ranks import ALONE, OneMachine, Ranks
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.trainer import LightningFitter

SINGLE = Ensemble(folds=1, repeats=1, coverage=0.9, per_target=False)


@cache
def composed():
    return checked(compose([]))


def choose(folder, *, model=None, data=None, ensemble=(), logger=None, ranks=ALONE, augmentation="none", **trainer):
    cfg = replace(
        composed(),
        trainer=replace(TRAINER, **{"max_epochs": 2, **trainer}),
        callbacks=replace(CALLBACKS, patience=7, min_delta=0.1, checkpoint_seconds=3.0),
        ensemble=replace(SINGLE, **dict(ensemble)),
        augmentation=replace(composed().augmentation, kind=augmentation),
        seed=5,
    )
    logger = DummyLogger() if logger is None else logger or None
    make = TableStudy(data or open_data(), cfg).make_trainer(model or make_model(), ranks)
    return make(logger=logger, checkpoints=folder)


@pytest.mark.parametrize("several", [{"folds": 2}, {"repeats": 2}, {"folds": 5, "repeats": 3}])
def test_several_members_are_stacked_and_one_is_lightnings(tmp_path, several):
    assert isinstance(choose(tmp_path, ensemble=several), StackedTrainer)
    single = choose(tmp_path)
    assert isinstance(single, LightningFitter)
    assert isinstance(single.trainer, Trainer)


def test_one_member_for_each_of_several_folds_is_stacked(tmp_path):
    assert isinstance(choose(tmp_path, data=open_data(split=KFOLD)), StackedTrainer)


@pytest.mark.parametrize("asked", [{"ensemble": {"folds": 5}}, {"accelerator": "gpu"}, {"strategy": "fsdp"}])
def test_an_estimator_needs_no_trainer(tmp_path, asked):
    assert choose(tmp_path, model=Linear(n_features=2, n_targets=2), **asked) is None


@pytest.mark.parametrize("model", [None, Linear(n_features=2, n_targets=2)], ids=["network", "estimator"])
def test_rows_are_drawn_for_stacked_members_only(tmp_path, model):
    with pytest.raises(ConfigurationError, match=r"^augmentation: needs .* stacked members; add ensemble=stacked$"):
        choose(tmp_path, model=model, augmentation="noise")
    assert isinstance(choose(tmp_path, ensemble={"folds": 2}, augmentation="noise"), StackedTrainer)


def test_the_stacked_trainer_has_the_settings_of_the_configuration(tmp_path):
    ensemble = {"folds": 4, "repeats": 2, "coverage": 0.8, "per_target": True}

    trainer = choose(tmp_path, ensemble=ensemble, gradient_clip_val=0.5)

    assert {key: getattr(trainer, key) for key in ensemble} == ensemble
    assert trainer.seed == 5
    schedule = trainer.schedule
    assert (schedule.max_epochs, schedule.batch_size, schedule.patience, schedule.min_delta) == (2, 8, 7, 0.1)
    assert (schedule.clip, schedule.seconds, schedule.device) == (0.5, 3.0, "cpu")
    assert schedule.checkpoint == tmp_path / "last.ckpt"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"precision": "16-mixed"}, r"^trainer\.precision: stacked members need 32-true, got '16-mixed'"),
        ({"accelerator": "mps"}, r"^trainer\.accelerator: mps, but stacked members do not train on mps; take cpu"),
        ({"strategy": "fsdp"}, r"^trainer\.strategy: stacked members are divided among devices, not cut up; take ddp"),
    ],
)
def test_what_stacked_members_cannot_do_names_the_key(tmp_path, change, message):
    with pytest.raises(ConfigurationError, match=message):
        choose(tmp_path, ensemble={"folds": 2}, **change)


def test_members_that_are_fewer_than_the_processes_are_counted(tmp_path):
    def choose_for(size, **ensemble):
        given = {"ensemble": {"folds": 3} | ensemble, "ranks": Ranks(OneMachine(0, size))}
        return choose(tmp_path, **given)

    assert choose_for(3).ranks.size == 3
    assert choose_for(6, per_target=True).ranks.size == 6
    with pytest.raises(ConfigurationError, match=r"^trainer\.devices: 4 processes cannot share 3 members$"):
        choose_for(4)


def test_weights_are_sharded_on_gpus_only(tmp_path):
    with pytest.raises(ConfigurationError, match=r"^trainer\.strategy: fsdp needs GPUs"):
        choose(tmp_path, strategy="fsdp")
    with pytest.raises(ConfigurationError, match=r"^trainer\.precision: fsdp needs 32-true, got 'bf16-mixed'"):
        choose(tmp_path, strategy="fsdp", accelerator="cuda", precision="bf16-mixed")


@pytest.mark.parametrize(
    ("strategy", "size", "chosen"),
    [("auto", 1, "SingleDeviceStrategy"), ("ddp", 1, "SingleDeviceStrategy"), ("auto", 2, "DDPStrategy")],
)
def test_the_strategy_is_that_of_the_number_of_processes(tmp_path, strategy, size, chosen):
    trainer = choose(tmp_path, strategy=strategy, devices=size, ranks=Ranks(OneMachine(0, size))).trainer

    assert type(trainer.strategy).__name__ == chosen


def test_a_process_that_does_not_track_the_run_logs_nothing(tmp_path):
    assert choose(tmp_path, logger=False).trainer.loggers == []


def test_a_network_that_cannot_be_stacked_is_told_how_to_train_alone(tmp_path):
    class Own(LightningModule):
        """A user's network without ``row_loss``."""

    with pytest.raises(ConfigurationError, match=r"^ensemble: Own has no row_loss.*; add ensemble=single$"):
        choose(tmp_path, model=Own(), ensemble={"folds": 2})


@pytest.mark.parametrize("failing", [False, True])
def test_what_the_logger_holds_back_is_sent_when_a_training_ends_or_fails(tmp_path, failing):
    sent, held = [], []

    class Holding(DummyLogger):
        """Sends nothing before it is told to."""

        def log_metrics(self, metrics, step=None):
            held.append(step)
            if failing:
                raise RuntimeError("no")

        def finalize(self, status):
            sent.extend(held)

    trainer = choose(tmp_path, ensemble={"folds": 2}, logger=Holding())
    if failing:
        with pytest.raises(RuntimeError, match="no"):
            trainer.fit(make_model(), open_data())
    else:
        trainer.fit(make_model(), open_data())

    assert sent == ([0] if failing else [0, 1])
