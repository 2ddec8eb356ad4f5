"""Spectra for Lightning, held in memory: a batch is an index into one tensor."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from remanence.data.spectra.spectra import Spectra


class Rows(Dataset[Tensor]):
    """One tensor, indexed a batch at a time: collating single spectra costs more than a small network.

    Args:
        x: spectra, shape (n, steps, channels).
        mixup: share of them that are blended with another one of the batch.
    """

    def __init__(self, x: Tensor, mixup: float = 0.0) -> None:
        self.x, self.mixup = x, mixup

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: Tensor) -> Tensor:
        batch = self.x[rows]
        return blend(batch, self.mixup) if self.mixup else batch


def blend(batch: Tensor, share: float) -> Tensor:
    """Blend a share of spectra (batch, steps, channels) with others of the batch, in random proportions.

    Source: Zhang et al., mixup, ICLR 2018, with uniform proportions.
    """
    each = (len(batch), 1, 1)
    weight = torch.rand(each) * (torch.rand(each) < share)
    return torch.lerp(batch, batch[torch.randperm(len(batch))], weight)


class BatchesOfRows(Sampler[Tensor]):
    """Indices of the rows of each batch, shape (batch,).

    The order of an epoch is drawn from torch's global generator when the epoch begins, so that a training resumed
    with its random state goes on as it would have.
    """

    def __init__(self, rows: int, batch_size: int, *, shuffle: bool) -> None:
        self.rows, self.batch_size, self.shuffle = rows, batch_size, shuffle

    def __len__(self) -> int:
        return math.ceil(self.rows / self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        order = torch.randperm(self.rows) if self.shuffle else torch.arange(self.rows)
        for start in range(0, self.rows, self.batch_size):
            yield order[start : start + self.batch_size]


class SpectraModule(LightningDataModule):
    """Batches (batch, steps, channels) of the training and validation pixels of opened ``spectra``."""

    def __init__(self, spectra: Spectra) -> None:
        super().__init__()
        self.spectra = spectra

    def train_dataloader(self) -> DataLoader[Tensor]:
        """Shuffled batches of the training pixels."""
        own = self.spectra
        return _loader(own.x[own.fold.train], own.batch_size, shuffle=True, mixup=own.mixup)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """The validation pixels in order."""
        return _loader(self.spectra.x[self.spectra.fold.validation], 1000, shuffle=False)


def _loader(x: NDArray[np.float32], batch_size: int, *, shuffle: bool, mixup: float = 0.0) -> DataLoader[Tensor]:
    batches = BatchesOfRows(len(x), batch_size, shuffle=shuffle)
    return DataLoader(Rows(torch.as_tensor(x), mixup), sampler=batches, batch_size=None)
