"""Dividing the rows of all members into the same number of steps, also where members have different numbers of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class EvenSteps:
    """Which of its shuffled rows each member takes in each step of an epoch."""

    counts: list[int]
    """Number of training rows of each member."""
    places: Tensor
    """Positions among a member's shuffled rows, shape (members, steps, width)."""
    weight: Tensor
    """Weight of each of these rows, shape (members, steps, width); sums to 1 over the rows of a step."""

    @classmethod
    def divide(cls, counts: Sequence[int], *, batch_size: int, steps: int | None = None) -> Self:
        """Divide each member's rows evenly, so that all members take every step.

        Args:
            counts: number of rows of each member.
            batch_size: largest number of rows in a step; ignored if ``steps`` is given.
            steps: number of steps of an epoch; reduced to the rows of the smallest member if that has fewer.
        """
        steps = steps or max(1, -(-max(counts) // batch_size))
        steps = min(steps, *counts) if len(counts) > 1 else min(steps, counts[0])
        width = -(-max(counts) // steps)
        places = torch.zeros(len(counts), steps, width, dtype=torch.long)
        weight = torch.zeros(len(counts), steps, width)
        for number, count in enumerate(counts):
            for step, part in enumerate(np.array_split(np.arange(count), steps)):
                places[number, step, : len(part)] = torch.as_tensor(part)
                weight[number, step, : len(part)] = 1.0 / len(part)
        return cls(list(counts), places, weight)

    def of(self, members: Sequence[int]) -> "EvenSteps":
        """Return the steps of some members, as wide as all members together need them."""
        chosen = list(members)
        return EvenSteps([self.counts[number] for number in chosen], self.places[chosen], self.weight[chosen])

    def shuffled(self, rows: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Return each member's rows in a new order.

        Args:
            rows: rows of each member, shape (members, most rows); entries beyond a member's own count are ignored.
            generators: random generator of each member.

        Returns:
            rows of each step, shape (members, steps, width).
        """
        order = torch.zeros_like(rows)
        for number, (generator, count) in enumerate(zip(generators, self.counts, strict=True)):
            order[number, :count] = torch.randperm(count, generator=generator)
        return rows.gather(1, order).gather(1, self.places.flatten(1)).view(self.places.shape)
