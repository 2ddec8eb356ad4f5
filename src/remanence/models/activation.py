"""Activations and losses by the names that configurations give them."""

import torch
from torch import Tensor, nn


class Arctanh(nn.Module):
    """Inverse of tanh, for latents or outputs that should be unbounded near ±1."""

    def forward(self, x: Tensor) -> Tensor:
        """Return artanh(x); values beyond ±1 are clamped to just inside, where the slope is still finite."""
        limit = 1 - 1e-4
        return torch.atanh(x.clamp(-limit, limit))


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "linear": nn.Identity,
    "arctanh": Arctanh,
}
