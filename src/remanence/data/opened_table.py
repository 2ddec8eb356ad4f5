"""The rows of a table as a training sees them: encoded, and divided into folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import typed
from remanence.data.columns import Columns
from remanence.data.declared_units import units_of
from remanence.data.source import Source
from remanence.data.splits import Fold, RowTable
from remanence.science.nbbt import Campaign


@dataclass
class OpenedTable:
    """Rows that were read, checked, encoded and split."""

    frame: pd.DataFrame
    """The cells as read."""
    source: Source
    columns: Columns
    x: NDArray[np.float64]
    """Inputs in physical units, shape (rows, inputs)."""
    y: NDArray[np.float64]
    """Targets in physical units, shape (rows, targets)."""
    rows: RowTable
    """What a split looks at."""
    folds: Sequence[Fold]
    """Indices of the rows of each part."""
    batch_size: int
    split: Mapping[str, Any]
    """How the rows were held out, see ``conf/data/split``."""
    groups: str | None = None
    """Column that names the family of a row."""
    synthetic: bool = False
    """Whether the rows were simulated."""
    campaign: Campaign | None = None
    """The simulated measurements behind the rows, where there are any."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read."""
        return (self.source,)

    @property
    def targets(self) -> list[str]:
        """Names of the columns of ``y``."""
        return list(self.columns.targets)

    @property
    def shape(self) -> dict[str, int]:
        """What only the data can tell a model."""
        return {"n_features": self.x.shape[1], "n_targets": self.y.shape[1]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """What only the data can tell a baseline: for one table, the same."""
        return self.shape

    @property
    def fold(self) -> Fold:
        """The first fold, and the only one unless every row is held out in turn."""
        return self.folds[0]

    @property
    def learnt(self) -> NDArray[np.float64]:
        """What a network learns, shape (rows, outputs): the targets."""
        return self.y

    def part(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return inputs (rows, inputs) and targets (rows, targets) of ``train``, ``validation`` or ``test``."""
        rows = getattr(self.fold, name)
        return self.x[rows], self.y[rows]

    def described(self) -> Self:
        """Return the same rows for reading: numbers are numbers, and ``frame.attrs["units"]`` has those of columns."""
        frame = typed(self.frame)
        frame.attrs["units"] = units_of(frame.columns, self.columns.units)
        return replace(self, frame=frame)
