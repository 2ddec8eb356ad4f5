"""Cells of several networks of equal shape side by side, each with its own weights.

Every weight has a leading axis of the networks, and every product runs as one batch of products.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from remanence.models.residual_block import TimeNorm, make_norm
from remanence.models.sequence import Convolution, Dense, Recurrent, make_cell
from remanence.models.stacked_layers import StackedLayerNorm, StackedLinear


class ParallelRecurrent(nn.Module):
    """Bidirectional LSTMs or GRUs, (networks, batch, time, inputs) to (networks, batch, time, 2·units).

    Args:
        cells: one ``Recurrent`` per network, of equal shape.
    """

    weight_ih: nn.Parameter
    weight_hh: nn.Parameter
    bias_ih: nn.Parameter
    bias_hh: nn.Parameter

    def __init__(self, cells: Sequence[Recurrent]) -> None:
        super().__init__()
        self.lstm = isinstance(cells[0].cell, nn.LSTM)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            both = [
                torch.stack([getattr(cell.cell, f"{name}_l0{way}").detach() for way in ("", "_reverse")])
                for cell in cells
            ]
            self.register_parameter(name, nn.Parameter(torch.stack(both)))  # (networks, 2, gates·units, …)

    def forward(self, x: Tensor) -> Tensor:
        """Return the states of both directions at every step."""
        networks, batch, time, _ = x.shape
        ways = torch.stack([x, x.flip(2)], dim=1).flatten(0, 1)  # (networks·2, batch, time, inputs)
        given, recurrent = (w.flatten(0, 1).transpose(1, 2) for w in (self.weight_ih, self.weight_hh))
        given_bias, bias = (b.flatten(0, 1)[:, None] for b in (self.bias_ih, self.bias_hh))
        driven = torch.baddbmm(given_bias, ways.flatten(1, 2), given).view(len(ways), batch, time, -1)
        step = _lstm_step if self.lstm else _gru_step
        hidden = cell = x.new_zeros(len(ways), batch, recurrent.shape[1])
        states = []
        for each in driven.unbind(2):  # (networks·2, batch, gates·units)
            hidden, cell = step(each, torch.baddbmm(bias, hidden, recurrent), hidden, cell)
            states.append(hidden)
        forwards, backwards = torch.stack(states, dim=2).view(networks, 2, batch, time, -1).unbind(1)
        return torch.cat([forwards, backwards.flip(2)], dim=3)


def _lstm_step(given: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next hidden state and cell of LSTMs, in torch's order of the gates."""
    enters, stays, new, leaves = (given + recurrent).chunk(4, dim=2)
    cell = stays.sigmoid() * cell + enters.sigmoid() * new.tanh()
    return leaves.sigmoid() * cell.tanh(), cell


def _gru_step(given: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next hidden state of GRUs, in torch's order of the gates; they have no cell."""
    (reset, stays, new), (own_reset, own_stays, own_new) = given.chunk(3, dim=2), recurrent.chunk(3, dim=2)
    new = (new + (reset + own_reset).sigmoid() * own_new).tanh()
    return torch.lerp(new, hidden, (stays + own_stays).sigmoid()), cell


class ParallelConvolution(nn.Module):
    """Convolutions over time, (networks, batch, time, inputs) to (networks, batch, time, 2·units).

    Args:
        cells: one ``Convolution`` per network, of equal shape.
    """

    def __init__(self, cells: Sequence[Convolution]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([cell.filter.weight.detach() for cell in cells]))
        self.bias = nn.Parameter(torch.stack([_bias(cell.filter) for cell in cells]))  # (networks, 2·units)

    def forward(self, x: Tensor) -> Tensor:
        """Filter every step together with the two steps on either side."""
        networks, batch, time, _ = x.shape
        joined = x.permute(1, 0, 3, 2).flatten(1, 2)  # (batch, networks·inputs, time)
        weights, biases = self.weight.flatten(0, 1), self.bias.flatten()
        filtered = nn.functional.conv1d(joined, weights, biases, padding=2, groups=networks)
        return filtered.view(batch, networks, -1, time).permute(1, 0, 3, 2)


def _bias(layer: nn.Conv1d) -> Tensor:
    assert layer.bias is not None
    return layer.bias.detach()


class ParallelDense(nn.Module):
    """Dense layers over the whole sequence, (networks, batch, time, inputs) to (networks, batch, time, 2·units).

    Args:
        cells: one ``Dense`` per network, of equal shape.
    """

    def __init__(self, cells: Sequence[Dense]) -> None:
        super().__init__()
        self.layer = StackedLinear([cell.layer for cell in cells])

    def forward(self, x: Tensor) -> Tensor:
        """Mix all steps at once; the layers do not use the order of the steps."""
        mixed: Tensor = self.layer(x.flatten(2))
        return mixed.view(*x.shape[:3], -1)


class ParallelTimeNorm(nn.Module):
    """Layer normalisation of (networks, batch, time, features) over time.

    Args:
        norms: one ``TimeNorm`` per network.
    """

    def __init__(self, norms: Sequence[TimeNorm]) -> None:
        super().__init__()
        self.norm = StackedLayerNorm([each.norm for each in norms])

    def forward(self, x: Tensor) -> Tensor:
        """Normalise every feature over time."""
        normed: Tensor = self.norm(x.transpose(2, 3))
        return normed.transpose(2, 3)


PARALLEL: dict[type[nn.Module], Callable[[Any], nn.Module]] = {
    Recurrent: ParallelRecurrent,
    Convolution: ParallelConvolution,
    Dense: ParallelDense,
    TimeNorm: ParallelTimeNorm,
    nn.LayerNorm: StackedLayerNorm,
    nn.Linear: StackedLinear,
    nn.Identity: lambda layers: nn.Identity(),
}


def in_parallel(layers: Sequence[nn.Module]) -> nn.Module:
    """Return one layer for those of all networks, which are of one class and shape."""
    return PARALLEL[type(layers[0])](layers)


def make_parallel_cell(networks: int, cell: str, inputs: int, units: int, time: int) -> nn.Module:
    """Return the cells named ``cell`` of several networks; the other arguments are those of ``make_cell``."""
    return in_parallel([make_cell(cell, inputs, units, time) for _ in range(networks)])


class ParallelBlock(nn.Module):
    """``ResidualBlock`` of several networks, (networks, batch, time, inputs) to (networks, batch, time, 2·units)."""

    def __init__(
        self, networks: int, inputs: int, units: int, time: int, *, cell: str, layers: int, norm: str, dropout: float
    ) -> None:
        super().__init__()
        widths = [inputs, *[2 * units] * (layers - 1)]
        self.cells = nn.ModuleList(make_parallel_cell(networks, cell, width, units, time) for width in widths)
        skips = [nn.Linear(inputs, 2 * units) if inputs != 2 * units else nn.Identity() for _ in range(networks)]
        self.skip = in_parallel(skips)
        self.norm = in_parallel([make_norm(norm, time, 2 * units) for _ in range(networks)])
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the layers plus the skipped input, normalised."""
        y = x
        for cell in self.cells:
            y = torch.relu(cell(y))  # (networks, batch, time, 2·units)
        return torch.relu(self.norm(self.dropout(y) + self.skip(x)))
