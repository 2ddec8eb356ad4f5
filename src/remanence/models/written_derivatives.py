"""Activations and losses of dense networks with their derivatives, written out instead of left to autograd."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

_MINUS_ONE = torch.tensor(-1.0)
"""A tensor, as torch makes one of every number that it is given."""

aten: Any = torch.ops.aten


class Activation(NamedTuple):
    """An activation and its derivative; both write into given tensors."""

    forwards: Callable[[Tensor, Tensor], object]
    """Writes the activation of the first tensor into the second."""
    backwards: Callable[[Tensor, Tensor, Tensor], object]
    """Multiplies the first tensor, in place, by the derivative where the input is the second, the output the third."""


def _tanh(given: Tensor, made: Tensor) -> None:
    """Write tanh(x) = 2 / (1 + exp(-2 x)) - 1; torch's own tanh takes three times as long."""
    torch.add(given, given, out=made)
    torch.add(_MINUS_ONE.to(made.dtype), made.sigmoid_(), alpha=2, out=made)


ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.Tanh: Activation(_tanh, lambda d, given, made: aten.tanh_backward.grad_input(d, made, grad_input=d)),
    nn.Sigmoid: Activation(
        lambda given, made: torch.sigmoid(given, out=made),
        lambda d, given, made: aten.sigmoid_backward.grad_input(d, made, grad_input=d),
    ),
    nn.ReLU: Activation(
        lambda given, made: torch.clamp_min(given, 0.0, out=made),
        lambda d, given, made: aten.threshold_backward.grad_input(d, made, 0.0, grad_input=d),
    ),
    nn.GELU: Activation(
        lambda given, made: aten.gelu.out(given, out=made),
        lambda d, given, made: aten.gelu_backward.grad_input(d, given, grad_input=d),
    ),
    nn.SiLU: Activation(
        lambda given, made: aten.silu.out(given, out=made),
        lambda d, given, made: aten.silu_backward.grad_input(d, given, grad_input=d),
    ),
}
"""Class of an activation to what it computes."""


def _mse(error: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weighed squared errors of each member, (members,), and their slopes in the shape of ``error``."""
    slope = error * weight
    return (slope * error).sum(dim=(1, 2)), slope.add_(slope)


def _smooth_l1(error: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weighed smooth L1 losses of each member, (members,), and their slopes in the shape of ``error``."""
    bounded = error.clamp(-1.0, 1.0)
    slope = bounded * weight
    return (slope * error.sub_(bounded, alpha=0.5)).sum(dim=(1, 2)), slope


Loss = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Function of errors (members, rows, outputs) and weights of rows (members, rows, 1): losses, and their slopes."""

LOSSES: dict[type[nn.Module], Loss] = {nn.MSELoss: _mse, nn.SmoothL1Loss: _smooth_l1}
"""Class of a loss to what it computes."""
