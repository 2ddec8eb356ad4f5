"""Choosing how the members of a run are computed together, by a trial with two members before tracking begins."""

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.errors import ConfigurationError, NotStackable
from remanence.models.member_step import MemberStep, taking
from remanence.models.member_wise import MemberWise
from remanence.models.network import Stackable
from remanence.models.stacked import FORMS, Form, broadcasts_itself, check_stackable, select, stack
from remanence.models.stacked_layers import NotBatchedError
from remanence.training.random_state import undisturbed
from remanence.training.stacked.members import ALL_TARGETS, Member

ROWS = 6
"""Number of rows of the first member in the trial.

The second member has one row less, because members with different row counts must not disturb each other.
"""
CLOSE = 1e-3
"""Largest difference that counts as rounding in float32, as a share of the largest value."""

Rows = NDArray[np.float64]


def member_arguments(model: Any, *, per_target: bool) -> dict[str, Any]:
    """Return the arguments that build a member like ``model``, for one target or for all targets."""
    return {**model.hparams, **({"n_targets": 1} if per_target else {})}


def builder(model: Any, arguments: Mapping[str, Any]) -> Callable[[], Stackable]:
    """Return a function that builds an untrained network like ``model``."""
    return lambda: type(model)(**arguments)


def untrained(build: Callable[[], Stackable], x: Rows, y: Rows, member: Member, dtype: torch.dtype) -> Any:
    """Return the untrained network of a member, with weights from its seed and scalers fitted to its rows.

    Args:
        build: function that makes one untrained network from torch's random state.
        x: inputs of all rows, shape (rows, features).
        y: targets of all rows, shape (rows, targets).
        member: member that the network belongs to.
        dtype: dtype of the network's weights.
    """
    torch.default_generator.manual_seed(member.seed)  # the CPU's alone: for GPUs, torch notes down the whole call stack
    network: Any = build()
    known = member.train if member.scaled_on is None else member.scaled_on
    if callable(prepare := getattr(network, "prepare", None)):
        prepare(x[known], y[known][:, _columns(member)])
    return network.to(dtype)


