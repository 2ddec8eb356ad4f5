"""What fitting a model to a table leaves, with the second training on drawn rows where there was one."""

from dataclasses import dataclass
from typing import Self

from remanence.studies.table.augmentation import Augmentation
from remanence.training.fitted import Fitted


@dataclass
class TableFit(Fitted):
    """A fit, and what it was augmented with."""

    augmentation: Augmentation | None = None

    @classmethod
    def of(cls, fitted: Fitted, augmentation: Augmentation | None = None) -> Self:
        """Return a fit with its augmentation; None for none."""
        return cls(**vars(fitted), augmentation=augmentation)
