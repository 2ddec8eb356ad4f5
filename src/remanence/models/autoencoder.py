"""A plain autoencoder of spectra: the β-VAE without prior, noise and pruning, which shows what these are for."""

import math
from typing import Any

from torch import Tensor, nn

from remanence.foundation.constraints import Count
from remanence.models.beta_vae import BetaVAE

SOME = 16
"""Latents of one that is not yet told how many."""
RISE = 0.05
"""Share of the steps in which the learning rate rises; then it falls as a cosine to 0."""


class Autoencoder(BetaVAE):
    """Autoencoder between spectra (batch, steps, channels) and as many latents as it is given, trained on the error.

    Its encoder and decoder are those of the β-VAE. Without a prior, nothing says how latents are distributed, so that
    it has no posterior, no active units and no samples. Latents are refined as those of the β-VAE.

    Args:
        latents: number of latents. None is for a baseline, which takes as many as the model beside it keeps.
        epochs: epochs of the training; None takes ``trainer.max_epochs``.
        **vae: see ``BetaVAE``.
    """

    has_prior = False
    ends_with = "last"
    """Weights that its training ends with: at the last epoch, the learning rate has fallen to 0."""

    def __init__(self, *, latents: Count | None = 5, epochs: Count | None = None, **vae: Any) -> None:
        super().__init__(latents=latents or SOME, **vae)  # one that is to be matched is built again, see ``matched``
        self.save_hyperparameters()
        self.encoder.log_variance.requires_grad_(False)

    def matched(self, latents: int) -> "Autoencoder":
        """Return it untrained, with this number of latents if it was given none."""
        arguments = dict(self.hparams)
        return self if arguments["latents"] else type(self)(**{**arguments, "latents": latents})

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor:
        """Return the squared error of one batch."""
        loss = nn.functional.mse_loss(self(batch), batch)
        values = {"train/loss": loss, "train/mse": loss}
        self.log_dict(values, on_step=False, on_epoch=True, sync_dist=True, batch_size=len(batch))
        return loss

    def on_train_batch_start(self, batch: Tensor, batch_index: int) -> None:
        """Set the learning rate, which rises and then falls to 0 over the whole training."""
        trainer = self.trainer
        done = (trainer.current_epoch + batch_index / trainer.num_training_batches) / (trainer.max_epochs or 1)
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.hparams["lr"] * _factor(done)


def _factor(share: float) -> float:
    """Return the learning rate in units of its peak after a share of the training."""
    if share < RISE:
        return (share + 1e-3) / (RISE + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (share - RISE) / (1 - RISE))))
