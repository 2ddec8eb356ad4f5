"""A network that Lightning would train alone, trained as a member beside those of other runs.

It takes the same rows in the same order, so that it ends with the weights that Lightning would have given it.
"""

from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import EarlyStopping
from torch import Tensor

from remanence.data.folded_rows import FoldedRows
from remanence.models.stacked import stack, unstack
from remanence.training.checkpoint import Checkpoint
from remanence.training.checkpoint_file import read_checkpoint, write_checkpoint
from remanence.training.initial_weights import NETWORK, FirstWeights
from remanence.training.meeting import ask, is_meeting
from remanence.training.pruning import Pruning
from remanence.training.stacked.members import ALL_TARGETS, Member
from remanence.training.stacked.stackable import builder
from remanence.training.stacked.stacked_fit import fit_trainings
from remanence.training.stacked.stacked_training import Schedule, StackedTraining
from remanence.training.stamp import stamped_by


def joins_others(model: LightningModule, data: FoldedRows, trainer: Trainer, resume_from: Path | None) -> bool:
    """Return whether a network is trained as a member: in a meeting of runs, and where its training began as one."""
    if resume_from is not None:
        return "best_weights" in read_checkpoint(resume_from)  # as stacked members write it
    kept = next(one for one in _callbacks(trainer) if isinstance(one, Checkpoint))
    early = [one for one in _callbacks(trainer) if isinstance(one, EarlyStopping)]
    return (
        is_meeting()
        and bool(vars(type(model)).get("joins"))
        and data.uncertainty is None
        and trainer.world_size == 1
        and trainer.precision == "32-true"
        and trainer.gradient_clip_val is None
        and (kept.monitor, kept.sign, kept.weights) == ("val/loss", 1.0, "best")
        and all(one.min_delta == 0 for one in early)
        and not any(isinstance(one, FirstWeights) for one in _callbacks(trainer))
    )


def train_as_member(model: Any, data: FoldedRows, trainer: Trainer) -> tuple[int, int, int]:
    """Train a prepared network; return its best epoch, the number of epochs, and that of runs trained as one.

    Raises:
        Pruned: if the trainer's report ended the training.
        FloatingPointError: if the training diverged.
    """
    callbacks, logger = _callbacks(trainer), trainer.logger
    kept = next(one for one in callbacks if isinstance(one, Checkpoint))
    patience = [one.patience for one in callbacks if isinstance(one, EarlyStopping)]
    reports = [one.report for one in callbacks if isinstance(one, Pruning)]
    assert trainer.max_epochs is not None  # our own configuration gives it

    def begin(whole: Any, x: Tensor, members: object) -> None:
        whole.load_state_dict(stack([model], "batched").state_dict())

    order = torch.Generator().set_state(torch.get_rng_state())
    asked = StackedTraining(
        build=builder(model, model.hparams),
        x=data.x,
        y=data.y,
        members=[Member(0, data.fold.train, data.fold.validation, ALL_TARGETS, seed=0)],
        schedule=Schedule(
            max_epochs=trainer.max_epochs,
            batch_size=data.batch_size,
            patience=patience[0] if patience else None,
            device=str(trainer.strategy.root_device),
            checkpoint=kept.folder / "last.ckpt",
            seconds=kept.seconds,
            stamp=stamped_by(logger),
        ),
        log=logger.log_metrics if logger else lambda metrics, epoch: None,
        adapt=begin,
        report=reports[0] if reports else None,
        form="batched",
        flush=lambda: getattr(logger, "flush", lambda: None)(),
        order=order,
    )
    try:
        result = ask(asked, fit_trainings)
    finally:
        if logger is not None:
            logger.finalize("success")
    torch.set_rng_state(order.get_state())  # the loader would have drawn from the global generator
    unstack(result.network, 0, model)
    write_checkpoint({"state_dict": model.state_dict(), **asked.schedule.stamp()}, kept.folder / f"{NETWORK}.ckpt")
    return int(result.best_epoch[0]), len(result.train_loss), result.stack


def _callbacks(trainer: Trainer) -> list[Any]:
    return list(trainer.callbacks)  # type: ignore[attr-defined]
