"""Any table of the package as a LightningDataModule."""

from collections.abc import Sequence
from typing import Any

import torch
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from remanence.data.table import Table


class Rows(Dataset[tuple[Tensor, ...]]):
    """Tensors indexed a batch at a time: collating a small table row by row costs more than training on it."""

    def __init__(self, *tensors: Tensor) -> None:
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, row: int) -> tuple[Tensor, ...]:
        return tuple(tensor[row] for tensor in self.tensors)

    def __getitems__(self, rows: Sequence[int]) -> tuple[Tensor, ...]:
        """Return a whole batch; ``DataLoader`` prefers this over ``__getitem__``."""
        return tuple(tensor[rows] for tensor in self.tensors)


def _as_is(batch: Any) -> Any:
    return batch


class TableModule(LightningDataModule):
    """Batches of (inputs, targets), float32 in physical units, shapes (batch, inputs) and (batch, targets)."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table

    def train_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """Shuffled batches of the training rows."""
        return self._loader("train", self.table.batch_size, shuffle=True)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """All validation rows as one batch."""
        return self._loader("validation", max(1, len(self.table.fold.validation)), shuffle=False)

    def _loader(self, part: str, batch_size: int, *, shuffle: bool) -> DataLoader[tuple[Tensor, ...]]:
        rows = Rows(*(torch.as_tensor(values, dtype=torch.float32) for values in self.table.part(part)))
        return DataLoader(rows, batch_size=batch_size, shuffle=shuffle, collate_fn=_as_is)
