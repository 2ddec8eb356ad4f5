"""Training one network with Lightning's trainer."""

from pathlib import Path

import torch
from pytorch_lightning import LightningDataModule, LightningModule, Trainer

from remanence.foundation.threads import one_thread
from remanence.training.pruning import raise_if_pruned
from remanence.training.sharded import unsharded


def train_alone(
    model: LightningModule, batches: LightningDataModule, trainer: Trainer, *, resume_from: Path | None = None
) -> LightningModule:
    """Train a network; the one that is returned has its best weights.

    Args:
        model: untrained.
        batches: of its training and validation.
        trainer: with the callbacks of ``build_trainer``.
        resume_from: a ``last.ckpt``.

    Raises:
        Pruned: if a report ended the training.
        FloatingPointError: if the training diverged.
    """
    with one_thread():
        trainer.fit(model, batches, ckpt_path=resume_from, weights_only=True)
    raise_if_pruned(trainer)
    model = unsharded(model, trainer)
    if any(not torch.isfinite(value).all() for value in model.state_dict().values()):
        raise FloatingPointError("training diverged: weights are not finite; try a smaller model.lr")
    return model
