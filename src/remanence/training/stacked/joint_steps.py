"""One step of an optimizer for several trainings, each with a learning rate and a weight decay of its own.

The steps of the optimizers below are proportional to the learning rate. So one optimizer with the learning rate 1 moves
zeros, and what it has moved them by, times the rate of each member, is added to the weights.
"""

import inspect
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

from remanence.models.joined import Span, spans_of, tensors
from remanence.training.stacked.course import Course

FUSED = (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD, torch.optim.Adagrad)
PROPORTIONAL = (*FUSED, torch.optim.RMSprop)
OWN = ("params", "lr", "weight_decay", "fused", "foreach")
"""Options in which trainings that step together may differ."""


def joint_steps(network: nn.Module, courses: Sequence[Course], spans: Sequence[Span]) -> "list[JointStep | Course]":
    """Return what takes the steps of joined trainings; neighbours with optimizers of one kind take theirs together.

    Args:
        network: joined network.
        courses: its trainings.
        spans: members of each training.
    """
    steps: list[JointStep | Course] = []
    for kind, run in groupby(zip(courses, spans, strict=True), key=lambda pair: step_kind(pair[0])):
        own = list(run)
        steps += [JointStep(network, *zip(*own, strict=True))] if kind is not None else [course for course, _ in own]
    return steps


def step_kind(course: Course) -> tuple[object, ...] | None:
    """Return what optimizers must have in common to step together; None for one that steps alone."""
    groups = course.optimizer.param_groups
    if type(course.optimizer) not in PROPORTIONAL or len(groups) > 1:
        return None
    options = tuple(sorted((key, str(value)) for key, value in groups[0].items() if key not in OWN))
    return type(course.optimizer).__name__, options


class JointStep:
    """Steps of neighbouring trainings with optimizers of one kind."""

    def __init__(self, network: nn.Module, courses: Sequence[Course], spans: Sequence[Span]) -> None:
        self.courses = courses
        self.counts = [span.end - span.begin for span in spans]
        self.weights: list[Tensor] = []
        """Weights of the members of these trainings, which are parts of those of the joined network."""
        gradients: list[Tensor] = []
        self.inside: list[list[int]] = []
        """Numbers of the trainings of which each of these tensors has the members."""
        self.own_weights: list[list[nn.Parameter]] = []
        """Weights of these trainings that each tensor consists of."""
        for name, span, weight in tensors(network, Span(0, spans[-1].end)):
            inside = [number for number, each in enumerate(spans) if each.is_in(span)]
            if not inside or weight.grad is None:
                continue
            place = Span(spans[inside[0]].begin, spans[inside[-1]].end).within(span)
            self.weights.append(place.of(weight.data))
            gradients.append(place.of(weight.grad))
            self.inside.append(inside)
            self.own_weights.append([courses[number].network.get_parameter(name) for number in inside])
        groups = [course.optimizer.param_groups[0] for course in courses]
        self.rates = self._by_member([group["lr"] for group in groups])
        decays = [group["weight_decay"] for group in groups]
        self.decays = self._by_member(decays) if any(decays) else []
        self.moved = [torch.zeros_like(weight) for weight in self.weights]
        for moved, gradient in zip(self.moved, gradients, strict=True):
            moved.requires_grad_().grad = gradient
        kind: Any = type(courses[0].optimizer)
        known = inspect.signature(kind).parameters
        options = {key: value for key, value in groups[0].items() if key in known and key not in OWN}
        fast = {"fused": True} if kind in FUSED else {"foreach": True}
        self.is_decoupled = kind is torch.optim.AdamW
        self.optimizer = kind(self.moved, lr=1.0, weight_decay=0.0, **options, **fast)
        self._begin_with_states()

    def step(self) -> None:
        """Take a step with the gradients of the joined network."""
        with torch.no_grad():
            for course in self.courses:
                course.clip()
            for weight, moved, decay, rate in zip(self.weights, self.moved, self.decays, self.rates, strict=False):
                if self.is_decoupled:
                    weight.mul_(1 - rate * decay)
                elif moved.grad is not None:
                    moved.grad.addcmul_(weight, decay)
            began = len(self.optimizer.state) == len(self.moved)
            self.optimizer.step()
            torch._foreach_addcmul_(self.weights, [moved.data for moved in self.moved], self.rates)
            torch._foreach_zero_([moved.data for moved in self.moved])
        if not began:
            self._show_states()

    def _by_member(self, values: Sequence[float]) -> list[Tensor]:
        """Return the values of the trainings for the members of each tensor, with as many axes as it has."""
        made = []
        for weight, inside in zip(self.weights, self.inside, strict=True):
            own = [values[number] for number in inside for _ in range(self.counts[number])]
            made.append(torch.tensor(own, dtype=weight.dtype, device=weight.device).view(-1, *[1] * (weight.ndim - 1)))
        return made

    def _begin_with_states(self) -> None:
        """Begin with the states of the optimizers of the trainings, if they have some."""
        for moved, own, inside in zip(self.moved, self.own_weights, self.inside, strict=True):
            states = [self.courses[number].optimizer.state.get(w, {}) for number, w in zip(inside, own, strict=True)]
            joined = {
                key: torch.cat([state[key] for state in states]) if value.ndim else value.clone()
                for key, value in states[0].items()
                if isinstance(value, Tensor)
            }
            if joined:
                self.optimizer.state[moved] = joined
        if len(self.optimizer.state) == len(self.moved):
            self._show_states()

    def _show_states(self) -> None:
        """Let the optimizers of the trainings see their part of the state, for their checkpoints."""
        for moved, own, inside in zip(self.moved, self.own_weights, self.inside, strict=True):
            state = self.optimizer.state[moved]
            places = spans_of([self.counts[number] for number in inside])
            for number, weight, place in zip(inside, own, places, strict=True):
                self.courses[number].optimizer.state[weight] = {
                    key: (place.of(value) if value.ndim else value) if isinstance(value, Tensor) else value
                    for key, value in state.items()
                }
