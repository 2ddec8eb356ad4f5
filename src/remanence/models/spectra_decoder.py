"""The decoder of the β-VAE, from latents to spectra."""

from typing import Any

import torch
from torch import Tensor, nn

from remanence.models.residual_block import ResidualBlock, make_norm
from remanence.models.sequence import make_cell


class Decoder(nn.Module):
    """Latents (batch, latents) to spectra (batch, steps, channels)."""

    def __init__(self, *, steps: int, channels: int, latents: int, **h: Any) -> None:
        super().__init__()
        units = h["decoder_units"] or h["units"]
        self.time, width = steps // h["patch"], 2 * units
        self.shape = (steps, channels)
        self.embedding = nn.Linear(latents, h["dense"])
        self.positions = nn.Parameter(0.5 * torch.randn(self.time, h["dense"])) if h["positions"] else None
        block: dict[str, Any] = {key: h[key] for key in ("cell", "layers", "norm", "dropout")}
        self.first = make_cell(h["cell"], h["dense"], units, self.time)
        self.blocks = nn.Sequential(
            *[ResidualBlock(width, units, self.time, **block, project=True) for _ in range(h["blocks"])]
        )
        self.norm = make_norm(h["norm"], self.time, width)
        self.output = nn.Linear(width, h["patch"] * channels)

    def embed(self, z: Tensor) -> Tensor:
        """Return the activity of the first dense layer, (batch, dense), which the paper maps as its embedding."""
        return torch.relu(self.embedding(z))

    def forward(self, z: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return spectra (batch, steps, channels) and the activity of the embedding (batch, dense).

        Args:
            z: latents, shape (batch, latents).
            mask: 1 for each latent that is kept and 0 for the others, shape (latents,).
        """
        activity = self.embed(z * mask)
        tokens = activity[:, None, :].expand(-1, self.time, -1)  # (batch, time, dense)
        if self.positions is not None:
            tokens = tokens + self.positions
        states = self.blocks(self.first(tokens))  # (batch, time, 2·units)
        return self.output(self.norm(states)).reshape(len(z), *self.shape), activity
