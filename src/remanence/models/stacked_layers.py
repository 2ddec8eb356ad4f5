"""Layers of several members as one layer with a leading member axis, whose matrix products run as one batch."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from remanence.models.member_step import current_step


class NotBatchedError(TypeError):
    """A layer has no batched form with a leading member axis."""


class StackedLinear(nn.Module):
    """``nn.Linear`` of several members at once.

    Args:
        layers: one ``nn.Linear`` per member, of equal shape.
    """

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().T for layer in layers]))  # (members, in, out)
        if layers[0].bias is None:
            self.register_parameter("bias", None)
        else:
            self.bias = nn.Parameter(torch.stack([layer.bias.detach()[None] for layer in layers]))  # (members, 1, out)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (members, batch, in) to (members, batch, out); axes between batch and in are kept."""
        rows = x.flatten(1, -2) if x.ndim > 3 else x  # (members, batch, in)
        mapped = torch.bmm(rows, self.weight) if self.bias is None else torch.baddbmm(self.bias, rows, self.weight)
        return mapped.view(*x.shape[:-1], -1) if x.ndim > 3 else mapped


class StackedLayerNorm(nn.Module):
    """``nn.LayerNorm`` of several members at once.

    Args:
        layers: one ``nn.LayerNorm`` per member, of equal shape.
    """

    weight: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(self, layers: Sequence[nn.LayerNorm]) -> None:
        super().__init__()
        self.shape, self.eps = layers[0].normalized_shape, layers[0].eps
        for name in ("weight", "bias"):  # (members, *shape) each, or None
            own = [layer.get_parameter(name).detach() for layer in layers if getattr(layer, name) is not None]
            self.register_parameter(name, nn.Parameter(torch.stack(own)) if own else None)

    def forward(self, x: Tensor) -> Tensor:
        """Normalize x (members, batch, …, *shape)."""
        normal = nn.functional.layer_norm(x, self.shape, eps=self.eps)
        aligned = (len(x), *(1,) * (x.ndim - 1 - len(self.shape)), *self.shape)
        if self.weight is not None:
            normal = normal * self.weight.view(aligned)
        return normal if self.bias is None else normal + self.bias.view(aligned)


class StackedEmbedding(nn.Module):
    """``nn.Embedding`` of several members at once.

    Args:
        layers: one ``nn.Embedding`` per member, of equal shape.
    """

    def __init__(self, layers: Sequence[nn.Embedding]) -> None:
        super().__init__()
        first = layers[0]
        if first.padding_idx is not None or first.max_norm is not None or first.scale_grad_by_freq or first.sparse:
            raise NotBatchedError("an Embedding that treats its rows or their gradients in a way of its own")
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))  # (members, number, width)

    def forward(self, index: Tensor) -> Tensor:
        """Return the vectors (members, batch, …, width) of index (members, batch, …)."""
        if index.numel() and index.min() < 0:  # an index that is too large is an error anyway
            raise IndexError("index out of range in self")
        member = torch.arange(len(self.weight), device=index.device).view(-1, *[1] * (index.ndim - 1))
        return self.weight[member, index]


class StackedDropout(nn.Module):
    """``nn.Dropout`` of several members; each member drops the same values as if it were trained alone.

    Args:
        layers: one ``nn.Dropout`` per member, with equal shares.
    """

    def __init__(self, layers: Sequence[nn.Dropout]) -> None:
        super().__init__()
        self.p = layers[0].p

    def forward(self, x: Tensor) -> Tensor:
        """Drop a share ``p`` of x (members, batch, …) while training."""
        step = current_step()
        if not self.training or not 0 < self.p < 1 or step is None:
            return nn.functional.dropout(x, self.p, self.training)
        kept = torch.ones(x.shape, dtype=x.dtype, device=x.device)
        step.fill(kept, lambda part, generator: part.bernoulli_(1 - self.p, generator=generator))
        return x * kept.div_(1 - self.p)


def stack_layers(layers: Sequence[nn.Module]) -> nn.Module | None:
    """Return one layer for all members' layers of one class, or None for a class without a stacked form.

    Raises:
        NotBatchedError: for a setting that the stacked form does not support.
    """
    kind = type(layers[0])  # exactly this class: a subclass may have another forward
    if kind is nn.Linear:
        return StackedLinear(cast(Sequence[nn.Linear], layers))
    if kind is nn.LayerNorm:
        return StackedLayerNorm(cast(Sequence[nn.LayerNorm], layers))
    if kind is nn.Embedding:
        return StackedEmbedding(cast(Sequence[nn.Embedding], layers))
    if kind is nn.Dropout:
        return StackedDropout(cast(Sequence[nn.Dropout], layers))
    return None
