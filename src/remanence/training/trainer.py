"""The trainer of a run: Lightning's for one network, the stacked trainer for several."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import EarlyStopping
from pytorch_lightning.loggers.logger import Logger

from remanence.data.folded_rows import FoldedRows
from remanence.errors import ConfigurationError, NotStackable
from remanence.training.checkpoint import Checkpoint
from remanence.training.devices import device_kind, device_of
from remanence.training.fitter import Weights
from remanence.training.initial_weights import NETWORK, FirstWeights
from remanence.training.options import Callbacks, Ensemble
from remanence.training.options import Trainer as TrainerOptions
from remanence.training.own_signals import OwnSignals
from remanence.training.pruning import Pruning
from remanence.training.random_state import RandomState
from remanence.training.ranks import ALONE, Ranks
from remanence.training.report import Report
from remanence.training.sharded import ShardedClipping
from remanence.training.small_on_gpu import SmallOnGPU
from remanence.training.stacked.members import planned
from remanence.training.stacked.stackable import builder, how_to_stack, member_arguments
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.stacked.stacked_training import Schedule
from remanence.training.stamp import stamped_by


@dataclass
class LightningFitter:
    """Lightning's trainer of one network, as a ``Fitter``."""

    trainer: Trainer

    def begin_with(self, weights: Mapping[str, Weights]) -> None:
        """Begin with the weights of a network instead of random ones, if there are some."""
        if NETWORK not in weights:
            return
        self.trainer.callbacks.insert(0, FirstWeights(weights[NETWORK]))  # type: ignore[attr-defined]


def check_stacked(
    stacks: Sequence[tuple[LightningModule, FoldedRows]],
    trainer: TrainerOptions,
    ensemble: Ensemble,
    ranks: Ranks,
    *,
    seed: int,
) -> None:
    """Raise ConfigurationError if stacked members cannot train with this network, precision, strategy or device.

    Args:
        stacks: untrained network and rows of every stack that is trained.
        trainer: options of ``conf/trainer``.
        ensemble: options of ``conf/ensemble``.
        ranks: the processes that train together.
        seed: seed of the run.
    """
    for model, rows in stacks:
        check_row_loss("ensemble", model, instead=_instead(rows))
    if trainer.precision != "32-true":
        raise ConfigurationError(f"trainer.precision: stacked members need 32-true, got '{trainer.precision}'")
    if trainer.strategy == "fsdp":
        raise ConfigurationError("trainer.strategy: stacked members are divided among devices, not cut up; take ddp")
    if device_kind(trainer) == "mps":
        asked = trainer.accelerator
        raise ConfigurationError(f"trainer.accelerator: {asked}, but stacked members do not train on mps; take cpu")
    for model, rows in stacks:
        members = planned(rows, ensemble, seed=seed)
        if len(members) < ranks.size:
            raise ConfigurationError(f"trainer.devices: {ranks.size} processes cannot share {len(members)} members")
        build = builder(model, member_arguments(model, per_target=ensemble.per_target))
        try:
            how_to_stack(build, rows.x, rows.learnt, members)
        except NotStackable as error:
            raise ConfigurationError(f"{error}, or {_instead(rows)}") from error


def check_row_loss(key: str, model: Any, *, instead: str) -> None:
    """Raise ConfigurationError for a network without a loss of each row, which stacked members need.

    Args:
        key: key of the configuration that asks for a stack.
        model: untrained network.
        instead: what the user can do, for the message.
    """
    if not callable(getattr(model, "row_loss", None)):
        raise ConfigurationError(f"{key}: {type(model).__name__} has no row_loss(x, y) to be stacked with; {instead}")


def _instead(rows: FoldedRows) -> str:
    """Return the options that train one network without members."""
    return "add ensemble=single" + (" data/split=stratified" if len(rows.folds) > 1 else "")


def check_sharded(trainer: TrainerOptions) -> None:
    """Raise ConfigurationError if the strategy is FSDP without a GPU, or with a precision other than 32-true."""
    if trainer.strategy != "fsdp":
        return
    if device_kind(trainer) != "cuda":
        raise ConfigurationError("trainer.strategy: fsdp needs GPUs; add trainer.accelerator=gpu, or take ddp")
    if trainer.precision != "32-true":  # another would round the buffers: scalers and schedule
        raise ConfigurationError(f"trainer.precision: fsdp needs 32-true, got '{trainer.precision}'; or take ddp")


def is_several(ensemble: Ensemble) -> bool:
    """Return whether ``conf/ensemble`` asks for more than one member."""
    return bool(ensemble.folds * ensemble.repeats > 1)


