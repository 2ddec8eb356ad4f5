"""z-scores as part of the network, so that a saved model takes and gives physical units."""

import torch
from torch import Tensor, nn


class Standardizer(nn.Module):
    """``z = (value - mean) / scale`` per column; ``mean`` and ``scale`` are learnt by ``fit`` and saved as buffers."""

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
        # rounding of the mean gives equal values a deviation of their own, and a row beside them a z-score of 1e8
        varies = values.amax(dim=0) > values.amin(dim=0)
        self.scale.copy_(torch.where(varies, deviation, torch.ones_like(deviation)))

    def forward(self, values: Tensor) -> Tensor:
        """Physical units to z-scores."""
        return (values - self.mean) / self.scale

    def inverse(self, z: Tensor) -> Tensor:
        """z-scores to physical units."""
        return z * self.scale + self.mean
