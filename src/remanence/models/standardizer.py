"""z-scores as part of the network, so that a saved model takes and returns physical units."""

import torch
from torch import Tensor, nn


class Standardizer(nn.Module):
    """``z = (value - mean) / scale`` per column; ``fit`` learns ``mean`` and ``scale``, which are saved as buffers."""

    mean: Tensor
    scale: Tensor

    broadcasts = True

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    @torch.no_grad()
    def fit(self, values: Tensor) -> None:
        """Learn mean and standard deviation of ``values``, shape (rows, width); a constant column scales to 0."""
        deviation = values.std(dim=0, unbiased=False)
        self.mean.copy_(values.mean(dim=0))
        # the mean of equal values is rounded, which gives them a tiny deviation and another value a z-score of 1e8
        varies = (values != values[:1]).any(dim=0)
        self.scale.copy_(torch.where(varies, deviation, torch.ones_like(deviation)))

    def forward(self, values: Tensor) -> Tensor:
        """Return the z-scores of values in physical units."""
        return (values - self.mean) / self.scale

    def inverse(self, z: Tensor) -> Tensor:
        """Return the values in physical units of z-scores."""
        return z * self.scale + self.mean


class AsinhStandardizer(Standardizer):
    """``z = (arsinh(value / unit) - mean) / scale``: linear near 0, logarithmic far from it, for values of any sign.

    ``unit`` is the median of the absolute values. ``inverse`` clamps to the range of the fitted values, because a small
    error of the logarithm is a large factor of the value.
    """

    unit: Tensor
    low: Tensor
    high: Tensor

    def __init__(self, width: int) -> None:
        super().__init__(width)
        for name, value in (("unit", 1.0), ("low", -torch.inf), ("high", torch.inf)):
            self.register_buffer(name, torch.full((width,), value))

    @torch.no_grad()
    def fit(self, values: Tensor) -> None:
        """Learn unit, range, mean and standard deviation of ``values``, shape (rows, width)."""
        median = values.abs().median(dim=0).values
        self.unit.copy_(torch.where(median > 0, median, torch.ones_like(median)))
        self.low.copy_(values.amin(dim=0))
        self.high.copy_(values.amax(dim=0))
        super().fit(self._arsinh(values))

    def forward(self, values: Tensor) -> Tensor:
        """Return the z-scores of values in physical units."""
        return super().forward(self._arsinh(values))

    def _arsinh(self, values: Tensor) -> Tensor:
        most = torch.finfo(values.dtype).max  # a huge value over a small unit would be infinite
        return torch.asinh((values / self.unit).clamp(-most, most))

    def inverse(self, z: Tensor) -> Tensor:
        """Return the values in physical units of z-scores."""
        largest = 80.0  # float32 can still represent its hyperbolic sine
        values = torch.sinh(super().inverse(z).clamp(-largest, largest)) * self.unit
        return values.clamp(self.low, self.high)
