"""Joining the stacks of several trainings into one network, whose members may differ in activation, loss or dropout.

A stack computes the members of one training at once. The stacks of trainings whose weights have the same shapes are
joined in the same way: a weight of the joined network holds the members of all stacks, one after the other. A layer
that differs between trainings, such as an activation, is computed training by training.
"""

import copy
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from remanence.models.member_step import current_step, taking


class Span(NamedTuple):
    """Some members of a joined network: those from ``begin`` to ``end``."""

    begin: int
    end: int

    def is_in(self, other: "Span") -> bool:
        """Return whether all these members are among others."""
        return other.begin <= self.begin and self.end <= other.end

    def within(self, other: "Span") -> "Span":
        """Return where these members are among others."""
        return Span(self.begin - other.begin, self.end - other.begin)

    def of(self, value: Tensor) -> Tensor:
        """Return these members in a tensor whose first axis is the members."""
        return value[self.begin : self.end]


class Sliced(nn.Module):
    """Layers that differ, each of which computes members of its own.

    Args:
        layers: layers, in the order of their members.
        counts: number of members of each layer.
    """

    def __init__(self, layers: Sequence[nn.Module], counts: Sequence[int]) -> None:
        super().__init__()
        self.layers, self.spans = nn.ModuleList(layers), spans_of(counts)

    def forward(self, *values: Tensor) -> Tensor:
        """Return what each layer makes of its members of ``values``, (members, …) each."""
        return self._each("__call__", values)

    def __getattr__(self, name: str) -> Any:
        """Return a method of the layers, such as the loss of a scale, as one that each calls with its own members."""
        if name.startswith("_") or name in self._modules or not callable(getattr(type(self.layers[0]), name, None)):
            return super().__getattr__(name)
        return lambda *values: self._each(name, values)

    def _each(self, method: str, values: Sequence[Tensor]) -> Tensor:
        step, made = current_step(), []
        for layer, span in zip(self.layers, self.spans, strict=True):
            with taking(step and step.of(*span)):
                made.append(getattr(layer, method)(*map(span.of, values)))
        return torch.cat(made)


def spans_of(counts: Sequence[int]) -> list[Span]:
    """Return the members of each of several stacks in their joined network.

    >>> spans_of([2, 3])
    [Span(begin=0, end=2), Span(begin=2, end=5)]
    """
    ends = torch.tensor(counts).cumsum(0).tolist()
    return [Span(end - count, end) for count, end in zip(counts, ends, strict=True)]


def join(stacks: Sequence[nn.Module]) -> Any:
    """Return one network that computes the members of all stacks, in their order.

    From then on, weights, buffers and gradients of the stacks are views of those of the joined network: a step of an
    optimizer of a stack, or a checkpoint of it, needs no copy. The stacks themselves should not be called.

    Args:
        stacks: batched stacks for which ``joinable`` returns the same value.
    """
    if len(stacks) == 1:
        return stacks[0]
    counts = [len(next(stack.parameters())) for stack in stacks]
    joined = _merged(stacks, counts)
    for name, span, whole in tensors(joined, Span(0, sum(counts))):
        if isinstance(whole, nn.Parameter) and whole.requires_grad:
            whole.grad = torch.zeros_like(whole)
        for stack, place in zip(stacks, spans_of(counts), strict=True):
            if place.is_in(span):
                _let_see(stack, name, whole, place.within(span))
    return joined


def tensors(network: nn.Module, span: Span, prefix: str = "") -> Iterator[tuple[str, Span, Tensor]]:
    """Yield the weights and buffers of a joined network: the name in each of its stacks, its members, and the tensor.

    Args:
        network: joined network, or a part of it.
        span: members that ``network`` computes.
        prefix: name of ``network`` in the stacks, with a dot at its end.
    """
    if isinstance(network, Sliced):
        for layer, own in zip(network.layers, network.spans, strict=True):
            yield from tensors(layer, Span(span.begin + own.begin, span.begin + own.end), prefix)
        return
    for name, tensor in [*network.named_parameters(recurse=False), *network.named_buffers(recurse=False)]:
        yield prefix + name, span, tensor
    for name, child in network.named_children():
        yield from tensors(child, span, f"{prefix}{name}.")


def joinable(stack: nn.Module) -> tuple[object, ...]:
    """Return what stacks must have in common to be joined.

    That is the names and shapes of one member's weights and buffers, which of them are trained, and the stage of a
    network that is trained in stages.
    """
    trained = tuple(weight.requires_grad for weight in stack.parameters())
    stage = tuple((key, value) for key, value in vars(stack).items() if isinstance(value, bool) and key != "training")
    own = [*stack.named_parameters(remove_duplicate=False), *stack.named_buffers(remove_duplicate=False)]
    return type(stack), trained, stage, *((name, *value.shape[1:], value.dtype) for name, value in own)


def _merged(modules: Sequence[nn.Module], counts: Sequence[int]) -> nn.Module:
    """Return one module for modules at the same place of several stacks, whose own settings are the same."""
    first = modules[0]
    kept = {id(part): part for part in first._modules.values() if part is not None}
    whole = copy.deepcopy(first, dict(kept))  # parts are merged below, and are not copied before
    for name, weight in first.named_parameters(recurse=False):
        values = torch.cat([module.get_parameter(name).detach() for module in modules])
        setattr(whole, name, nn.Parameter(values, requires_grad=weight.requires_grad))
    for name, _ in first.named_buffers(recurse=False):
        setattr(whole, name, torch.cat([module.get_buffer(name) for module in modules]))
    for name, part in first._modules.items():
        if part is not None:
            setattr(whole, name, _joined([module.get_submodule(name) for module in modules], counts))
    return whole


def _joined(modules: Sequence[nn.Module], counts: Sequence[int]) -> nn.Module:
    """Return one module for modules at the same place; those that differ from their neighbours stay apart."""
    layers, sizes, begin = [], [], 0
    for _, run in groupby(modules, key=_settings):
        end = begin + len(list(run))
        layers.append(_merged(modules[begin:end], counts[begin:end]))
        sizes.append(sum(counts[begin:end]))
        begin = end
    return layers[0] if len(layers) == 1 else Sliced(layers, sizes)


def _settings(module: nn.Module) -> tuple[object, ...]:
    """Return what makes a layer compute otherwise than another one: its class, its parts and its plain attributes."""
    own = {key: value for key, value in vars(module).items() if not key.startswith("_") and key != "training"}
    parts = [(name, None if part is None else type(part).__name__) for name, part in module._modules.items()]
    if not isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict):
        return type(module), tuple(own.items()), tuple(parts)
    return type(module), tuple(name for name, _ in parts)  # parts of a container are compared one by one


def _let_see(stack: nn.Module, name: str, whole: Tensor, span: Span) -> None:
    """Let a weight or a buffer of a stack be a view of some members of ``whole``, and its gradient likewise."""
    place, _, own = name.rpartition(".")
    module = stack.get_submodule(place)
    if isinstance(whole, nn.Parameter):
        weight = module.get_parameter(own)
        weight.data = span.of(whole.data)
        weight.grad = None if whole.grad is None else span.of(whole.grad)
    else:
        setattr(module, own, span.of(whole))
