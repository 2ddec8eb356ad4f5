"""The trainer of a run: Lightning's for one network, the stacked one for several."""

import logging
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import EarlyStopping
from pytorch_lightning.loggers.logger import Logger

from remanence.data.nested.chain import Chain
from remanence.data.spectra.spectra import Spectra
from remanence.data.table import Table
from remanence.errors import ConfigurationError
from remanence.studies.spectra.staging import Staging
from remanence.training.beta_schedule import BetaSchedule
from remanence.training.checkpoint import Checkpoint
from remanence.training.devices import device_kind, device_of
from remanence.training.members import plan_members
from remanence.training.own_signals import OwnSignals
from remanence.training.pruned import Report
from remanence.training.pruning import Pruning
from remanence.training.random_state import RandomState
from remanence.training.ranks import ALONE, Ranks
from remanence.training.sharded import ShardedClipping
from remanence.training.stacked_fit import Schedule
from remanence.training.stacked_trainer import StackedTrainer


def choose_trainer(
    model: Any, data: Table | Spectra | Chain, cfg: Mapping[str, Any], ranks: Ranks = ALONE
) -> Callable[..., Trainer | StackedTrainer | None]:
    """Check what a training asks for, and return what makes its trainer once it is known where the run is tracked.

    A network with several members or outer folds gets the stacked trainer, any other one Lightning's, which for spectra
    follows the schedule of β; what is no network needs none.

    Args:
        model: untrained.
        data: opened.
        cfg: the whole configuration; ``trainer``, ``callbacks``, ``ensemble``, ``augmentation`` and ``seed`` are read.
        ranks: the processes that train together.

    Returns:
        a function of ``logger`` (of the run; None for a process that does not track it), ``checkpoints`` (folder) and
        ``report`` (asked after every epoch whether to stop; ``Pruned`` is raised then).

    Raises:
        ConfigurationError: for what such a trainer cannot do.
    """
    network = isinstance(model, LightningModule)
    several = cfg["ensemble"]["folds"] * cfg["ensemble"]["repeats"] > 1
    build: Callable[..., Trainer | StackedTrainer | None]
    if isinstance(data, Spectra):
        if several:
            raise ConfigurationError("ensemble: networks on spectra have no members to stack; add ensemble=single")
        build = partial(build_staged_trainer, data, cfg, ranks=ranks)
    elif network and (isinstance(data, Chain) or several or len(data.folds) > 1):
        _check_stacked(model, data, cfg, ranks)
        return partial(build_stacked_trainer, data, cfg, ranks=ranks)
    else:
        if isinstance(data, Table) and cfg["augmentation"]["kind"] != "none":
            raise ConfigurationError("augmentation: needs a network with stacked members; add ensemble=stacked")
        build = partial(build_trainer, cfg["trainer"], cfg["callbacks"], ranks=ranks)
    if not network:
        return lambda **tracked: None
    _check_sharded(cfg["trainer"])
    return build


def _check_stacked(model: LightningModule, data: Table | Chain, cfg: Mapping[str, Any], ranks: Ranks) -> None:
    """Raise ConfigurationError for a network, a precision or devices that stacked members do not train with."""
    trainer, ensemble = cfg["trainer"], cfg["ensemble"]
    if not isinstance(data, Chain) and not callable(getattr(model, "row_loss", None)):
        name = type(model).__name__
        raise ConfigurationError(f"ensemble: {name} has no row_loss(x, y) to be stacked with; add ensemble=single")
    if trainer["precision"] != "32-true":
        raise ConfigurationError(f"trainer.precision: stacked members need 32-true, got '{trainer['precision']}'")
    if trainer["strategy"] == "fsdp":
        raise ConfigurationError("trainer.strategy: stacked members are divided among devices, not cut up; take ddp")
    if device_kind(trainer) == "mps":
        asked = trainer["accelerator"]
        raise ConfigurationError(f"trainer.accelerator: {asked}, but stacked members do not train on mps; take cpu")
    planned = {"folds": ensemble["folds"], "repeats": ensemble["repeats"], "per_target": _per_target(data, ensemble)}
    for rows in data.levels.values() if isinstance(data, Chain) else [data]:
        if (count := len(plan_members(rows, **planned, seed=cfg["seed"]))) < ranks.size:
            raise ConfigurationError(f"trainer.devices: {ranks.size} processes cannot share {count} members")


def _per_target(data: Table | Chain, ensemble: Mapping[str, Any]) -> bool:
    """Return whether targets have networks of their own; a scale's network predicts all its properties."""
    return bool(ensemble["per_target"]) and not isinstance(data, Chain)


def _check_sharded(trainer: Mapping[str, Any]) -> None:
    """Raise ConfigurationError if weights are to be cut up without a GPU, or in a precision that is not theirs."""
    if trainer["strategy"] != "fsdp":
        return
    if device_kind(trainer) != "cuda":
        raise ConfigurationError("trainer.strategy: fsdp needs GPUs; add trainer.accelerator=gpu, or take ddp")
    if trainer["precision"] != "32-true":  # it would round the scalers and the schedule, which are buffers
        raise ConfigurationError(f"trainer.precision: fsdp needs 32-true, got '{trainer['precision']}'; or take ddp")


def build_staged_trainer(data: Spectra, cfg: Mapping[str, Any], *, checkpoints: Path, **given: Any) -> Trainer:
    """Return Lightning's trainer with the schedule of β."""
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
    """Return a trainer of stacked members, from the same keys as Lightning's."""
    trainer, callbacks = cfg["trainer"], cfg["callbacks"]
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
    return StackedTrainer(
        schedule=schedule,
        **{**cfg["ensemble"], "per_target": _per_target(data, cfg["ensemble"])},
        seed=cfg["seed"],
        log=logger.log_metrics if logger else lambda metrics, epoch: None,
        flush=lambda: logger.finalize("success") if logger else None,
        scale_on_all=isinstance(data, Chain) and data.scalers == "all",
        report=report,
        ranks=ranks,
    )


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
    """
    _hush()
    strategy, clip = trainer["strategy"], trainer["gradient_clip_val"]
    sharded = strategy == "fsdp"
    if not sharded:
        strategy = "auto" if ranks.size == 1 else "ddp" if strategy == "auto" else strategy
    watched = {"monitor": callbacks["monitor"], "mode": callbacks["mode"]}
    used: list[Any] = [OwnSignals(), RandomState(ranks)]
    if callbacks["patience"] is not None:
        used.append(EarlyStopping(**watched, patience=callbacks["patience"], min_delta=callbacks["min_delta"]))
    if report is not None:
        used.append(Pruning(report))
    if sharded and clip is not None:
        used.append(ShardedClipping(clip))
    # a subclass of Lightning's, which is called last: it writes what early stopping has counted in the epoch
    used.append(Checkpoint(checkpoints, **watched, seconds=callbacks["checkpoint_seconds"]))
    return Trainer(
        **{**trainer, "strategy": strategy, "gradient_clip_val": None if sharded else clip},
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
