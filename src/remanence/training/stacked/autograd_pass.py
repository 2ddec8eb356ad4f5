"""The losses and gradients of any stack, by its own forward and autograd."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from remanence.models.member_step import taking
from remanence.models.member_wise import MemberWise
from remanence.training.stacked.member_rows import MemberRows


class AutogradPass:
    """Passes of a stack of any networks.

    Args:
        network: stack, or joined network.
        rows: rows of its members.
        zero_gradients: function that is called before each pass backwards.
        with_errors: whether ``validate`` returns errors.
    """

    def __init__(
        self, network: Any, rows: MemberRows, zero_gradients: Callable[[], object], *, with_errors: bool
    ) -> None:
        self.network, self.rows, self.zero_gradients, self.with_errors = network, rows, zero_gradients, with_errors

    def epoch(self) -> Iterator[Tensor]:
        """Yield the loss of each member, (members,), in each step of an epoch, when its gradients are there."""
        self.network.train()
        for step, x, y, weight in self.rows.epoch():
            with taking(step):
                loss = (self.network.row_loss(x, y) * weight).sum(dim=1)  # (members,)
            self.zero_gradients()
            loss.sum().backward()
            if isinstance(self.network, MemberWise):
                self.network.complete_gradients()
            yield loss.detach()

    @torch.no_grad()
    def validate(self) -> tuple[Tensor, list[Tensor]]:
        """Return each member's validation loss and, if asked for, the mean errors of its first target.

        The errors are the mean squared and the mean absolute error, in the unit of the target.
        """
        self.network.eval()
        x, y = self.rows.validation
        with taking(self.rows.validating):
            score = (self.network.row_loss(x, y) * self.rows.validation_weight).sum(dim=1)  # (members,)
            return score, self.rows.errors(self.network(x)) if self.with_errors else []
