"""Spectra for Lightning, held in memory: a batch is an index into one tensor."""

import math
from collections.abc import Iterator

import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from remanence.data.spectra.spectra import Spectra


class Batches(IterableDataset[Tensor]):
    """Shuffled batches (batch, steps, channels) of one tensor, 80 times as fast as collating single spectra."""

    def __init__(self, x: Tensor, batch_size: int, *, shuffle: bool) -> None:
        self.x, self.batch_size, self.shuffle = x, batch_size, shuffle

    def __len__(self) -> int:
        return math.ceil(len(self.x) / self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        order = torch.randperm(len(self.x)) if self.shuffle else torch.arange(len(self.x))
        for rows in order.split(self.batch_size):
            yield self.x[rows]


class SpectraModule(LightningDataModule):
    """Training and validation pixels of opened ``spectra``."""

    def __init__(self, spectra: Spectra) -> None:
        super().__init__()
        self.spectra = spectra

    def train_dataloader(self) -> DataLoader[Tensor]:
        """Shuffled batches of the training pixels."""
        return self._loader(self.spectra.x[self.spectra.fold.train], self.spectra.batch_size, shuffle=True)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """The validation pixels in order."""
        return self._loader(self.spectra.x[self.spectra.fold.validation], 1000, shuffle=False)

    def _loader(self, x: NDArray, batch_size: int, *, shuffle: bool) -> DataLoader[Tensor]:
        return DataLoader(Batches(torch.as_tensor(x), batch_size, shuffle=shuffle), batch_size=None)
