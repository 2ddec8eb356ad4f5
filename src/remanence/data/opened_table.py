"""The rows of a table as a training run gets them: encoded and divided into folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import typed
from remanence.data.columns import Columns
from remanence.data.declared_units import units_of
from remanence.data.equal_inputs import EqualInputs
from remanence.data.source import Source
from remanence.data.splits import Fold, RowTable
from remanence.science.nbbt import Campaign


@dataclass
class OpenedTable:
    """Rows of a table after reading, checking, encoding and splitting."""

    frame: pd.DataFrame
    """The cells as read."""
    source: Source
    columns: Columns
    x: NDArray[np.float64]
    """Inputs in physical units, shape (rows, inputs)."""
    y: NDArray[np.float64]
    """Targets in physical units, shape (rows, targets)."""
    rows: RowTable
    """Target values, groups and cells that a split is made from."""
    equal: EqualInputs
    """Which rows have equal inputs."""
    folds: Sequence[Fold]
    """The folds; each holds the row indices of its training, validation and test part."""
    batch_size: int
    split: Mapping[str, Any]
    """Options of the split, see ``conf/data/split``."""
    groups: str | None = None
    """Column that names the family of a row."""
    synthetic: bool = False
    """Whether the rows were simulated."""
    uncertainty: NDArray[np.float64] | None = None
    """Standard uncertainty of each target, shape (rows, targets), NaN where unknown; None if no row has one. The
    uncertainty of a row, in the unit of the target, weighs it in the loss and widens its interval."""
    said: tuple[str, ...] = ()
    """What was printed of the cells when they were read: what was left out, filled or taken, a line each."""
    campaign: Campaign | None = None
    """The simulated measurements that the rows were computed from; None for a table that was read from a file."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Source of every file that was read."""
        return (self.source,)

    @property
    def targets(self) -> list[str]:
        """Names of the columns of ``y``."""
        return list(self.columns.targets)

    @property
    def shape(self) -> dict[str, int]:
        """Arguments of a model that follow from the data."""
        return {"n_features": self.x.shape[1], "n_targets": self.y.shape[1]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """Arguments of a baseline that follow from the data; for a single table they are those of the model."""
        return self.shape

    @property
    def fold(self) -> Fold:
        """The first fold; it is the only one unless the split holds out several parts in turn."""
        return self.folds[0]

    @property
    def learnt(self) -> NDArray[np.float64]:
        """The values that a network is trained to predict: the targets, shape (rows, outputs)."""
        return self.y

    def column(self, name: str) -> pd.Series | None:
        """Return the cells of the column ``name``; None if there is none, or several that no name tells apart."""
        found = self.frame.loc[:, self.frame.columns == name]
        return found.iloc[:, 0] if found.shape[1] == 1 else None

    @property
    def plain(self) -> pd.DataFrame:
        """The rows with numbers as they were taken: features and targets without uncertainty, missing ones filled."""
        plain, inputs = self.frame.copy(deep=False), self.columns.inputs
        for name in self.columns.features:
            if name not in self.columns.levels:
                plain[name] = self.x[:, inputs.index(name)]
        for place, name in enumerate(self.columns.targets):
            plain[name] = self.y[:, place]
        return plain

    @property
    def names(self) -> pd.Series | None:
        """The name of each row: the column of ``data.id``, or one called id or sample; None if there is none."""
        if self.columns.id is not None:
            return self.column(self.columns.id)
        named = [str(name) for name in self.frame.columns if str(name).strip().lower() in ("id", "sample")]
        return self.column(named[0]) if named else None

    def part(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return inputs (rows, inputs) and targets (rows, targets) of the first fold's part ``name``.

        Args:
            name: ``train``, ``validation`` or ``test``.
        """
        rows = getattr(self.fold, name)
        return self.x[rows], self.y[rows]

    def described(self) -> Self:
        """Return the same rows with numeric cells converted to numbers; ``frame.attrs["units"]`` holds the units."""
        frame = typed(self.frame)
        frame.attrs["units"] = units_of(frame.columns, self.columns.units)
        return replace(self, frame=frame)
