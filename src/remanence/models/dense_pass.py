"""The passes of stacked dense networks written out: a few operations a layer, without autograd.

The networks of a table are so small that autograd, modules and new tensors take longer than the arithmetic. Here, a
pass forwards and a pass backwards write into tensors that are there already.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn

from remanence.models.joined import Sliced, Span
from remanence.models.piecewise import PiecewiseLinear
from remanence.models.stacked import form_of
from remanence.models.stacked_layers import StackedLinear
from remanence.models.standardizer import Standardizer
from remanence.models.written_derivatives import ACTIVATIONS, LOSSES, Activation, Loss

VECTOR = 64
"""Tensors are computed in multiples of so many values: those beyond a whole vector of the processor would be rounded
otherwise, and a member must not depend on how many others there are."""


def padded(number: int) -> int:
    """Return the least multiple of ``VECTOR`` that is not below a number of values.

    >>> padded(1), padded(64), padded(65)
    (64, 64, 128)
    """
    return -(-number // VECTOR) * VECTOR


class _Layer(NamedTuple):
    """One dense layer of all members; weight and gradient (members, in, out), bias and gradient (members, 1, out)."""

    weight: Tensor
    bias: Tensor
    gradient: Tensor
    bias_gradient: Tensor

    @classmethod
    def of(cls, layer: StackedLinear) -> Self:
        for one in layer.parameters():
            if one.grad is None:
                one.grad = torch.zeros_like(one)
        return cls(layer.weight.data, layer.bias.data, layer.weight.grad, layer.bias.grad)  # type: ignore[arg-type]

    @property
    def is_narrow(self) -> bool:
        """Whether there is one output: for such products, torch takes eight times as long as sums of products do."""
        return self.weight.shape[-1] == 1


class _Workspace:
    """The tensors that a pass over so many rows of each member writes into.

    Args:
        layers: layers of the network.
        kinds: activation after each hidden layer, with the members that it is for.
        rows: number of rows of each member.
    """

    def __init__(
        self, layers: Sequence[_Layer], kinds: Sequence[Sequence[tuple[Span | None, Activation]]], rows: int
    ) -> None:
        self.inputs: list[Tensor] = []
        """What each activation is given, (members, rows, units)."""
        self.outputs: list[Tensor] = []
        """What each activation makes of it."""
        self.slopes: list[Tensor] = []
        """Derivative of the losses by what each activation is given."""
        self.parts: list[list[tuple[Activation, Tensor, Tensor, Tensor]]] = []
        """For each hidden layer, its activations and what each reads and writes."""
        self.products = [
            layer.weight.new_empty(len(layer.weight), rows, layer.weight.shape[1]) if layer.is_narrow else None
            for layer in layers
        ]
        for layer, own in zip(layers, kinds, strict=False):
            shape = (len(layer.weight), rows, layer.weight.shape[2])
            number = math.prod(shape)
            flat = [layer.weight.new_zeros(padded(number)) for _ in range(3)]
            inputs, outputs, slopes = (one[:number].view(shape) for one in flat)
            self.inputs.append(inputs)
            self.outputs.append(outputs)
            self.slopes.append(slopes)
            parts: list[tuple[Activation, Tensor, Tensor, Tensor]] = []
            for span, kind in own:
                read = flat if span is None else [span.of(one) for one in (inputs, outputs, slopes)]
                parts.append((kind, read[0], read[1], read[2]))
            self.parts.append(parts)
        last = layers[-1].weight
        self.output = last.new_empty(len(last), rows, last.shape[2])


class DensePass:
    """Losses and gradients of stacked dense networks, as autograd computes them but for rounding.

    The network is exactly z-scores or encoded inputs, dense layers, activations and a loss, see ``takes_dense_pass``.
    The weights are read where they are and the gradients are written into those of the weights: from then on, no other
    tensors may be put in their places.

    Args:
        network: stack, or joined network.
        layers: dense layers, in their order.
        kinds: activation after each hidden layer, with the members that it is for; None for all.
        losses: losses, with their members.
    """

    def __init__(
        self,
        network: Any,
        layers: Sequence[_Layer],
        kinds: Sequence[Sequence[tuple[Span | None, Activation]]],
        losses: Sequence[tuple[Span | None, Loss]],
    ) -> None:
        self.network, self.layers, self.kinds, self.losses = network, layers, kinds, losses
        self.workspaces: dict[int, _Workspace] = {}

    @classmethod
    def of(cls, network: Any) -> Self:
        """Return the passes of a stack that ``takes_dense_pass``."""
        parts = list(network.network)
        layers = [_Layer.of(layer) for layer in parts[::2]]
        kinds = [_by_members(activation, ACTIVATIONS) for activation in parts[1::2]]
        return cls(network, layers, kinds, _by_members(network.criterion, LOSSES))

    @torch.no_grad()
    def scaled(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the layers are given of x (members, rows, features), and the z-scores of y, likewise."""
        return self.network.input_scaler(x).contiguous(), self.network.target_scaler(y).contiguous()

    def gradients(self, x: Tensor, y: Tensor, weight: Tensor) -> Tensor:
        """Write the gradients of the loss of each member, and return the losses, (members,).

        Args:
            x: scaled inputs, (members, rows, inputs).
            y: scaled targets, (members, rows, outputs).
            weight: weight of each row in the loss, (members, rows, 1), divided by the number of outputs.
        """
        loss, slope = self.loss(self.outputs(x), y, weight)
        space = self._workspace(x)
        for number in reversed(range(len(self.layers))):
            layer, given = self.layers[number], space.outputs[number - 1] if number else x
            if layer.is_narrow:
                product = torch.mul(given, slope, out=space.products[number])
                torch.sum(product, 1, keepdim=True, out=layer.gradient.mT)
            else:
                torch.bmm(given.mT, slope, out=layer.gradient)
            torch.sum(slope, 1, keepdim=True, out=layer.bias_gradient)
            if number:
                multiply = torch.mul if layer.is_narrow else torch.bmm
                slope = multiply(slope, layer.weight.mT, out=space.slopes[number - 1])
                for kind, before, after, slopes in space.parts[number - 1]:
                    kind.backwards(slopes, before, after)
        return loss

    def outputs(self, x: Tensor) -> Tensor:
        """Return the z-scores of the targets, (members, rows, outputs), until the next pass writes over them."""
        space, made = self._workspace(x), x
        for number, layer in enumerate(self.layers[:-1]):
            torch.baddbmm(layer.bias, made, layer.weight, out=space.inputs[number])
            for kind, given, written, _ in space.parts[number]:
                kind.forwards(given, written)
            made = space.outputs[number]
        layer = self.layers[-1]
        if not layer.is_narrow:
            return torch.baddbmm(layer.bias, made, layer.weight, out=space.output)
        product = torch.mul(made, layer.weight.mT, out=space.products[-1])
        return torch.sum(product, 2, keepdim=True, out=space.output).add_(layer.bias)

    def loss(self, z: Tensor, y: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Return the losses of all members, (members,), and their slopes by the outputs z (members, rows, outputs).

        The other arguments are those of ``gradients``.
        """
        error = z - y
        if len(self.losses) == 1:
            return self.losses[0][1](error, weight)
        made = [loss(span.of(error), span.of(weight)) for span, loss in self.losses if span is not None]
        return torch.cat([loss for loss, _ in made]), torch.cat([slope for _, slope in made])

    def _workspace(self, x: Tensor) -> _Workspace:
        rows = x.shape[1]
        if rows not in self.workspaces:
            self.workspaces[rows] = _Workspace(self.layers, self.kinds, rows)
        return self.workspaces[rows]


def takes_dense_pass(network: Any) -> bool:
    """Return whether a stack is exactly what ``DensePass`` computes.

    The class states ``is_dense = True`` if its loss of a row is the mean of ``criterion`` over the outputs of
    ``network``, given the inputs that ``input_scaler`` scales, and the targets that ``target_scaler`` scales.
    """
    # a network's class vouches for its own forward only, not for the forward of a class derived from it
    if not vars(type(network)).get("is_dense") or form_of(network) != "batched":
        return False
    if not all(weight.is_cpu and weight.requires_grad for weight in network.parameters()):
        return False
    if any(part._forward_hooks or part._forward_pre_hooks or part._backward_hooks for part in network.modules()):
        return False
    if type(network.input_scaler) not in (Standardizer, PiecewiseLinear):
        return False
    parts = list(network.network)
    return (
        type(network.target_scaler) is Standardizer
        and all(type(layer) is StackedLinear and layer.bias is not None for layer in parts[::2])
        and all(_consists_of(one, ACTIVATIONS) for one in parts[1::2])
        and _consists_of(network.criterion, LOSSES)
    )


def _consists_of(module: nn.Module, known: Any) -> bool:
    parts = list(module.layers) if isinstance(module, Sliced) else [module]
    return all(type(one) in known and getattr(one, "beta", 1.0) == 1.0 for one in parts)


def _by_members(module: nn.Module, known: Any) -> Any:
    """Return what is known for a module, with None for all members; for a divided one, what is for which of them."""
    if not isinstance(module, Sliced):
        return [(None, known[type(module)])]
    return [(span, known[type(one)]) for span, one in zip(module.spans, module.layers, strict=True)]
