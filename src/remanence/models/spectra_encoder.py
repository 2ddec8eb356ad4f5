"""The encoder of the β-VAE, from spectra to mean and log-variance of their latents."""

from typing import Any

import torch
from torch import Tensor, nn

from remanence.models.residual_block import ResidualBlock
from remanence.models.sequence import make_cell

LITTLE_NOISE = -4.0
"""Logarithm of the posterior's variance in an untrained network: with little noise at first, latents matter."""


class Encoder(nn.Module):
    """Spectra (batch, steps, channels) to mean and log-variance, each (batch, latents)."""

    def __init__(self, *, steps: int, channels: int, latents: int, **h: Any) -> None:
        super().__init__()
        time, inputs, width = steps // h["patch"], channels * h["patch"], 2 * h["units"]
        self.tokens = (time, inputs)
        block: dict[str, Any] = {key: h[key] for key in ("cell", "layers", "norm", "dropout")}
        # without a projection, a single input is broadcast over all features, as in the released code
        project = h["norm"] == "feature" or inputs > 1
        self.blocks = nn.Sequential(
            *[
                ResidualBlock(inputs if i == 0 else width, h["units"], time, **block, project=project)
                for i in range(h["blocks"])
            ]
        )
        self.last = make_cell(h["cell"], width, h["units"], time)
        self.read_out = h["read_out"]
        features = width if self.read_out == "last" else width * time
        self.norm = {"time": nn.BatchNorm1d, "feature": nn.LayerNorm}.get(h["norm"], nn.Identity)(features)
        self.dense = nn.Linear(features, h["dense"])
        self.mean = nn.Linear(h["dense"], latents)
        self.log_variance = nn.Linear(h["dense"], latents)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, LITTLE_NOISE)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mean, log-variance and the activity of the dense layer (batch, dense)."""
        tokens = x.reshape(len(x), *self.tokens)  # (batch, time, patch·channels)
        states = self.last(self.blocks(tokens))  # (batch, time, 2·units)
        read = last_states(states) if self.read_out == "last" else states.flatten(1)
        activity = torch.relu(self.dense(self.norm(read)))
        return self.mean(activity), self.log_variance(activity), activity


def last_states(states: Tensor) -> Tensor:
    """Return the final state of each direction, (batch, 2·units).

    The forward direction ends at the last step, the backward direction at the first.
    """
    forwards, backwards = states.chunk(2, dim=2)
    return torch.cat([forwards[:, -1], backwards[:, 0]], dim=1)