def how_to_stack(build: Callable[[], Stackable], x: Rows, y: Rows, members: Sequence[Member]) -> Form:
    """Return the fastest form in which stacked members compute what each of them computes alone.

    Two members take one step of training on a few of their rows, each alone and then stacked in each form. Predictions,
    losses, gradients, buffers and the optimizer's steps must agree. A class that itself states ``broadcasts = True``
    vouches for its forward: it is batched if it runs, and nothing is compared. Torch's random state is left as it was.

    Args:
        build: function that makes one untrained network from torch's random state.
        x: inputs of all rows, shape (rows, features).
        y: targets of all rows, shape (rows, targets).
        members: members of the run; the trial uses the first and the last.

    Raises:
        ConfigurationError: if a network cannot be trained.
        NotStackable: if a network can be trained alone but not in a stack.
    """
    with undisturbed(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a form that is only tried should not warn
        warnings.filterwarnings("error", message=".*performance drop.*")  # where vmap falls back to a loop
        return _Trial(build, x, y, [members[0], members[-1]]).form()


Tensors = dict[str, Tensor]


@dataclass
class _Step:
    """What a network computes in a validation and in one step of training."""

    outputs: Tensors
    gradients: Tensors
    buffers: Tensors

    @classmethod
    def of(cls, network: Any, x: Tensor, y: Tensor, weight: Tensor) -> Self:
        """Return what a network or a stack computes from rows with the given weights in the loss."""
        network.eval()
        with torch.no_grad():
            outputs = {"forward": network(x), "row_loss in evaluation mode": network.row_loss(x, y)}
        network.train()
        loss = network.row_loss(x, y)
        (loss * weight).sum().backward()
        gradients = {
            name: torch.zeros_like(value) if value.grad is None else value.grad
            for name, value in network.named_parameters()
        }
        return cls({**outputs, "row_loss": loss.detach()}, gradients, dict(network.named_buffers()))


class _Trial:
    """Trial of two members, with a few rows of each."""

    def __init__(self, build: Callable[[], Stackable], x: Rows, y: Rows, members: Sequence[Member]) -> None:
        self.seeds = [member.seed for member in members]
        width = min(ROWS, *(len(member.train) for member in members))
        self.rows = [width, max(1, width - 1)]
        chosen = [np.resize(member.train[:own], width) for member, own in zip(members, self.rows, strict=True)]
        self.x = torch.stack([torch.as_tensor(x[rows], dtype=torch.float32) for rows in chosen])
        self.y = torch.stack(
            [
                torch.as_tensor(y[rows][:, _columns(member)], dtype=torch.float32)
                for rows, member in zip(chosen, members, strict=True)
            ]
        )
        try:
            self.networks = [_uneven(untrained(build, x, y, member, torch.float32)) for member in members]
        except Exception as error:
            raise ConfigurationError(f"model: no member can be built from its hparams: {_line_of(error)}") from error
        self.name = type(self.networks[0]).__name__

    def form(self) -> Form:
        """Return the fastest form in which the stack computes what the members compute alone."""
        check_stackable(self.networks)
        try:
            optimizer = type(copy.deepcopy(self.networks[0]).configure_optimizers())
            if not issubclass(optimizer, torch.optim.Optimizer):
                told = f"configure_optimizers of {self.name} returns a {optimizer.__name__}"
                raise NotStackable(f"ensemble: {told}, and members take one Optimizer")
            if broadcasts_itself(self.networks[0]):
                self._step(stack(self.networks, "batched"))
                return "batched"
            alone = self._alone()
        except ConfigurationError:
            raise
        except Exception as error:
            raise ConfigurationError(f"model: {self.name} cannot take a step of training: {_line_of(error)}") from error
        problem = ""
        for form in FORMS:
            # under vmap, an index beyond the embedding table of one member would read the table of the next member
            if form == "vmap" and any(isinstance(layer, nn.Embedding) for layer in self.networks[0].modules()):
                continue
            if form == "batched" and not self._ignores_values():
                continue
            try:
                differing = self._differs(form, alone)
            except NotBatchedError:
                continue
            except Exception as error:
                problem = f"ensemble: {self.name} cannot be stacked: {_line_of(error)}"
                continue
            if differing is None:
                return form
            problem = (
                f"ensemble: stacked members of {self.name} do not compute what they compute alone ({differing}): keep "
                "what differs between them in weights and buffers, and take an optimizer of single values"
            )
        raise NotStackable(problem)

    def _alone(self) -> list[_Step]:
        """Return what each member computes alone."""
        steps = []
        for network, x, y, own, seed in zip(self.networks, self.x, self.y, self.rows, self.seeds, strict=True):
            torch.manual_seed(seed)
            step = _Step.of(copy.deepcopy(network), x[:own], y[:own], torch.full((own,), 1 / own))
            for name, axes in (("forward", 2), ("row_loss", 1)):
                shape = tuple(step.outputs[name].shape)
                if len(shape) != axes or shape[0] != own:
                    wanted = f"({own},)" if axes == 1 else f"({own}, targets)"
                    raise ConfigurationError(
                        f"model: {name} of {self.name} returns shape {shape} for {own} rows, not {wanted}"
                    )
            steps.append(step)
        return steps

    def _ignores_values(self) -> bool:
        """Return whether the network never branches on a value of a tensor.

        A batched stack would take one branch for all members. vmap refuses such a network, so a step under vmap tells.
        """
        traced = MemberWise(self.networks, "vmap")
        traced.randomness = "different"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._step(traced)
        except Exception:
            return False
        return True

    def _step(self, stacked: nn.Module) -> _Step:
        """Return what a stack of the members computes."""
        weight = torch.zeros(self.x.shape[:2])
        for number, own in enumerate(self.rows):
            weight[number, :own] = 1 / own
        generators = [torch.Generator().manual_seed(seed) for seed in self.seeds]
        with taking(MemberStep(self.x.shape[1], self.rows, generators)):
            return _Step.of(stacked, self.x, self.y, weight)

    def _differs(self, form: Form, alone: Sequence[_Step]) -> str | None:
        """Return the name of a result in which a stack differs from its members alone; None if there is none."""
        stacked = stack(self.networks, form)
        step = self._step(stacked)
        select(stacked, [1, 0])
        for name, output in step.outputs.items():
            for number, own in enumerate(self.rows):
                if not _close(output[number, :own], alone[number].outputs[name], CLOSE):
                    return name
        wanted = self._stacked([{**single.gradients, **single.buffers} for single in alone], form)
        largest = max((_size(wanted[name]) for name in step.gradients), default=0.0)
        for name, gradient in step.gradients.items():
            if not _close(gradient, wanted[name], CLOSE, size=largest):
                return f"the gradient of {name}"
        for name, buffer in step.buffers.items():
            if not _close(buffer, wanted[name], CLOSE):
                return f"buffer {name} after a step"
        return self._optimizes_otherwise(form, [single.gradients for single in alone], wanted)

    def _optimizes_otherwise(self, form: Form, alone: Sequence[Tensors], together: Tensors) -> str | None:
        """Return the optimizer's name if, from the same gradients, it steps a stack and its members differently.

        Return None if the steps agree.
        """
        networks = [copy.deepcopy(network).double() for network in self.networks]
        stacked = stack(networks, form)
        for network, gradients in zip([*networks, stacked], [*alone, together], strict=True):
            for name, parameter in network.named_parameters():
                parameter.grad = gradients[name].double() if parameter.requires_grad else None
            optimizer = network.configure_optimizers()
            for _ in range(2):
                optimizer.step()
        wanted = dict(stack(networks, form).named_parameters())
        if all(_close(value.detach(), wanted[name].detach(), 1e-9) for name, value in stacked.named_parameters()):
            return None
        return f"a step of {type(optimizer).__name__}"

    @torch.no_grad()
    def _stacked(self, values: Sequence[Tensors], form: Form) -> Tensors:
        """Return the members' tensors stacked: names and layout of one network go in, those of the stack come out."""
        copies = [copy.deepcopy(network) for network in self.networks]
        for network, own in zip(copies, values, strict=True):
            for name, tensor in _tensors(network).items():
                tensor.copy_(own[name])
        return {name: tensor.detach() for name, tensor in _tensors(stack(copies, form)).items()}


@torch.no_grad()
def _uneven(network: Any) -> Any:
    """Add noise to weights that begin as constants, and return the network.

    Weights of zero would hide differences in the layers that follow.
    """
    for weight in network.parameters():
        if weight.is_floating_point() and weight.numel() and (weight == weight.flatten()[0]).all():
            weight += 0.1 * torch.randn_like(weight)
    return network


def _tensors(network: nn.Module) -> Tensors:
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


def _close(value: Tensor, wanted: Tensor, share: float, *, size: float | None = None) -> bool:
    """Return whether two tensors agree to within ``share * size``; ``size`` defaults to the largest value wanted."""
    size = _size(wanted) if size is None else size
    return value.shape == wanted.shape and torch.allclose(
        value.double(), wanted.double(), rtol=0, atol=share * size + 1e-12, equal_nan=True
    )


def _size(value: Tensor) -> float:
    known = value[value.isfinite()]
    return float(known.abs().max()) if known.numel() else 0.0


def _columns(member: Member) -> slice | list[int]:
    return slice(None) if member.target == ALL_TARGETS else [member.target]


def _line_of(error: Exception) -> str:
    """Return the kind of an exception and its message in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
