"""The rows of all members of a stack on the device that they are trained on."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.models.member_step import MemberStep
from remanence.science.row_weights import row_weights
from remanence.training.stacked.even_steps import EvenSteps
from remanence.training.stacked.members import ALL_TARGETS, Member


class MemberRows:
    """Which rows each member trains on in each step, and which rows validate it.

    Every member is padded to the row count of the largest member. The padding has the weight 0.

    Args:
        x: inputs of all rows, shape (rows, features).
        y: targets of all rows, shape (rows, targets).
        members: all members of the run.
        own: positions among ``members`` of those that this process trains.
        batch_size: largest number of rows in a step.
        steps: number of steps of an epoch; None takes as many as the member with most rows needs.
        device: device to train on.
        dtype: dtype of inputs, targets and weights.
        uncertainty: uncertainty of each target, shape (rows or fewer, outputs), see ``row_weights``; None for none.
        loaded: for members that are trained as Lightning would each alone, the number of rows in a batch of each.
    """

    def __init__(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        members: Sequence[Member],
        own: Sequence[int],
        *,
        batch_size: int,
        steps: int | None,
        device: torch.device,
        dtype: torch.dtype,
        uncertainty: NDArray[np.float64] | None = None,
        loaded: Sequence[int] | None = None,
    ) -> None:
        counts = [len(member.train) for member in members]
        every_step = (
            EvenSteps.divide(counts, batch_size=batch_size, steps=steps)
            if loaded is None
            else EvenSteps.load(counts, batch_sizes=loaded)
        )
        self.longest = max(len(member.train) for member in members)
        """Number of training rows of the largest member of all processes."""
        most = max(len(member.validation) for member in members)
        if len(own) < len(members):  # the width stays that of all members, so that sums round alike in every process
            members = [members[number] for number in own]
            every_step = every_step.of(own)
        self.steps = every_step
        self.generators = [torch.Generator().manual_seed(member.seed) for member in members]
        """Generator of the order of rows, one for each member."""
        self.drawn = [torch.Generator(device).manual_seed(member.seed) for member in members]
        """Generator of what a member draws while it trains, such as dropout, one for each member."""
        self._x = torch.as_tensor(x, dtype=dtype, device=device)  # (rows, features)
        every_target = torch.as_tensor(y, dtype=dtype, device=device)
        self._y = (  # (members, rows, outputs of a member)
            every_target.expand(len(members), -1, -1)
            if all(member.target == ALL_TARGETS for member in members)
            else torch.stack([every_target[:, [member.target]] for member in members])
        )
        self._index = torch.arange(len(members), device=device)[:, None]
        taken = self.steps.weight > 0  # (members, steps, width)
        self.weight = (taken / taken.sum(dim=-1, keepdim=True).to(dtype)).to(device)
        """Weight of each row in each step, shape (members, steps, width), without weights that rows have themselves."""
        self.shares = self.steps.shares.to(self.weight) if self.steps.is_loaded else None
        """Share of each member's rows in each step, shape (members, steps), where steps have unequal numbers."""
        self._taken = taken.sum(dim=-1).tolist()  # (members, steps)
        self._train = torch.zeros(len(members), self.longest, dtype=torch.long)
        validation = torch.zeros(len(members), most, dtype=torch.long)
        self.validation_weight = torch.zeros(len(members), most, dtype=dtype, device=device)
        for number, member in enumerate(members):
            self._train[number, : len(member.train)] = torch.as_tensor(member.train)
            validation[number] = int(member.validation[0])  # padding beyond the member's own rows
            validation[number, : len(member.validation)] = torch.as_tensor(member.validation)
            self.validation_weight[number, : len(member.validation)] = 1.0 / len(member.validation)
        self._row_weight = None if uncertainty is None else self._weigh(members, uncertainty, y)
        """Weight of each row in the loss of each member, shape (members, rows), with the mean 1 over its own rows."""
        chosen = validation.to(device)
        self.validation = self._x[chosen], self._y[self._index, chosen]
        """Inputs (members, rows, features) and targets (members, rows, outputs) of all validation rows."""
        self.validating = MemberStep(most, [len(member.validation) for member in members], self.drawn)

    def _weigh(self, members: Sequence[Member], uncertainty: NDArray[np.float64], y: NDArray[np.float64]) -> Tensor:
        """Return the weights of training rows, and weigh the validation rows."""
        drawn = len(y) - len(uncertainty)  # rows that were drawn have no uncertainty of their own
        stated = np.concatenate([uncertainty, np.full((drawn, uncertainty.shape[1]), np.nan)])
        weight = torch.ones(len(members), len(y), dtype=self._x.dtype, device=self.device)
        for number, member in enumerate(members):
            for part in (member.train, member.validation):
                weights = row_weights(stated, y, part, fitted_on=member.train)
                if weights is not None:
                    own = weights.mean(axis=1) if member.target == ALL_TARGETS else weights[:, member.target]
                    weight[number, torch.as_tensor(part)] = torch.as_tensor(own).to(weight)
            size = len(member.validation)
            own_validation = weight[number, torch.as_tensor(member.validation)]
            self.validation_weight[number, :size] *= own_validation
        return weight

    @property
    def device(self) -> torch.device:
        """Device that holds the rows."""
        return self._x.device

    def own(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return the training rows of each member, in the order that ``steps`` count them in.

        These are inputs (members, rows, features), targets (members, rows, outputs) and the weights that rows have
        themselves (members, rows), if they have some.
        """
        chosen = self._train.to(self.device)
        weight = None if self._row_weight is None else self._row_weight[self._index, chosen]
        return self._x[chosen], self._y[self._index, chosen], weight

    def errors(self, predicted: Tensor) -> list[Tensor]:
        """Return the mean squared and the mean absolute error of the first target of each member, each (members,).

        Args:
            predicted: predictions for the validation rows, in the units of the targets, (members, rows, outputs).
        """
        error, weight = predicted[..., 0] - self.validation[1][..., 0], self.validation_weight
        return [(error.square() * weight).sum(dim=1), (error.abs() * weight).sum(dim=1)]

    def epoch(self) -> Iterator[tuple[MemberStep, Tensor, Tensor, Tensor]]:
        """Yield the steps of an epoch, with each member's rows in a new order.

        A step consists of the ``MemberStep`` that the stack is told, inputs (members, width, features), targets
        (members, width, outputs) and the weight of each row (members, width). The weights of a member sum to 1, on
        average over the steps if rows have weights of their own.
        """
        rows = self.steps.shuffled(self._train, self.generators).to(self.device)  # (members, steps, width)
        for number in range(rows.shape[1]):
            chosen = rows[:, number]
            step = MemberStep(chosen.shape[1], [taken[number] for taken in self._taken], self.drawn)
            weight = self.weight[:, number]
            if self._row_weight is not None:
                weight = weight * self._row_weight[self._index, chosen]
            yield step, self._x[chosen], self._y[self._index, chosen], weight