def no_trainer(*, logger: Logger | None, checkpoints: Path, report: Report | None = None) -> None:
    """Return None: a model without a training loop needs no trainer."""


def build_stacked_trainer(
    trainer: TrainerOptions,
    callbacks: Callbacks,
    ensemble: Ensemble,
    *,
    batch_size: int,
    seed: int,
    logger: Logger | None,
    checkpoints: Path,
    report: Report | None = None,
    ranks: Ranks = ALONE,
    scale_on_all: bool = False,
) -> StackedTrainer:
    """Return a trainer of stacked members, built from the same options as Lightning's.

    Args:
        trainer: options of ``conf/trainer``.
        callbacks: options of ``conf/callbacks``.
        ensemble: options of ``conf/ensemble``.
        batch_size: largest number of rows per step.
        seed: seed of the run.
        logger: logger of the run; None for a process that does not track it.
        checkpoints: folder for ``last.ckpt``.
        report: function called after every epoch that returns whether to stop.
        ranks: the processes that share the training; each trains some of the members.
        scale_on_all: whether the scalers are fitted to held-out rows as well.
    """
    schedule = Schedule(
        max_epochs=trainer.max_epochs,
        batch_size=batch_size,
        patience=callbacks.patience,
        min_delta=callbacks.min_delta,
        clip=trainer.gradient_clip_val,
        device=device_of(trainer, ranks),
        checkpoint=checkpoints / "last.ckpt",
        seconds=callbacks.checkpoint_seconds,
        stamp=stamped_by(logger),
        epochs=ensemble.epochs,
        passes=ensemble.passes,
    )
    return StackedTrainer(
        schedule=schedule,
        folds=ensemble.folds,
        repeats=ensemble.repeats,
        per_target=ensemble.per_target,
        coverage=ensemble.coverage,
        seed=seed,
        log=logger.log_metrics if logger else lambda metrics, epoch: None,
        flush=lambda: logger.finalize("success") if logger else None,
        scale_on_all=scale_on_all,
        report=report,
        ranks=ranks,
    )


def build_trainer(
    trainer: TrainerOptions,
    callbacks: Callbacks,
    *,
    logger: Logger | None,
    checkpoints: Path,
    report: Report | None = None,
    ranks: Ranks = ALONE,
    weights: Literal["best", "last"] = "best",
) -> Trainer:
    """Return a trainer that stops early, keeps the best weights and can be resumed.

    Args:
        trainer: arguments of ``pytorch_lightning.Trainer``, see ``conf/trainer``.
        callbacks: options of early stopping and checkpoints, see ``conf/callbacks``.
        logger: logger of the run; None for a process that does not track it.
        checkpoints: folder for ``best.ckpt`` and ``last.ckpt``.
        report: function called after every epoch that returns whether to stop.
        ranks: the processes that train together.
        weights: which weights the training ends with, see ``Checkpoint``.
    """
    _hush()
    strategy, clip = trainer.strategy, trainer.gradient_clip_val
    sharded = strategy == "fsdp"
    if not sharded:
        strategy = "auto" if ranks.size == 1 else "ddp" if strategy == "auto" else strategy
    used: list[Any] = [OwnSignals(), RandomState(ranks), SmallOnGPU()]
    if callbacks.patience is not None:
        used.append(
            EarlyStopping(
                callbacks.monitor, mode=callbacks.mode, patience=callbacks.patience, min_delta=callbacks.min_delta
            )
        )
    if report is not None:
        used.append(Pruning(report))
    if sharded and clip is not None:
        used.append(ShardedClipping(clip))
    # Lightning calls checkpoint callbacks last, so that the file includes what early stopping counted in the epoch
    used.append(
        Checkpoint(
            checkpoints,
            monitor=callbacks.monitor,
            mode=callbacks.mode,
            seconds=callbacks.checkpoint_seconds,
            weights=weights,
        )
    )
    given = {key: value for key, value in vars(trainer).items() if key != "profile"}
    return Trainer(
        **{**given, "strategy": strategy, "gradient_clip_val": None if sharded else clip},
        plugins=[ranks.environment],
        use_distributed_sampler=False,  # data modules divide the rows; every process validates on all
        callbacks=used,
        logger=logger or False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        default_root_dir=checkpoints.parent,
    )


def _hush() -> None:
    """Silence Lightning's advertisement and its warnings that do not apply to batches held in memory."""
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    for message in (".*does not have many workers.*", ".*The number of training batches.*", ".*isinstance.*LeafSpec.*"):
        warnings.filterwarnings("ignore", message=message)
