"""Steps of Adam for a stack whose weights are parts of one tensor: one pass over all of them."""

from itertools import accumulate
from typing import Any, Self

import torch
from torch import Tensor

from remanence.models.dense_pass import padded
from remanence.training.stacked.course import Course


class FlatAdam:
    """Takes the steps of a training's Adam or AdamW; the optimizer's state shows where they have come.

    From then on, weights, gradients and moments are parts of one tensor each.

    Args:
        course: training with an optimizer that ``of`` accepts.
    """

    def __init__(self, course: Course) -> None:
        self.course, (self.group,) = course, course.optimizer.param_groups
        weights: list[Any] = self.group["params"]
        sizes = [padded(weight.numel()) for weight in weights]  # a member must not depend on how many others there are
        # what the optimizer calls itself, with as much time before the call as in it
        self.fused: Any = torch._fused_adamw_ if self.group["decoupled_weight_decay"] else torch._fused_adam_
        self.places = list(zip(accumulate([0, *sizes]), weights, strict=False))
        states = [course.optimizer.state.get(weight, {}) for weight in weights]
        steps = [state["step"] for state in states if "step" in state]
        self.count = steps[0].clone() if steps else torch.tensor(0.0)
        self.flat, self.gradient, self.mean, self.square = (
            weights[0].data.new_zeros(sum(sizes)) for _ in ("weight", "gradient", "exp_avg", "exp_avg_sq")
        )
        for (begin, weight), state in zip(self.places, states, strict=True):
            weight.data = self._part(self.flat, begin, weight.data)
            weight.grad = self._part(self.gradient, begin, torch.zeros_like(weight.data))
            course.optimizer.state[weight] = {
                "step": self.count,
                "exp_avg": self._part(self.mean, begin, state.get("exp_avg", torch.zeros_like(weight.data))),
                "exp_avg_sq": self._part(self.square, begin, state.get("exp_avg_sq", torch.zeros_like(weight.data))),
            }

    @classmethod
    def of(cls, course: Course) -> Self | None:
        """Return what takes the steps of a training on the CPU; None for an optimizer of another kind."""
        optimizer, weights = course.optimizer, list(course.network.parameters())
        groups = optimizer.param_groups
        if type(optimizer) not in (torch.optim.Adam, torch.optim.AdamW) or len(groups) > 1:
            return None
        unusual = any(groups[0][key] for key in ("amsgrad", "maximize", "capturable", "differentiable"))
        if unusual or isinstance(groups[0]["lr"], Tensor) or len(groups[0]["params"]) != len(weights):
            return None
        return cls(course) if all(weight.is_cpu and weight.requires_grad for weight in weights) else None

    def step(self) -> None:
        """Take a step."""
        self.course.clip()
        beta1, beta2 = self.group["betas"]
        self.count += 1
        self.fused(
            [self.flat],
            [self.gradient],
            [self.mean],
            [self.square],
            [],
            [self.count],
            lr=self.group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=self.group["weight_decay"],
            eps=self.group["eps"],
            amsgrad=False,
            maximize=False,
        )

    @staticmethod
    def _part(flat: Tensor, begin: int, values: Tensor) -> Tensor:
        """Return a part of a flat tensor with some values written into it, in their shape."""
        part = flat[begin : begin + values.numel()].view(values.shape)
        part.copy_(values)
        return part
