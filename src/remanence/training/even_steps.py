"""Dividing the rows of all members into the same number of steps, also where members have different numbers of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

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
            sizes = torch.full((steps,), count // steps)
            sizes[: count % steps] += 1
            first = sizes.cumsum(0) - sizes
            taken = torch.arange(width) < sizes[:, None]  # (steps, width)
            places[number] = (first[:, None] + torch.arange(width)) * taken
            weight[number] = taken / sizes[:, None].double()
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
        places = self.places.flatten(1)
        shuffled = torch.empty_like(places)
        for number, (generator, count) in enumerate(zip(generators, self.counts, strict=True)):
            order = torch.zeros_like(rows[number])
            order[:count] = torch.randperm(count, generator=generator)
            shuffled[number] = rows[number][order][places[number]]
        return shuffled.view(self.places.shape)
