"""Reading of a table on disk: its features and targets are checked, encoded and split."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd

from remanence.data.cells import is_empty
from remanence.data.columns import Columns
from remanence.data.opened_table import OpenedTable
from remanence.data.published import fetch
from remanence.data.row_split import Split
from remanence.data.source import Source
from remanence.data.splits import RowTable, make_folds
from remanence.data.table_file import read_table
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.constraints import As, ColumnName, Count, FileName


class Table:
    """Which columns of a table are read and how its rows are held out; ``open`` reads the file.

    Args:
        target: column or columns to predict.
        features: columns to predict from.
        path: path of a .csv, .xlsx or .parquet file.
        published: name of a published file, which is fetched if no path is given.
        categorical: features whose values are categories.
        groups: column that names the family of a row; a family is held out as a whole.
        units: unit of each column that has one, by the name of the column.
        batch_size: rows per training step of a network.
        split: how rows are held out; see ``conf/data/split``.
    """

    kind: ClassVar[str] = "table"
    synthetic: ClassVar[bool] = False

    def __init__(
        self,
        *,
        target: ColumnName | Sequence[str],
        features: Sequence[str],
        path: FileName | None = None,
        published: str | None = None,
        categorical: Sequence[str] = (),
        groups: ColumnName | None = None,
        units: Mapping[str, str] | None = None,
        batch_size: Count = 32,
        split: Annotated[Mapping[str, Any], As(Split)],
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
        """Columns that the file must have, in the order in which they are checked."""
        splitting = [column for key in ("held_out", "train", "test") for column in self.split.get(key, {})]
        return [*dict.fromkeys([*self.features, *self.targets, *([self.groups] if self.groups else []), *splitting])]

    def open(self) -> OpenedTable:
        """Read, check, encode and split the rows.

        Raises:
            DataError: for the first fault, naming the file and the row or column. Checks run in the order path, header,
                cells, number of rows.
        """
        frame, source = self.read()
        levels = {feature: self.levels_of(feature, frame) for feature in self.features if feature in self.categorical}
        columns = Columns(self.features, self.targets, levels, self.units)
        x, y = columns.encode(frame, source.name), columns.encode_targets(frame, source.name)
        self._check_constant(frame, columns, x, source.name)
        groups = frame[self.groups].astype(str).to_numpy() if self.groups else None
        rows = RowTable(y[:, 0], groups, frame, source.name)
        return OpenedTable(
            frame=frame,
            source=source,
            columns=columns,
            x=x,
            y=y,
            rows=rows,
            folds=make_folds(rows, **self.split),
            batch_size=self.batch_size,
            split=self.split,
            groups=self.groups,
            synthetic=self.synthetic,
        )

    def check(self) -> None:
        """Raise what ``open`` would raise."""
        self.open()

    def read(self) -> tuple[pd.DataFrame, Source]:
        """Return the cells of the table and the source that they came from."""
        if self.path is None and self.published is None:
            raise DataError("data.path: no table given; add data.path=<a .csv, .xlsx or .parquet file>")
        path = Path(self.path) if self.path is not None else fetch(str(self.published))
        frame = read_table(path, self.named)
        return frame, Source.of_file(path)

    def levels_of(self, feature: str, frame: pd.DataFrame) -> list[str]:
        """Return the categories of a feature that occur in ``frame``."""
        return sorted({str(cell) for cell in frame[feature] if not is_empty(cell)})

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

    def _check_constant(self, frame: pd.DataFrame, columns: Columns, x: np.ndarray, source: str) -> None:
        for feature in self.features:
            if frame[feature].astype(str).nunique() == 1 or (
                feature not in self.categorical and np.ptp(x[:, columns.inputs.index(feature)]) == 0
            ):
                raise DataError(
                    f"{source}: column '{feature}' is constant ({frame[feature].iloc[0]}), it explains nothing; "
                    "take it out of data.features"
                )
