"""A table on disk: declared features and targets, checked, encoded and split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from remanence.data.cells import is_empty
from remanence.data.columns import Columns
from remanence.data.published import fetch
from remanence.data.splits import Fold, RowTable, make_folds
from remanence.data.table_file import digest_of, read_table
from remanence.errors import ConfigurationError, DataError


@dataclass(frozen=True)
class Source:
    """Where rows came from; becomes an MLflow dataset input."""

    name: str
    location: str
    digest: str
    kind: str
    """``local`` for a file, ``simulated`` for rows made by the package."""

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Describe a file by its content."""
        return cls(path.name, str(path.absolute()), digest_of(path), "local")


class Table:
    """Rows of a table as model inputs and targets.

    After ``open``: ``frame`` (cells as read), ``columns``, ``x`` (rows, inputs) and ``y`` (rows, targets) in physical
    units, ``folds`` (indices of the rows of each part) and ``source``.
    """

    synthetic = False

    def __init__(
        self,
        *,
        target: str | Sequence[str],
        features: Sequence[str],
        path: str | None = None,
        published: str | None = None,
        categorical: Sequence[str] = (),
        groups: str | None = None,
        units: Mapping[str, str] | None = None,
        batch_size: int = 32,
        split: Mapping[str, Any],
    ) -> None:
        self.path = path
        self.published = published
        self.targets = [target] if isinstance(target, str) else list(target)
        self.features = list(features)
        self.categorical = list(categorical)
        self.groups = groups
        self.units = dict(units or {})
        self.batch_size = batch_size
        self.split = dict(split)
        self._check_names()

    @property
    def named(self) -> list[str]:
        """Columns that the file must have, in the order in which they are looked for."""
        splitting = [column for key in ("held_out", "train", "test") for column in self.split.get(key, {})]
        return [*dict.fromkeys([*self.features, *self.targets, *([self.groups] if self.groups else []), *splitting])]

    def open(self) -> Self:
        """Read, check, encode and split the rows.

        Raises:
            DataError: naming the file and the row or column, in the order path, header, cells, counts.
        """
        self.frame, self.source = self.read()
        name = self.source.name
        levels = {feature: self.levels_of(feature) for feature in self.features if feature in self.categorical}
        self.columns = Columns(self.features, self.targets, levels, self.units)
        self.x = self.columns.encode(self.frame, name)
        self.y = self.columns.encode_targets(self.frame, name)
        self._check_constant(name)
        groups = self.frame[self.groups].astype(str).to_numpy() if self.groups else None
        self.rows = RowTable(self.y[:, 0], groups, self.frame, name)
        self.folds = make_folds(self.rows, **self.split)
        return self

    def check(self) -> None:
        """Raise what ``open`` would raise."""
        self.open()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read."""
        return (self.source,)

    @property
    def shape(self) -> dict[str, int]:
        """What only the data can tell a model."""
        return {"n_features": self.x.shape[1], "n_targets": self.y.shape[1]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """What only the data can tell a baseline: of one table or scan, the same."""
        return self.shape

    @property
    def fold(self) -> Fold:
        """The first fold, and the only one unless every row is held out in turn."""
        return self.folds[0]

    def read(self) -> tuple[pd.DataFrame, Source]:
        """Return the cells and where they came from."""
        if self.path is None and self.published is None:
            raise DataError("data.path: no table given; add data.path=<a .csv, .xlsx or .parquet file>")
        path = Path(self.path) if self.path is not None else fetch(str(self.published))
        frame = read_table(path, self.named)
        return frame, Source.of_file(path)

    def levels_of(self, feature: str) -> list[str]:
        """Return the categories that a feature takes in the rows."""
        return sorted({str(cell) for cell in self.frame[feature] if not is_empty(cell)})

    @property
    def learnt(self) -> np.ndarray:
        """What a network learns (rows, outputs): the targets."""
        return self.y

    def part(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs (rows, inputs) and targets (rows, targets) of ``train``, ``validation`` or ``test``."""
        rows = getattr(self.fold, name)
        return self.x[rows], self.y[rows]

    def _check_names(self) -> None:
        if not self.features:
            raise ConfigurationError("data.features: name at least one column")
        if not self.targets:
            raise ConfigurationError("data.target: name at least one column")
        for twice in {name for name in self.features + self.targets if (self.features + self.targets).count(name) > 1}:
            raise ConfigurationError(f"data.features, data.target: column '{twice}' is named twice")
        for name in self.categorical:
            if name not in self.features:
                raise ConfigurationError(f"data.categorical: '{name}' is not one of data.features: {self.features}")

    def _check_constant(self, source: str) -> None:
        for feature in self.features:
            if self.frame[feature].astype(str).nunique() == 1 or (
                feature not in self.categorical and np.ptp(self.x[:, self.columns.inputs.index(feature)]) == 0
            ):
                raise DataError(
                    f"{source}: column '{feature}' is constant ({self.frame[feature].iloc[0]}), it explains nothing; "
                    "take it out of data.features"
                )
