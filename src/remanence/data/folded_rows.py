"""The protocol of rows with folds: all that a training run needs to know of its data, whatever the rows describe."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.splits import Fold, RowTable


class FoldedRows(Protocol):
    """Inputs and targets, and the folds that hold some of the rows out."""

    @property
    def frame(self) -> pd.DataFrame:
        """The cells as read; the index is the position of each row in the file."""

    @property
    def x(self) -> NDArray[np.float64]:
        """Inputs in physical units, shape (rows, inputs)."""

    @property
    def y(self) -> NDArray[np.float64]:
        """Targets in physical units, shape (rows, targets)."""

    @property
    def learnt(self) -> NDArray[np.float64]:
        """The values that a network is trained to predict, shape (rows, outputs)."""

    @property
    def uncertainty(self) -> NDArray[np.float64] | None:
        """Standard uncertainty of each target, shape (rows, targets), NaN where unknown; None if no row has one."""

    @property
    def targets(self) -> list[str]:
        """Names of the columns of ``y``."""

    @property
    def rows(self) -> RowTable:
        """Target values, groups and cells that a split is made from."""

    @property
    def folds(self) -> Sequence[Fold]:
        """The folds; each holds the row indices of its training, validation and test part."""

    @property
    def fold(self) -> Fold:
        """The first fold."""

    @property
    def split(self) -> Mapping[str, Any]:
        """Options of the split, see ``conf/data/split``."""

    @property
    def batch_size(self) -> int:
        """Rows per training step."""

    def part(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return inputs and targets of one part of the first fold: ``train``, ``validation`` or ``test``."""
