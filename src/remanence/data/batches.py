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
    """The part of the rows that one of several processes trains on."""

    rank: int = 0
    size: int = 1
    agreed: Callable[[int], int] = int
    """Takes a number in every process, returns that of the first in all of them."""

    @classmethod
    def of(cls, trainer: "Trainer | None") -> Self:
        """Return the part of this process; all rows without a trainer."""
        if trainer is None or trainer.world_size == 1:
            return cls()
        return cls(trainer.global_rank, trainer.world_size, trainer.strategy.broadcast)


class BatchesOfRows(Sampler[Tensor]):
    """Indices of the rows of each batch, shape (batch,).

    The order of an epoch is drawn from torch's global generator when the epoch begins, so that a training resumed
    with its random state goes on as it would have. Several processes take turns in one order that the first draws: in
    every step they have the same number of rows, none of them the same, but that the last ones are filled up from the
    beginning where the rows do not divide.

    Args:
        rows: number of rows.
        batch_size: of one process.
        shuffle: whether each epoch has an order of its own.
        shard: of this process.
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
