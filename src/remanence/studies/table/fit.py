"""The result of fitting a model to a table, with what it was made of: a second training, or a blend."""

from dataclasses import dataclass
from typing import Self

from remanence.studies.table.augmentation import Augmentation
from remanence.training.fitted import Fitted


@dataclass
class TableFit(Fitted):
    """A fit, its augmentation, and the fit of the networks inside a blend."""

    augmentation: Augmentation | None = None
    network: "TableFit | None" = None
    """Fit of the networks alone if the model is a blend."""

    @classmethod
    def of(cls, fitted: Fitted, augmentation: Augmentation | None = None) -> Self:
        """Return a fit together with its augmentation; None if there was no augmentation."""
        return cls(**vars(fitted), augmentation=augmentation)
