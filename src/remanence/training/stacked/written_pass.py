"""The losses and gradients of stacked dense networks, by passes that are written out."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from remanence.models.dense_pass import DensePass, takes_dense_pass
from remanence.training.stacked.member_rows import MemberRows

MOST_VALUES = 30_000_000
"""Largest number of scaled values of all members' training rows, which are kept twice."""


class WrittenPass:
    """Passes of a stack of dense networks; what scales the rows is applied once, as it stays the same.

    Args:
        passes: passes of the network.
        rows: rows of its members.
        with_errors: whether ``validate`` returns errors.
    """

    def __init__(self, passes: DensePass, rows: MemberRows, *, with_errors: bool) -> None:
        self.passes, self.rows, self.with_errors = passes, rows, with_errors
        passes.network.eval()  # as after a validation by autograd; these networks compute the same in both modes
        x, y, own_weight = rows.own()
        self.members, self.longest = x.shape[:2]
        self.x, self.y = (values.flatten(0, 1) for values in passes.scaled(x, y))  # (members * rows, inputs or outputs)
        self.own_weight = None if own_weight is None else own_weight.flatten()
        self.begin = torch.arange(self.members)[:, None] * self.longest
        outputs = self.y.shape[-1]  # whose losses are averaged
        self.weight = rows.weight.transpose(0, 1).contiguous()[..., None] / outputs  # (steps, members, width, 1)
        self.validation = passes.scaled(*rows.validation)
        self.validation_weight = rows.validation_weight[..., None] / outputs  # (members, rows, 1)

    def epoch(self) -> Iterator[Tensor]:
        """Yield the loss of each member, (members,), in each step of an epoch, when its gradients are there."""
        chosen = self.rows.steps.order(self.rows.generators).transpose(0, 1)  # (steps, members, width)
        index = (chosen + self.begin).flatten()
        x = self.x.index_select(0, index).view(*chosen.shape, -1)
        y = self.y.index_select(0, index).view(*chosen.shape, -1)
        weight = self.weight
        if self.own_weight is not None:
            weight = weight * self.own_weight[index].view(weight.shape)
        for step in zip(x, y, weight, strict=True):
            yield self.passes.gradients(*step)

    def validate(self) -> tuple[Tensor, list[Tensor]]:
        """Return each member's validation loss and, if asked for, the mean errors of its first target.

        The errors are the mean squared and the mean absolute error, in the unit of the target.
        """
        x, y = self.validation
        z = self.passes.outputs(x)
        score, _ = self.passes.loss(z, y, self.validation_weight)
        return score, self.rows.errors(self.passes.network.target_scaler.inverse(z)) if self.with_errors else []


def takes_written_pass(network: nn.Module, rows: MemberRows) -> bool:
    """Return whether a stack can be trained by a ``WrittenPass``: it needs no autograd, and has not very many rows."""
    if not takes_dense_pass(network):
        return False
    parts: Any = network.network
    width: int = parts[0].weight.shape[1] + parts[-1].weight.shape[2]  # scaled values of a row
    return len(rows.generators) * rows.longest * width <= MOST_VALUES
