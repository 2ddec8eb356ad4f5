"""The LightningDataModule for tables."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from remanence.data.batches import BatchesOfRows, Shard
from remanence.data.folded_rows import FoldedRows
from remanence.science.row_weights import row_weights

T = TypeVar("T")


class Rows(Dataset[tuple[Tensor, ...]]):
    """Tensors that are indexed by whole batches: collating a small table row by row costs more than training on it."""

    def __init__(self, *tensors: Tensor) -> None:
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, row: int | Tensor) -> tuple[Tensor, ...]:
        return tuple(tensor[row] for tensor in self.tensors)

    def __getitems__(self, rows: Sequence[int]) -> tuple[Tensor, ...]:
        """Return a whole batch; ``DataLoader`` calls this instead of ``__getitem__``."""
        return tuple(tensor[rows] for tensor in self.tensors)


def _as_is(batch: T) -> T:
    return batch


class TableModule(LightningDataModule):
    """Batches of (inputs, targets), float32 in physical units, shapes (batch, inputs) and (batch, targets).

    Args:
        table: rows, and the folds that hold some of them out.
        weighed: whether the weight of each row, shape (batch,), is a third tensor, if the rows have an uncertainty.
    """

    def __init__(self, table: FoldedRows, *, weighed: bool = False) -> None:
        super().__init__()
        self.table, self.weighed = table, weighed

    def train_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """Shuffled batches of the training rows, or of this process's share of them."""
        rows, size, shard = self._rows("train"), self.table.batch_size, Shard.of(self.trainer)
        if shard.size == 1:
            return DataLoader(rows, batch_size=size, shuffle=True, collate_fn=_as_is)
        return DataLoader(
            rows, sampler=BatchesOfRows(len(rows), size, shuffle=True, shard=shard), batch_size=None, collate_fn=_as_is
        )

    def val_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """All validation rows as one batch, in every process.

        The rows are not divided among the processes. If they did not divide evenly, some rows would count twice, and
        then the choice of the best epoch would depend on the number of processes.
        """
        rows = self._rows("validation")
        return DataLoader(rows, batch_size=max(1, len(rows)), collate_fn=_as_is)

    def _rows(self, part: str) -> Rows:
        tensors: list[NDArray[np.float64]] = [*self.table.part(part)]
        if self.weighed:
            fold, rows = self.table.fold, getattr(self.table.fold, part)
            weights = row_weights(self.table.uncertainty, self.table.y, rows, fitted_on=fold.train)
            tensors += [] if weights is None else [weights.mean(axis=1)]
        return Rows(*(torch.as_tensor(values, dtype=torch.float32) for values in tensors))
