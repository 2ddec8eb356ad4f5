"""Stacking several networks of one shape into one network with a leading member axis."""

import copy
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase

from remanence.errors import NotStackable
from remanence.models.member_wise import MemberWise, check_alike, with_tensors
from remanence.models.stacked_layers import NotBatchedError, StackedLinear, stack_layers

__all__ = [
    "FORMS",
    "Form",
    "StackedLinear",
    "broadcasts_itself",
    "check_stackable",
    "form_of",
    "select",
    "stack",
    "unstack",
]

M = TypeVar("M", bound=nn.Module)

Form = Literal["batched", "vmap", "loop"]
FORMS: tuple[Form, ...] = ("batched", "vmap", "loop")
"""Forms in which members are computed together, the fastest first.

``batched`` computes every layer for all members at once. ``vmap`` traces the unchanged network once for all
members. ``loop`` calls the unchanged network for one member after the other.
"""


def stack(modules: Sequence[nn.Module], form: Form | None = None) -> Any:
    """Return one network that computes all ``modules`` at once, with a leading member axis in every tensor.

    The batched form is a copy of the first module. Each ``nn.Linear``, ``LayerNorm``, ``Embedding`` and ``Dropout`` in
    it is replaced by one layer for all members. A class with the method ``stacked(modules)`` provides its own
    replacement. Modules with the attribute ``broadcasts`` keep their forward and get weights and buffers of shape
    (members, 1, …); modules without weights are kept. The forward of the whole network must accept leading axes. Any
    other network needs ``MemberWise``, which leaves the network unchanged. Weights that layers share stay shared.

    Args:
        modules: one network per member, of equal structure, at least one.
        form: one of ``FORMS``; None takes ``batched`` if every layer has a batched form, and ``loop`` otherwise.

    Raises:
        NotStackable: for networks of different structure, and for layers with batch statistics.
        NotBatchedError: for a layer that has no batched form, if ``form`` is ``batched``.
    """
    check_stackable(modules)
    if form in ("vmap", "loop"):
        return MemberWise(modules, form)
    try:
        return _Batch(modules).whole
    except NotBatchedError:
        if form == "batched":
            raise
        return MemberWise(modules, "loop")


def form_of(stacked: nn.Module) -> Form:
    """Return the form of a stack."""
    return stacked.form if isinstance(stacked, MemberWise) else "batched"


def select(stacked: M, members: Sequence[int]) -> M:
    """Return a copy of a stacked module with some of its members, in the given order."""
    chosen = list(members)
    return with_tensors(stacked, lambda value: value[chosen])  # type: ignore[no-any-return]


@torch.no_grad()
def unstack(stacked: nn.Module, number: int, network: nn.Module) -> None:
    """Give a network the weights and buffers of one member of a batched stack of such networks."""
    for place, module in network.named_modules():
        own = stacked.get_submodule(place)
        for name, value in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            given = getattr(own, name)[number]
            if isinstance(own, StackedLinear) and name == "weight":
                given = given.T
            value.copy_(given.reshape(value.shape))


class _Batch:
    """Builds the batched form of some modules, as ``whole``."""

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self.layers: dict[int, nn.Module] = {}  # by the id of the first member's layer
        self.tensors: dict[int, tuple[type[nn.Module], str, nn.Parameter | None]] = {}
        self.whole = self._layer(modules, copy.deepcopy(modules[0]), is_whole=True)

    def _layer(self, modules: Sequence[nn.Module], copied: nn.Module, *, is_whole: bool = False) -> nn.Module:
        """Return one module for the members' modules at one place; for a container, ``copied`` with replaced parts."""
        first = modules[0]
        if id(first) not in self.layers:
            own = getattr(type(first), "stacked", None)
            made = own(modules) if own is not None else stack_layers(modules)
            if made is None:
                made = self._container(modules, copied, is_whole=is_whole)
            self.layers[id(first)] = made
            self._share(first, made)
        return self.layers[id(first)]

    def _container(self, modules: Sequence[nn.Module], copied: nn.Module, *, is_whole: bool) -> nn.Module:
        first = modules[0]
        # a network's class vouches for its own forward only, not for the forward of a class derived from it
        broadcasts = broadcasts_itself(first) if is_whole else getattr(first, "broadcasts", False)
        weights, buffers = list(first.named_parameters(recurse=False)), list(first.named_buffers(recurse=False))
        if (weights or (buffers and not is_whole)) and not broadcasts:
            raise NotBatchedError(f"{type(first).__name__} has no batched form")
        for name, part in list(copied._modules.items()):
            if part is not None:
                parts: Any = [module._modules[name] for module in modules]
                setattr(copied, name, self._layer(parts, part))
        for name, weight in weights:
            values = torch.stack([module.get_parameter(name).detach() for module in modules])[:, None]
            setattr(copied, name, nn.Parameter(values, requires_grad=weight.requires_grad))
        for name, _ in buffers:
            copied.register_buffer(name, torch.stack([module.get_buffer(name) for module in modules])[:, None])
        return copied

    def _share(self, first: nn.Module, made: nn.Module) -> None:
        """Let a stacked layer share weights with an earlier stacked layer if the layers of a member share them."""
        for name, weight in first.named_parameters(recurse=False):
            new = made._parameters.get(name)
            if new is not None:
                new.requires_grad_(weight.requires_grad)
            if id(weight) not in self.tensors:
                self.tensors[id(weight)] = (type(made), name, new)
                continue
            kind, known, before = self.tensors[id(weight)]
            if before is None or new is None or (kind, known, before.shape) != (type(made), name, new.shape):
                raise NotBatchedError(f"{type(first).__name__} shares its {name} with a layer of another kind")
            setattr(made, name, before)


def broadcasts_itself(network: nn.Module) -> bool:
    """Return whether the class of a network itself, not only a base class, states ``broadcasts = True``."""
    return bool(vars(type(network)).get("broadcasts"))


def check_stackable(modules: Sequence[nn.Module]) -> None:
    """Raise NotStackable for networks of different structure, and for layers with batch statistics."""
    check_alike(modules)
    network = modules[0]
    for name, layer in network.named_modules():
        if isinstance(layer, _BatchNorm) or (isinstance(layer, _NormBase) and layer.track_running_stats):
            raise NotStackable(
                f"ensemble: {name or 'the network'} of {type(network).__name__} is a {type(layer).__name__}: members "
                "have no statistics of a batch in common; take LayerNorm in its place"
            )
