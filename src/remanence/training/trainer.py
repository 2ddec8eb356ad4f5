"""The trainer of a run: Lightning's for one network, the stacked one for several."""

import logging
import warnings
from collections.abc import Mapping
from dataclasses import replace
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
from remanence.training.devices import device_of, on_gpu
from remanence.training.own_signals import OwnSignals
from remanence.training.pruned import Report
from remanence.training.pruning import Pruning
from remanence.training.random_state import RandomState
from remanence.training.ranks import ALONE, Ranks
from remanence.training.stacked_fit import Schedule
from remanence.training.stacked_trainer import StackedTrainer
from remanence.training.staging import Staging


def choose_trainer(
    model: Any,
    data: Table | Spectra | Chain,
    cfg: Mapping[str, Any],
    *,
    logger: Logger | None,
    checkpoints: Path,
    report: Report | None = None,
    ranks: Ranks = ALONE,
) -> Trainer | StackedTrainer:
    """Return the stacked trainer for a network with several members or outer folds, otherwise Lightning's.

    For spectra Lightning's follows the schedule of β.

    Args:
        model: untrained.
        data: opened.
        cfg: the whole configuration; ``trainer``, ``callbacks``, ``ensemble`` and ``seed`` are read.
        logger: of the run; None for a process that does not track it.
        checkpoints: folder for checkpoints.
        report: asked after every epoch whether to stop; ``Pruned`` is raised then.
        ranks: the processes that train together.

    Raises:
        ConfigurationError: for a network that cannot be stacked.
    """
    given: Any = {"logger": logger, "checkpoints": checkpoints, "report": report, "ranks": ranks}
    if isinstance(data, Spectra):
        return build_staged_trainer(data, cfg, **given)
    if isinstance(data, Chain):
        return build_stacked_trainer(data, cfg, **given)
    several = cfg["ensemble"]["folds"] * cfg["ensemble"]["repeats"] > 1 or len(data.folds) > 1
    if several and isinstance(model, LightningModule):
        if not callable(getattr(model, "row_loss", None)):
            name = type(model).__name__
            raise ConfigurationError(f"ensemble: {name} has no row_loss(x, y) to be stacked with; add ensemble=single")
        return build_stacked_trainer(data, cfg, **given)
    return build_trainer(cfg["trainer"], cfg["callbacks"], **given)


def build_staged_trainer(data: Spectra, cfg: Mapping[str, Any], *, checkpoints: Path, **given: Any) -> Trainer:
    """Return Lightning's trainer with the schedule of β.

    Raises:
        ConfigurationError: if the schedule does not fit into ``trainer.max_epochs``, or members were asked for.
    """
    if cfg["ensemble"]["folds"] * cfg["ensemble"]["repeats"] > 1:
        raise ConfigurationError("ensemble: networks on spectra have no members to stack; add ensemble=single")
    schedule = BetaSchedule(**cfg["beta_schedule"], max_epochs=cfg["trainer"]["max_epochs"])
    trainer = build_trainer(cfg["trainer"], cfg["callbacks"], checkpoints=checkpoints, **given)
    checkpoint = trainer.checkpoint_callback
    assert isinstance(checkpoint, Checkpoint)
    counted = data.x[data.fold.validation]
    # before the checkpoint callback, which writes what the schedule has done
    trainer.callbacks.insert(0, Staging(schedule, counted, folder=checkpoints, checkpoint=checkpoint))  # type: ignore[attr-defined]
    return trainer


def build_stacked_trainer(
    data: Table | Chain,
    cfg: Mapping[str, Any],
    *,
    logger: Logger | None,
    checkpoints: Path,
    report: Report | None = None,
    ranks: Ranks = ALONE,
) -> StackedTrainer:
    """Return a trainer of stacked members, from the same keys as Lightning's.

    Raises:
        ConfigurationError: for a precision or a strategy that stacked members do not train with, or fewer members than
            processes.
    """
    trainer, callbacks = cfg["trainer"], cfg["callbacks"]
    if trainer["precision"] != "32-true":
        raise ConfigurationError(f"trainer.precision: stacked members need 32-true, got '{trainer['precision']}'")
    if trainer["strategy"] == "fsdp":
        raise ConfigurationError("trainer.strategy: stacked members are divided among devices, not cut up; take ddp")
    schedule = Schedule(
        max_epochs=trainer["max_epochs"],
        batch_size=data.batch_size,
        patience=callbacks["patience"],
        min_delta=callbacks["min_delta"],
        clip=trainer["gradient_clip_val"],
        device=device_of(trainer, ranks),
        checkpoint=checkpoints / "last.ckpt",
        seconds=callbacks["checkpoint_seconds"],
    )
    stacked = StackedTrainer(
        schedule=schedule,
        **cfg["ensemble"],
        seed=cfg["seed"],
        log=logger.log_metrics if logger else lambda metrics, epoch: None,
        flush=lambda: logger.finalize("success") if logger else None,
        scale_on_all=isinstance(data, Chain) and data.scalers == "all",
        report=report,
        ranks=ranks,
    )
    if isinstance(data, Chain):
        stacked = replace(stacked, per_target=False)  # a scale's network predicts all its properties
    for rows in data.levels.values() if isinstance(data, Chain) else [data]:
        if (count := len(stacked.members(rows))) < ranks.size:
            raise ConfigurationError(f"trainer.devices: {ranks.size} processes cannot share {count} members")
    return stacked


def build_trainer(
    trainer: Mapping[str, Any],
    callbacks: Mapping[str, Any],
    *,
    logger: Logger | None,
    checkpoints: Path,
    report: Report | None = None,
    ranks: Ranks = ALONE,
) -> Trainer:
    """Return a trainer that stops early, keeps the best weights and can be resumed.

    Args:
        trainer: arguments of ``pytorch_lightning.Trainer``, see ``conf/trainer``.
        callbacks: what to watch, see ``conf/callbacks``.
        logger: of the run; None for a process that does not track it.
        checkpoints: folder for ``best.ckpt`` and ``last.ckpt``.
        report: asked after every epoch whether to stop.
        ranks: the processes that train together.

    Raises:
        ConfigurationError: if weights are to be sharded without a GPU, or with gradients clipped.
    """
    _hush()
    strategy = trainer["strategy"]
    if strategy == "fsdp":
        if not on_gpu(trainer):
            raise ConfigurationError("trainer.strategy: fsdp needs GPUs; add trainer.accelerator=gpu, or take ddp")
        if trainer["gradient_clip_val"] is not None:
            raise ConfigurationError("trainer.gradient_clip_val: fsdp clips no gradients; take null, or ddp")
    else:
        strategy = "auto" if ranks.size == 1 else "ddp" if strategy == "auto" else strategy
    watched = {"monitor": callbacks["monitor"], "mode": callbacks["mode"]}
    used: list[Any] = [OwnSignals(), RandomState(ranks)]
    if callbacks["patience"] is not None:
        used.append(EarlyStopping(**watched, patience=callbacks["patience"], min_delta=callbacks["min_delta"]))
    if report is not None:
        used.append(Pruning(report))
    # a subclass of Lightning's, which is called last: it writes what early stopping has counted in the epoch
    used.append(Checkpoint(checkpoints, **watched, seconds=callbacks["checkpoint_seconds"]))
    return Trainer(
        **{**trainer, "strategy": strategy},
        plugins=[ranks.environment],
        use_distributed_sampler=False,  # the data modules share the rows out, and every process validates on all
        callbacks=used,
        logger=logger or False,
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
