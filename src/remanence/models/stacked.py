"""Many networks of one shape as one network with a leading member axis: their matrix products run as one batch."""

import copy
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


class StackedLinear(nn.Module):
    """``nn.Linear`` of several members at once.

    Args:
        layers: one ``nn.Linear`` per member, of equal shape.
    """

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().T for layer in layers]))  # (members, in, out)
        self.bias = nn.Parameter(torch.stack([layer.bias.detach()[None] for layer in layers]))  # (members, 1, out)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (members, batch, in) to (members, batch, out)."""
        return torch.baddbmm(self.bias, x, self.weight)


def stack(modules: Sequence[M]) -> M:
    """Return one module that computes all ``modules`` at once.

    The result is a copy of the first module in which every ``nn.Linear`` became a ``StackedLinear``. Modules with the
    attribute ``broadcasts`` keep their forward and get buffers with a leading member axis, shape (members, 1, …);
    modules without weights are kept. The forward of the whole must not care about leading axes.

    Args:
        modules: of equal structure, at least one.

    Raises:
        TypeError: for a kind of layer that cannot be stacked.
    """
    first = copy.deepcopy(modules[0])
    for name, _ in list(first.named_children()):
        setattr(first, name, _stack_child([getattr(module, name) for module in modules]))
    for name, buffer in list(first.named_buffers(recurse=False)):
        first.register_buffer(name, torch.stack([module.get_buffer(name) for module in modules])[:, None])
        del buffer
    return first


def _stack_child(children: Sequence[nn.Module]) -> nn.Module:
    child = children[0]
    if isinstance(child, nn.Linear):
        return StackedLinear([layer for layer in children if isinstance(layer, nn.Linear)])
    own = [*child.parameters(recurse=False), *child.buffers(recurse=False)]
    if own and not getattr(child, "broadcasts", False):
        raise TypeError(f"Expected layers that can be stacked, but got {type(child).__name__}.")
    return stack(children)


def select(stacked: M, members: Sequence[int]) -> M:
    """Return a copy of a stacked module with some of its members, in the given order."""
    chosen = copy.deepcopy(stacked)
    for module in chosen.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            setattr(
                module, name, nn.Parameter(parameter.detach()[list(members)], requires_grad=parameter.requires_grad)
            )
        for name, buffer in list(module.named_buffers(recurse=False)):
            module.register_buffer(name, buffer[list(members)])
    return chosen
