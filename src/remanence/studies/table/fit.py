"""The result of fitting a model to a table, including a second training run on augmented rows if there was one."""

from dataclasses import dataclass
from typing import Self

from remanence.studies.table.augmentation import Augmentation
from remanence.training.fitted import Fitted


@dataclass
class TableFit(Fitted):
    """A fit and its augmentation."""

    augmentation: Augmentation | None = None

    @classmethod
    def of(cls, fitted: Fitted, augmentation: Augmentation | None = None) -> Self:
        """Return a fit together with its augmentation; None if there was no augmentation."""
        return cls(**vars(fitted), augmentation=augmentation)
