"""A convolutional autoencoder of grey images."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule
from torch import Tensor, nn


class ConvAutoencoder(LightningModule):
    """Images (n, height, width) to latents (n, latents) and back.

    Args:
        height: of an image, divisible by 4; the data tell it, as they tell ``width``.
        width: likewise.
        latents: numbers that stand for an image.
        channels: of the first convolution; the second has twice as many.
        lr: learning rate of Adam.
    """

    def __init__(self, *, height: int, width: int, latents: int = 4, channels: int = 8, lr: float = 3e-3) -> None:
        super().__init__()
        if height % 4 or width % 4:
            raise ValueError(f"images must be divisible by 4, got {height} x {width}")
        self.save_hyperparameters()  # a saved model is built again from them
        small = (2 * channels, height // 4, width // 4)
        flat = small[0] * small[1] * small[2]
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(flat, latents),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latents, flat),
            nn.Unflatten(1, small),
            nn.SiLU(),
            nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return what the latents keep of images (n, height, width)."""
        return self.decoder(self.encoder(x.unsqueeze(1))).squeeze(1)

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor:
        """Return the loss of a batch."""
        loss = nn.functional.mse_loss(self(batch), batch)
        self.log("train/loss", loss, on_step=False, on_epoch=True, sync_dist=True)
        return loss

    def validation_step(self, batch: Tensor, batch_index: int) -> None:
        """Log ``val/loss``, which chooses the best weights, and ``val/mse``, which a sweep optimises."""
        loss = nn.functional.mse_loss(self(batch), batch)
        self.log_dict({"val/loss": loss, "val/mse": loss}, sync_dist=True)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam."""
        return torch.optim.Adam(self.parameters(), lr=self.hparams["lr"])

    @torch.no_grad()
    def embed(self, x: NDArray[Any]) -> NDArray[np.float32]:
        """Return the latents (n, latents) of images."""
        latents: Tensor = self.encoder(torch.as_tensor(x, dtype=torch.float32).unsqueeze(1))
        return latents.numpy()

    @torch.no_grad()
    def decode(self, z: NDArray[Any]) -> NDArray[np.float32]:
        """Return the images of latents (n, latents)."""
        images: Tensor = self.decoder(torch.as_tensor(z, dtype=torch.float32)).squeeze(1)
        return images.numpy()
