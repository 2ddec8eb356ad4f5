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

NEIGHBOURS = 8
"""Among which the partner of a blend is drawn: few enough that both lie on the same piece of the manifold."""


class Rows(Dataset[Tensor]):
    """One tensor, indexed a batch at a time: collating single spectra costs more than a small network.

    Args:
        x: spectra, shape (n, steps, channels).
        mixup: share of them that are blended with one of their nearest neighbours.
    """

    def __init__(self, x: Tensor, mixup: float = 0.0) -> None:
        self.x, self.mixup = x, mixup
        self.neighbours = nearest(x) if mixup else torch.empty(0, dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: Tensor) -> Tensor:
        batch = self.x[rows]
        if not self.mixup:
            return batch
        partners = self.neighbours[rows, torch.randint(self.neighbours.shape[1], (len(rows),))]
        return blend(batch, self.x[partners], self.mixup)


def nearest(x: Tensor) -> Tensor:
    """Return the rows of the nearest other spectra of each, shape (n, at most 8)."""
    flat = x.flatten(1)
    number = min(NEIGHBOURS, max(len(flat) - 1, 1))
    # the nearest of all is the spectrum itself
    found = [
        torch.cdist(part, flat).topk(min(number + 1, len(flat)), largest=False).indices
        for part in torch.split(flat, 1000)
    ]
    return torch.cat(found)[:, -number:] if found else torch.empty((0, 1), dtype=torch.int64)


def blend(batch: Tensor, partners: Tensor, share: float) -> Tensor:
    """Blend a share of spectra (batch, steps, channels) with their partners, in random proportions.

    Source: Zhang et al., mixup, ICLR 2018, with uniform proportions, between neighbours as in Chawla et al., SMOTE,
    2002: a blend of two unlike spectra would be the spectrum of no pixel.
    """
    each = (len(batch), 1, 1)
    weight = torch.rand(each) * (torch.rand(each) < share)
    return torch.lerp(batch, partners, weight)


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
