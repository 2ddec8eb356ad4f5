"""Residual blocks of cells, with the normalisations of the released networks and ours."""

import torch
from torch import Tensor, nn

from remanence.models.sequence import make_cell


class TimeNorm(nn.Module):
    """Layer normalisation of (batch, time, features) over time, as in the released one-channel network."""

    def __init__(self, time: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(time)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise every feature over time."""
        normed: Tensor = self.norm(x.transpose(1, 2))
        return normed.transpose(1, 2)


def make_norm(norm: str, time: int, features: int) -> nn.Module:
    """Return the normalisation of a block: over ``time``, over ``feature`` or ``none``."""
    match norm:
        case "time":
            return TimeNorm(time)
        case "feature":
            return nn.LayerNorm(features)
        case _:
            return nn.Identity()


class ResidualBlock(nn.Module):
    """``layers`` × [cell → ReLU] + skip → norm → ReLU; (batch, time, inputs) to (batch, time, 2·units)."""

    def __init__(
        self, inputs: int, units: int, time: int, *, cell: str, layers: int, norm: str, dropout: float, project: bool
    ) -> None:
        super().__init__()
        widths = [inputs, *[2 * units] * (layers - 1)]
        self.cells = nn.ModuleList(make_cell(cell, width, units, time) for width in widths)
        self.skip = nn.Linear(inputs, 2 * units) if project and inputs != 2 * units else nn.Identity()
        self.norm = make_norm(norm, time, 2 * units)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the layers plus the skipped input, normalised, (batch, time, 2·units)."""
        y = x
        for cell in self.cells:
            y = torch.relu(cell(y))  # (batch, time, 2·units)
        return torch.relu(self.norm(self.dropout(y) + self.skip(x)))
