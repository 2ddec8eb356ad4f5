"""The trainer of a run: Lightning's for one network, the stacked one for several."""

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import EarlyStopping
from pytorch_lightning.loggers.logger import Logger

from remanence.data.nested.chain import Chain
from remanence.data.spectra.spectra import Spectra
from remanence.data.table import Table
from remanence.errors import ConfigurationError
from remanence.training.beta_schedule import BetaSchedule
from remanence.training.checkpoint import Checkpoint
from remanence.training.random_state import RandomState
from remanence.training.stacked_fit import Schedule
from remanence.training.stacked_trainer import StackedTrainer
from remanence.training.staging import Staging


def choose_trainer(
    model: Any, data: Table | Spectra | Chain, cfg: Mapping[str, Any], *, logger: Logger, checkpoints: Path
) -> Trainer | StackedTrainer:
    """Return the stacked trainer for a network with several members or outer folds, otherwise Lightning's.

    For spectra Lightning's follows the schedule of β.

    Args:
        model: untrained.
        data: opened.
        cfg: the whole configuration; ``trainer``, ``callbacks``, ``ensemble`` and ``seed`` are read.
        logger: of the run.
        checkpoints: folder for checkpoints.

    Raises:
        ConfigurationError: for a network that cannot be stacked.
    """
    if isinstance(data, Spectra):
        return build_staged_trainer(data, cfg, logger=logger, checkpoints=checkpoints)
    if isinstance(data, Chain):
        return build_stacked_trainer(data, cfg, logger=logger, checkpoints=checkpoints)
    several = cfg["ensemble"]["folds"] * cfg["ensemble"]["repeats"] > 1 or len(data.folds) > 1
    if several and isinstance(model, LightningModule):
        if not callable(getattr(model, "row_loss", None)):
            name = type(model).__name__
            raise ConfigurationError(f"ensemble: {name} has no row_loss(x, y) to be stacked with; add ensemble=single")
        return build_stacked_trainer(data, cfg, logger=logger, checkpoints=checkpoints)
    return build_trainer(cfg["trainer"], cfg["callbacks"], logger=logger, checkpoints=checkpoints)


def build_staged_trainer(data: Spectra, cfg: Mapping[str, Any], *, logger: Logger, checkpoints: Path) -> Trainer:
    """Return Lightning's trainer with the schedule of β.

    Raises:
        ConfigurationError: if the schedule does not fit into ``trainer.max_epochs``, or members were asked for.
    """
    if cfg["ensemble"]["folds"] * cfg["ensemble"]["repeats"] > 1:
        raise ConfigurationError("ensemble: networks on spectra have no members to stack; add ensemble=single")
    schedule = BetaSchedule(**cfg["beta_schedule"], max_epochs=cfg["trainer"]["max_epochs"])
    trainer = build_trainer(cfg["trainer"], cfg["callbacks"], logger=logger, checkpoints=checkpoints)
    checkpoint = trainer.checkpoint_callback
    assert isinstance(checkpoint, Checkpoint)
    counted = data.x[data.fold.validation]
    # before the checkpoint callback, which writes what the schedule has done
    trainer.callbacks.insert(0, Staging(schedule, counted, folder=checkpoints, checkpoint=checkpoint))  # type: ignore[attr-defined]
    return trainer


def build_stacked_trainer(
    data: Table | Chain, cfg: Mapping[str, Any], *, logger: Logger, checkpoints: Path
) -> StackedTrainer:
    """Return a trainer of stacked members, from the same keys as Lightning's.

    Raises:
        ConfigurationError: for a precision or a number of devices that stacked members do not train with.
    """
    trainer, callbacks = cfg["trainer"], cfg["callbacks"]
    if trainer["precision"] != "32-true":
        raise ConfigurationError(f"trainer.precision: stacked members need 32-true, got '{trainer['precision']}'")
    if trainer["devices"] not in (1, "auto"):
        raise ConfigurationError(f"trainer.devices: stacked members train on one device, got {trainer['devices']}")
    schedule = Schedule(
        max_epochs=trainer["max_epochs"],
        batch_size=data.batch_size,
        patience=callbacks["patience"],
        min_delta=callbacks["min_delta"],
        clip=trainer["gradient_clip_val"],
        device="cuda" if trainer["accelerator"] in ("gpu", "cuda") else "cpu",
        checkpoint=checkpoints / "last.ckpt",
        seconds=callbacks["checkpoint_seconds"],
    )
    return StackedTrainer(
        schedule=schedule,
        **cfg["ensemble"],
        seed=cfg["seed"],
        log=logger.log_metrics,
        flush=lambda: logger.finalize("success"),
        scale_on_all=isinstance(data, Chain) and data.scalers == "all",
    )


def build_trainer(
    trainer: Mapping[str, Any], callbacks: Mapping[str, Any], *, logger: Logger, checkpoints: Path
) -> Trainer:
    """Return a trainer that stops early, keeps the best weights and can be resumed.

    Args:
        trainer: arguments of ``pytorch_lightning.Trainer``, see ``conf/trainer``.
        callbacks: what to watch, see ``conf/callbacks``.
        logger: of the run.
        checkpoints: folder for ``best.ckpt`` and ``last.ckpt``.
    """
    _hush()
    watched = {"monitor": callbacks["monitor"], "mode": callbacks["mode"]}
    used: list[Any] = [RandomState()]
    if callbacks["patience"] is not None:
        used.append(EarlyStopping(**watched, patience=callbacks["patience"], min_delta=callbacks["min_delta"]))
    # a subclass of Lightning's, which is called last: it writes what early stopping has counted in the epoch
    used.append(Checkpoint(checkpoints, **watched, seconds=callbacks["checkpoint_seconds"]))
    return Trainer(
        **trainer,
        callbacks=used,
        logger=logger,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        default_root_dir=checkpoints.parent,
    )


def _hush() -> None:
    """Silence Lightning's advertisement and the warnings that do not concern batches held in memory."""
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    for message in (".*does not have many workers.*", ".*The number of training batches.*", ".*isinstance.*LeafSpec.*"):
        warnings.filterwarnings("ignore", message=message)
