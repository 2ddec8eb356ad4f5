"""The LightningDataModule for spectra: all spectra are in memory, and a batch is indexed from one tensor."""

import torch
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from remanence.data.batches import BatchesOfRows, Shard
from remanence.data.spectra.opened_spectra import OpenedSpectra

NEIGHBOURS = 8
"""Number of nearest neighbours that a blend's partner is drawn from: so few that both resemble each other."""


class Rows(Dataset[Tensor]):
    """One tensor that is indexed by whole batches: collating single spectra costs more time than a small network.

    Args:
        x: spectra, shape (n, steps, channels).
        mixup: share of the spectra that are blended with one of their nearest neighbours.
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
    """Return, for each spectrum, the rows of its nearest other spectra, shape (n, at most 8)."""
    flat = x.flatten(1)
    number = min(NEIGHBOURS, max(len(flat) - 1, 1))
    # the first neighbour is the spectrum itself and is left out
    found = [
        torch.cdist(part, flat).topk(min(number + 1, len(flat)), largest=False).indices
        for part in torch.split(flat, 1000)
    ]
    return torch.cat(found)[:, -number:] if found else torch.empty((0, 1), dtype=torch.int64)


def blend(batch: Tensor, partners: Tensor, share: float) -> Tensor:
    """Blend a share of spectra (batch, steps, channels) with their partners, in random proportions.

    Partners are near neighbours, because a blend of two unlike spectra would not resemble the spectrum of any pixel.

    Source: Zhang et al., mixup, ICLR 2018, with uniform proportions; neighbours as in Chawla et al., SMOTE, 2002.
    """
    each = (len(batch), 1, 1)
    weight = torch.rand(each) * (torch.rand(each) < share)
    return torch.lerp(batch, partners, weight)


class SpectraModule(LightningDataModule):
    """Batches (batch, steps, channels) of the training pixels and of the validation pixels of ``spectra``."""

    def __init__(self, spectra: OpenedSpectra) -> None:
        super().__init__()
        self.spectra = spectra

    def train_dataloader(self) -> DataLoader[Tensor]:
        """Shuffled batches of the training pixels, or of this process's share of them."""
        own = self.spectra
        x = torch.as_tensor(own.x[own.fold.train])
        batches = BatchesOfRows(len(x), own.batch_size, shuffle=True, shard=Shard.of(self.trainer))
        return DataLoader(Rows(x, own.mixup), sampler=batches, batch_size=None)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """The validation pixels in order. Every process gets all of them, for the reason that ``TableModule`` gives."""
        x = torch.as_tensor(self.spectra.x[self.spectra.fold.validation])
        return DataLoader(Rows(x), sampler=BatchesOfRows(len(x), 1000, shuffle=False), batch_size=None)
