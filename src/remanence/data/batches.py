"""Which rows make up each batch, in one process or in several that train together."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor
from torch.utils.data import Sampler

if TYPE_CHECKING:
    from pytorch_lightning import Trainer


@dataclass(frozen=True)
class Shard:
    """The share of the rows that one process trains on, out of the processes that train together."""

    rank: int = 0
    size: int = 1
    agreed: Callable[[int], int] = int
    """Takes one number in each process and returns the number of rank 0 in every process."""

    @classmethod
    def of(cls, trainer: "Trainer | None") -> Self:
        """Return the shard of this process; without a trainer, one shard holds all rows."""
        if trainer is None or trainer.world_size == 1:
            return cls()
        return cls(trainer.global_rank, trainer.world_size, trainer.strategy.broadcast)


class BatchesOfRows(Sampler[Tensor]):
    """Indices of the rows of each batch, shape (batch,).

    The order of an epoch is drawn from torch's global generator when the epoch begins. A training run that is resumed
    with its random state therefore sees the batches that it would have seen without the interruption.

    Several processes share one order, which rank 0 draws; each takes every ``size``-th row of it. In every step they
    have the same number of rows and no row in common. There is one exception: where the rows do not divide evenly, the
    last batch is filled up with rows from the beginning of the order.

    Args:
        rows: number of rows of the data set.
        batch_size: rows in a batch of one process.
        shuffle: whether each epoch draws a new order.
        shard: share of this process; None takes all rows.
    """

    def __init__(self, rows: int, batch_size: int, *, shuffle: bool, shard: Shard | None = None) -> None:
        self.rows, self.batch_size, self.shuffle, self.shard = rows, batch_size, shuffle, shard or Shard()
        self.own = math.ceil(rows / self.shard.size)

    def __len__(self) -> int:
        return math.ceil(self.own / self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        order = self._order()
        filled = torch.arange(self.own * self.shard.size) % max(1, self.rows)
        mine = order[filled[self.shard.rank :: self.shard.size]]
        for start in range(0, self.own, self.batch_size):
            yield mine[start : start + self.batch_size]

    def _order(self) -> Tensor:
        if not self.shuffle:
            return torch.arange(self.rows)
        if self.shard.size == 1:
            return torch.randperm(self.rows)
        seed = self.shard.agreed(int(torch.randint(2**62, ())))
        return torch.randperm(self.rows, generator=torch.Generator().manual_seed(seed))
