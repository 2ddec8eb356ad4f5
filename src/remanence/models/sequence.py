"""Layers of a residual block, which map a sequence to a sequence of the same length."""

from torch import Tensor, nn


class Recurrent(nn.Module):
    """Bidirectional LSTM or GRU, (batch, time, inputs) to (batch, time, 2·units)."""

    def __init__(self, inputs: int, units: int, cell: str = "lstm") -> None:
        super().__init__()
        kind = nn.LSTM if cell == "lstm" else nn.GRU
        self.cell = kind(inputs, units, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return the states of both directions at every step."""
        states: Tensor = self.cell(x)[0]
        return states


class Convolution(nn.Module):
    """Convolution over time with a window of five steps, (batch, time, inputs) to (batch, time, 2·units)."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.filter = nn.Conv1d(inputs, 2 * units, kernel_size=5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        """Filter every step together with the two steps on either side."""
        filtered: Tensor = self.filter(x.transpose(1, 2))
        return filtered.transpose(1, 2)


class Dense(nn.Module):
    """One dense layer over the whole sequence, (batch, time, inputs) to (batch, time, 2·units)."""

    def __init__(self, inputs: int, units: int, time: int) -> None:
        super().__init__()
        self.time = time
        self.layer = nn.Linear(time * inputs, time * 2 * units)

    def forward(self, x: Tensor) -> Tensor:
        """Mix all steps at once; the layer does not use the order of the steps."""
        mixed: Tensor = self.layer(x.flatten(1))
        return mixed.reshape(len(x), self.time, -1)


CELLS = ("lstm", "gru", "tcn", "mlp")


def make_cell(cell: str, inputs: int, units: int, time: int) -> nn.Module:
    """Return the layer named ``cell``, (batch, time, inputs) to (batch, time, 2·units).

    Args:
        cell: kind of the layer: ``lstm``, ``gru``, ``tcn`` (temporal convolution) or ``mlp``.
        inputs: number of features of a step.
        units: number of units per direction.
        time: length of the sequence; only ``mlp`` depends on it.
    """
    match cell:
        case "lstm" | "gru":
            return Recurrent(inputs, units, cell)
        case "tcn":
            return Convolution(inputs, units)
        case "mlp":
            return Dense(inputs, units, time)
        case _:
            raise ValueError(f"Expected argument `cell` to be one of {', '.join(CELLS)}, but got {cell!r}.")
