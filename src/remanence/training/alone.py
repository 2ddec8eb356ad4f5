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
    """Train one network and return it with the weights of its best epoch.

    Args:
        model: untrained network.
        batches: batches of its training and validation rows.
        trainer: Lightning's trainer with the callbacks of ``build_trainer``.
        resume_from: ``last.ckpt`` of the training to resume; None starts a new one.

    Raises:
        Pruned: if the trainer's report ended the training.
        FloatingPointError: if the training diverged.
    """
    with one_thread():
        trainer.fit(model, batches, ckpt_path=resume_from, weights_only=True)
    raise_if_pruned(trainer)
    model = unsharded(model, trainer)
    if any(not torch.isfinite(value).all() for value in model.state_dict().values()):
        raise FloatingPointError("training diverged: weights are not finite; try a smaller model.lr")
    return model
