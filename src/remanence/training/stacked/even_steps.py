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
    is_loaded: bool = False
    """Whether rows are in the order and the batches in which a ``DataLoader`` gives them to a network alone."""

    @classmethod
    def divide(cls, counts: Sequence[int], *, batch_size: int, steps: int | None = None) -> Self:
        """Divide each member's rows evenly, so that all members take every step.

        Args:
            counts: number of rows of each member.
            batch_size: largest number of rows in a step; ignored if ``steps`` is given.
            steps: number of steps of an epoch; reduced to the rows of the smallest member if that has fewer.
        """
        steps = even_number(counts, batch_size=batch_size, steps=steps)
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

    @classmethod
    def load(cls, counts: Sequence[int], *, batch_sizes: Sequence[int]) -> Self:
        """Divide each member's rows as a ``DataLoader`` does: into full batches, and a smaller one of what is left.

        Args:
            counts: number of rows of each member.
            batch_sizes: number of rows in a batch of each member; all members need the same number of batches.
        """
        (steps,) = {-(-count // size) for count, size in zip(counts, batch_sizes, strict=True)}
        width = max(min(size, count) for size, count in zip(batch_sizes, counts, strict=True))
        places = torch.zeros(len(counts), steps, width, dtype=torch.long)
        weight = torch.zeros(len(counts), steps, width)
        for number, (count, size) in enumerate(zip(counts, batch_sizes, strict=True)):
            first = torch.arange(steps) * size
            sizes = (count - first).clamp(max=size)
            taken = torch.arange(width) < sizes[:, None]  # (steps, width)
            places[number] = (first[:, None] + torch.arange(width)) * taken
            weight[number] = taken / sizes[:, None].double()
        return cls(list(counts), places, weight, is_loaded=True)

    @property
    def shares(self) -> Tensor:
        """Share of each member's rows in each step, shape (members, steps)."""
        taken = (self.weight > 0).sum(dim=-1)
        return taken / taken.sum(dim=1, keepdim=True)

    def of(self, members: Sequence[int]) -> "EvenSteps":
        """Return the steps of some members, as wide as all members together need them."""
        chosen = list(members)
        counts = [self.counts[number] for number in chosen]
        return EvenSteps(counts, self.places[chosen], self.weight[chosen], self.is_loaded)

    def order(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Return which of its rows each member takes in each step, in a new order, shape (members, steps, width).

        Args:
            generators: random generator of each member.
        """
        order = torch.zeros(len(self.counts), max(self.counts), dtype=torch.long)
        for own, generator, count in zip(order.unbind(), generators, self.counts, strict=True):
            if self.is_loaded:
                own[:count] = _loaded(count, generator)
            else:
                torch.randperm(count, generator=generator, out=own[:count])
        return order.gather(1, self.places.flatten(1)).view(self.places.shape)

    def shuffled(self, rows: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Return each member's rows in a new order.

        Args:
            rows: rows of each member, shape (members, most rows); entries beyond a member's own count are ignored.
            generators: random generator of each member.

        Returns:
            rows of each step, shape (members, steps, width).
        """
        return rows.gather(1, self.order(generators).flatten(1)).view(self.places.shape)


def even_number(counts: Sequence[int], *, batch_size: int, steps: int | None) -> int:
    """Return the number of steps of an epoch, see ``EvenSteps.divide``.

    >>> even_number([7, 20], batch_size=8, steps=None), even_number([2, 20], batch_size=8, steps=5)
    (3, 2)
    """
    return min(steps or max(1, -(-max(counts) // batch_size)), *counts)


def _loaded(count: int, generator: torch.Generator) -> Tensor:
    """Return the order of a ``DataLoader``, and draw what Lightning's loaders draw from ``generator`` in an epoch."""
    _draw(generator)  # the seed of the workers of the loader of training rows, which has none
    order = torch.randperm(count, generator=torch.Generator().manual_seed(_draw(generator)))
    _draw(generator)  # that of the loader of validation rows
    return order


def _draw(generator: torch.Generator) -> int:
    return int(torch.empty((), dtype=torch.int64).random_(generator=generator).item())
