"""What a training needs to know of rows that are held out in turn, whatever they describe."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.splits import Fold, RowTable


class FoldedRows(Protocol):
    """Inputs and targets with the folds that hold rows out."""

    @property
    def frame(self) -> pd.DataFrame:
        """The cells as read; its index is the place of a row in the file."""

    @property
    def x(self) -> NDArray[np.float64]:
        """Inputs in physical units, shape (rows, inputs)."""

    @property
    def y(self) -> NDArray[np.float64]:
        """Targets in physical units, shape (rows, targets)."""

    @property
    def learnt(self) -> NDArray[np.float64]:
        """What a network learns, shape (rows, outputs)."""

    @property
    def targets(self) -> list[str]:
        """Names of the columns of ``y``."""

    @property
    def rows(self) -> RowTable:
        """What a split looks at."""

    @property
    def folds(self) -> Sequence[Fold]:
        """Indices of the rows of each part."""

    @property
    def fold(self) -> Fold:
        """The first of them."""

    @property
    def split(self) -> Mapping[str, Any]:
        """How the rows were held out, see ``conf/data/split``."""

    @property
    def batch_size(self) -> int:
        """Rows per step."""

    def part(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return inputs and targets of ``train``, ``validation`` or ``test``."""
