"""Reading of a table on disk: its features and targets are checked, encoded and split."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.category_column import levels_of
from remanence.data.columns import Columns
from remanence.data.composition_inputs import with_composition
from remanence.data.declared_units import stated_units
from remanence.data.families import Kind, compositions_of, equal_inputs, families_of_compositions, say_repeated_ids
from remanence.data.held_together import hold_together
from remanence.data.measured_rows import measured_rows
from remanence.data.opened_table import OpenedTable
from remanence.data.published import fetch
from remanence.data.row_split import Split
from remanence.data.source import Source
from remanence.data.splits import make_folds
from remanence.data.table_file import read_table
from remanence.data.table_format import TableFormat
from remanence.data.text_features import text_features
from remanence.data.uncertainty_columns import said_of_uncertainty
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.constraints import As, AsTyped, ColumnName, Count, FileName, Index
from remanence.foundation.terminal import console
from remanence.science.composition.descriptors import NAMES as DESCRIPTORS
from remanence.science.composition.parse import NameNotRead, own_names


class Table:
    """Which columns of a table are read and how its rows are held out; ``open`` reads the file.

    Args:
        target: column or columns to predict.
        features: columns to predict from.
        path: path of a .csv, .xlsx or .parquet file.
        published: name of a published file, which is fetched if no path is given.
        categorical: features whose values are categories.
        groups: column that names the family of a row; a family is held out as a whole.
        duplicates: ``together`` holds rows with equal inputs out as a whole, ``split`` takes each row by itself.
        families: ``formula`` holds rows of equal formulas out as a whole, ``elements`` those of the same elements.
        units: unit of each column that has one, by the name of the column.
        missing: what is done about a cell without a value, such as an empty one or ``ND``: ``error`` refuses the table,
            ``drop`` leaves the row out, ``impute`` gives a feature the median of its column, and leaves rows without
            target out.
        uncertain: what is done about ``345±5``, ``3.905(2)``, ``340-350`` or ``~345``: ``error`` refuses the table,
            ``value`` takes 345, and 5 as the uncertainty.
        uncertainty: target to the column that holds its standard uncertainty.
        id: column that names a row in every table; None takes a column called id, if there is one.
        composition: column of formulas such as ``0.94Na0.5Bi0.5TiO3-0.06BaTiO3``.
        abbreviations: names that stand for formulas there, besides those of the literature.
        descriptors: inputs beside the fractions of the elements of a composition: ``all`` that suit, or the names
            of descriptors, see ``science.composition.descriptors``.
        batch_size: rows per training step of a network.
        split: how rows are held out; see ``conf/data/split``.
        header_row: row of the column names in the file, from 1; null: it is found; 0: the columns have no names.
        sheet: name or number (from 1) of the sheet of a workbook; null: the first one that has the columns.
        decimal: mark before the decimals, "." or ","; null: it is found where the cells leave no doubt.
        separator: of a text file; null: it is found.
        encoding: of a text file; null: it is found.
    """

    kind: ClassVar[str] = "table"
    synthetic: ClassVar[bool] = False
    cells_are_set: ClassVar[bool] = True
    """Whether ``missing`` and ``uncertain`` are keys of the configuration, so that a message may name them."""

    def __init__(
        self,
        *,
        target: ColumnName | Sequence[str],
        features: Sequence[str],
        path: FileName | None = None,
        published: str | None = None,
        categorical: Sequence[str] = (),
        groups: ColumnName | None = None,
        duplicates: Literal["together", "split"] = "split",
        families: Kind = "none",
        units: Mapping[str, str] | None = None,
        missing: Literal["error", "drop", "impute"] = "error",
        uncertain: Literal["error", "value"] = "error",
        uncertainty: Mapping[str, str] | None = None,
        id: ColumnName | None = None,
        composition: ColumnName | None = None,
        abbreviations: Mapping[str, str] | None = None,
        descriptors: Literal["all"] | Sequence[str] = "all",
        batch_size: Count = 32,
        split: Annotated[Mapping[str, Any], As(Split)],
        header_row: Index | None = None,
        sheet: str | int | None = None,
        decimal: Annotated[Literal[".", ","], AsTyped()] | None = None,
        separator: ColumnName | None = None,
        encoding: str | None = None,
    ) -> None:
        self.path = path
        self.published = published
        self.targets = [target] if isinstance(target, str) else list(target)
        self.features = list(features)
        self.categorical = list(categorical)
        self.groups, self.duplicates, self.families = groups, duplicates, families
        self.units = dict(units or {})
        self.missing: Literal["error", "drop", "impute"] = missing
        self.uncertain: Literal["error", "value"] = uncertain
        self.uncertainty = dict(uncertainty or {})
        self.id = id
        self.composition, self.abbreviations = composition, dict(abbreviations or {})
        self.descriptors = None if isinstance(descriptors, str) else list(descriptors)
        self.batch_size = batch_size
        self.split = dict(split)
        self.format = TableFormat(header_row, sheet, decimal, separator, encoding)
        self._check_names()

    @property
    def named(self) -> list[str]:
        """Columns that the file must have, in the order in which they are checked."""
        splitting = [column for key in ("held_out", "train", "test") for column in self.split.get(key, {})]
        further = [name for name in (self.composition, self.groups, self.id) if name]
        return [*dict.fromkeys([*self.features, *self.targets, *further, *self.uncertainty.values(), *splitting])]

    def open(self) -> OpenedTable:
        """Read, check, encode and split the rows.

        Raises:
            DataError: for the first fault, naming the file and the row or column. Checks run in the order path, header,
                cells, number of rows.
        """
        frame, source = self.read()
        texts, said = self._texts(frame, source.name)
        categorical = {*self.categorical, *texts}
        levels = {name: self.levels_of(name, frame) for name in self.features if name in categorical}
        columns = Columns(
            self.features,
            self.targets,
            levels,
            stated_units(frame, self.units, source.name, "data.units"),
            id=self.id,
            missing=self.missing,
            uncertain=self.uncertain,
        )
        lines: list[str] = []
        if self.composition is not None:
            columns, lines = with_composition(
                columns, self.composition, self.abbreviations, frame, source.name, descriptors=self.descriptors
            )
        measured = measured_rows(frame, columns, source.name, beside=self.uncertainty, advised=self.cells_are_set)
        frame, columns = measured.frame, measured.columns
        self._check_constant(frame, columns, measured.x, source.name)
        groups: NDArray[Any] | None = frame[self.groups].astype(str).to_numpy() if self.groups else None
        compositions = compositions_of(frame, columns)
        equal = equal_inputs(measured.x, columns, compositions)
        if compositions is not None and groups is None:
            groups = families_of_compositions(compositions, frame, columns, self.families, source.name)
        if groups is None:
            say_repeated_ids(frame, columns, equal, source.name)
        rows = hold_together(measured.y[:, 0], groups, frame, source.name, equal, torn=self.duplicates == "split")
        told = (*said, *lines, *measured.said)
        for line in told:
            console.print(line)
        return OpenedTable(
            frame=frame,
            source=source,
            columns=columns,
            x=measured.x,
            y=measured.y,
            uncertainty=measured.uncertainty,
            rows=rows,
            equal=equal,
            folds=make_folds(rows, **self.split),
            batch_size=self.batch_size,
            split=self.split,
            groups=self.groups,
            synthetic=self.synthetic,
            said=told,
        )

    def check(self) -> None:
        """Raise what ``open`` would raise."""
        self.open()

    def read(self) -> tuple[pd.DataFrame, Source]:
        """Return the cells of the table and the source that they came from."""
        if self.path is None and self.published is None:
            raise DataError("data.path: no table given; add data.path=<a .csv, .xlsx or .parquet file>")
        path = Path(self.path) if self.path is not None else fetch(str(self.published))
        frame = read_table(path, self.named, self.format)
        return frame, Source.of_file(path)

    def levels_of(self, feature: str, frame: pd.DataFrame) -> list[str]:
        """Return the categories of a feature that occur in ``frame``."""
        return levels_of(frame[feature])

    def _texts(self, frame: pd.DataFrame, source: str) -> tuple[list[str], tuple[str, ...]]:
        """Return the features that hold text, and lines on these and on columns that look like an uncertainty."""
        texts, said = text_features(frame, self.features, self.categorical, source)
        header = [str(name) for name in frame.columns]
        return texts, (*said, *said_of_uncertainty(header, self.targets, self.uncertainty, source))

    def _check_names(self) -> None:
        if not self.features and self.composition is None:
            raise ConfigurationError(
                "data.features: name at least one column, or a column of formulas, data.composition"
            )
        if not self.targets:
            raise ConfigurationError("data.target: name at least one column")
        for twice in {name for name in self.features + self.targets if (self.features + self.targets).count(name) > 1}:
            raise ConfigurationError(f"data.features, data.target: column '{twice}' is named twice")
        if self.composition in self.features + self.targets:
            raise ConfigurationError(f"data.composition: column '{self.composition}' is a feature or target as well")
        if self.families != "none" and self.composition is None:
            raise ConfigurationError(f"data.families: '{self.families}' needs data.composition, a column of formulas")
        if self.families != "none" and self.groups is not None:
            raise ConfigurationError("data.families, data.groups: each names the families; give one of them")
        try:
            own_names(tuple(self.abbreviations.items()))
        except NameNotRead as error:
            raise ConfigurationError(f"data.abbreviations.{error}") from error
        for name in self.descriptors or ():
            if name not in DESCRIPTORS:
                raise ConfigurationError(f"data.descriptors: no '{name}'; there are: {', '.join(DESCRIPTORS)}")
        for name in self.categorical:
            if name not in self.features:
                raise ConfigurationError(f"data.categorical: '{name}' is not one of data.features: {self.features}")
        for name in self.uncertainty:
            if name not in self.targets:
                raise ConfigurationError(f"data.uncertainty: '{name}' is not one of data.target: {self.targets}")

    def _check_constant(self, frame: pd.DataFrame, columns: Columns, x: np.ndarray, source: str) -> None:
        if self.composition is not None and not columns.composition_inputs:
            texts = frame[self.composition].astype(str)
            holds = (
                f"is constant ({texts.iloc[0]})"
                if texts.nunique() == 1
                else f"is the same composition in all rows, if {texts.iloc[0]} and {texts.iloc[-1]} are formulas"
            )
            raise DataError(
                f"{source}: column '{self.composition}' {holds}, it explains nothing; name another column of formulas "
                "as data.composition, or take it out"
            )
        for feature in self.features:
            is_constant = (
                frame[feature].astype(str).nunique() == 1
                if feature in columns.levels
                else np.ptp(x[:, columns.inputs.index(feature)]) == 0
            )
            if is_constant:
                raise DataError(
                    f"{source}: column '{feature}' is constant ({frame[feature].iloc[0]}), it explains nothing; "
                    "take it out of data.features"
                )
