"""What somebody's table holds: its columns, the cells that cannot be taken, rows that repeat others, and families."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from remanence.data.cell_faults import CellFault
from remanence.data.cells import shown_row
from remanence.data.described_column import CATEGORY, EMPTY, FORMULA, NUMBER, DescribedColumn, describe_column
from remanence.data.element_columns import disagreeing_rows, element_columns
from remanence.data.found_table import FoundTable
from remanence.data.meant_columns import MeantColumns
from remanence.data.number_column import read_numbers
from remanence.data.table_file import find_cells
from remanence.data.table_format import TableFormat
from remanence.data.uncertainty_columns import uncertainty_columns
from remanence.foundation.first_few import first_few
from remanence.science.composition.elements import ELEMENTS

PROPERTIES = (
    r"d[\s_*]*33",
    r"d[\s_*]*3[13]",
    "strain",
    r"k[\s_]*[pt]\b",
    r"p[\s_]*r\b",
    r"q[\s_]*m\b",
    r"t[\s_]*c\b",
    "ε|eps",
)
"""Beginnings of names of properties, the one that most are after first."""
NOTHING_NAMED = MeantColumns()
ROWS_SHOWN = 12
"""Number of rows that a line on wrong cells names."""


@dataclass(frozen=True)
class DescribedTable:
    """A table, and what a training would use of it."""

    path: Path
    found: FoundTable
    columns: tuple[DescribedColumn, ...]
    named: MeantColumns = NOTHING_NAMED
    """What the user says of the columns, with their names as in the file."""

    @classmethod
    def of(cls, path: str | Path, format: TableFormat, named: MeantColumns = NOTHING_NAMED) -> "DescribedTable":
        """Read a table and describe its columns.

        Args:
            path: path of the table.
            format: what is known of the file.
            named: columns that are to be used, instead of those that seem fit.

        Raises:
            DataError: if the file cannot be read as a table, or a column that is named is not there.
        """
        found = find_cells(path, named.names, format)
        named = named.found_in([str(name) for name in found.frame.columns], str(path))
        columns = [
            describe_column(
                str(name),
                found.frame.iloc[:, place],
                found.units.get(str(name)),
                abbreviations=named.abbreviations,
                is_formula=str(name) == named.composition,
            )
            for place, name in enumerate(found.frame.columns)
        ]
        return cls(Path(path), found, tuple(columns), named)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.found.frame)

    @cached_property
    def target(self) -> DescribedColumn | None:
        """The column to predict: one that is called as a property of ceramics, else the last one that varies."""
        if self.named.targets:
            return self._called(self.named.targets[0])
        beside = set(self.uncertainties.values())
        usable = [column for column in self._numbers if column.header not in beside]
        for pattern in PROPERTIES:
            for column in usable:
                if re.match(pattern, column.bare, re.IGNORECASE):
                    return column
        taken = [column for column in usable if column.can_be_taken] or usable
        return taken[-1] if taken else None

    @property
    def composition(self) -> DescribedColumn | None:
        """The column with most different compositions, the first of these."""
        if self.named.composition is not None:
            return self._called(self.named.composition) if self.named.composition else None
        possible = [column for column in self._named(FORMULA) if not column.is_constant]
        return max(possible, key=lambda column: len(np.unique(column.codes)), default=None)

    @property
    def names(self) -> DescribedColumn | None:
        """The column that names each row, which figures and predictions call rows by."""
        return next((column for column in self.columns if column.tells_rows_apart), None)

    @cached_property
    def features(self) -> list[DescribedColumn]:
        """Columns to predict from: numbers and categories that vary, with at most half their cells empty."""
        if self.named.features is not None:
            return [self._called(name) for name in self.named.features]
        unused = {*self.uncertainties.values(), self.target.header if self.target else "", *(self.named.targets or ())}
        computed = ELEMENTS if self.composition is not None else ()  # amounts of elements are read from the formulas
        possible = [*self._numbers, *self._named(CATEGORY)]
        return [
            column
            for column in self.columns  # in the order of the table
            if column in possible
            and column.header not in unused
            and column.bare not in computed
            and not (column.is_constant or column.names_rows)
            and column.can_be_taken
            and 2 * column.missing <= self.rows
        ]

    @property
    def elements(self) -> list[str]:
        """Columns of amounts of elements, which a column of formulas makes superfluous."""
        return element_columns([column.header for column in self._named(NUMBER)])

    @property
    def used(self) -> list[DescribedColumn]:
        """All columns that a training would use."""
        return [*self.features, *(column for column in (self.composition, self.target) if column is not None)]

    @cached_property
    def uncertainties(self) -> dict[str, str]:
        """Column to the column that looks like its uncertainty."""
        header = [column.header for column in self.columns]
        return uncertainty_columns(header, [column.header for column in self._named(NUMBER)])

    @property
    def families(self) -> DescribedColumn | None:
        """The column that names the sample of a row, if it names several rows alike."""
        return next((column for column in self.columns if column.names_families), None)

    def label(self, column: DescribedColumn) -> str:
        """Return the name of a column, or its number if it has none."""
        return column.header or f"(column {self.columns.index(column) + 1})"

    def faults(self) -> Iterator[str]:
        """Yield a line for each kind of cells in a column that cannot be taken."""
        for column in self.columns:
            alike: dict[str, list[CellFault]] = {}
            for fault in column.faults:
                alike.setdefault(fault.kind or fault.what.partition(":")[0], []).append(fault)
            for kind, faults in alike.items():
                where = first_few(map(self._cell, faults[:ROWS_SHOWN]), of=len(faults))
                advice = f"; {faults[0].advice}" if faults[0].advice else ""
                yield f"{self.label(column)}: {kind} in {len(faults)} of {self.rows} rows: {where}{advice}"

    def assumed(self) -> list[str]:
        """Return lines on what is assumed in reading the formulas."""
        formulas = None if self.composition is None else self.composition.formulas
        return [] if formulas is None else formulas.assumed(self.found.frame)

    def repeated(self) -> list[str]:
        """Return lines on rows that repeat others, in all columns or in those that a training would use as inputs."""
        said = []
        whole = [column for column in self.columns if column.kind != EMPTY and not column.names_rows]
        inputs = [column for column in self.used if column is not self.target]
        for columns, what in (
            (whole, "repeat another row in every column"),
            (inputs, "have the inputs of another row"),
        ):
            rows = self._repeats(columns)
            if len(rows) and columns:
                said.append(f"{self._rows(rows.tolist())} {what}")
        if self.composition is not None and self.composition.formulas is not None:
            read = self.composition.formulas.read
            formulas, sets = len({each.key for each in read}), len({each.elements for each in read})
            said.append(f"{len(read)} formulas are {formulas} different compositions of {sets} sets of elements")
        return [*said, *self._elements_said()]

    def _elements_said(self) -> list[str]:
        """Return a line on columns of amounts of elements that stand beside formulas."""
        if self.composition is None or self.composition.formulas is None or not self.elements:
            return []
        names = self.elements
        values = {name: read_numbers(self.found.frame, name, uncertain=True).values for name in names}
        rows = disagreeing_rows(values, self.composition.formulas)
        columns = f"the columns of elements ({names[0]} to {names[-1]})"
        if not rows:
            return [f"{columns} say what {self.composition.header} says, which is read instead of them"]
        return [
            f"{columns} disagree with {self.composition.header} in {self._rows(rows)}; the formulas are read instead"
        ]

    def _repeats(self, columns: Sequence[DescribedColumn]) -> np.ndarray:
        """Return the rows that equal another row in all of these columns."""
        codes = pd.DataFrame({place: column.codes for place, column in enumerate(columns)})
        return np.flatnonzero(codes.duplicated(keep=False).to_numpy()) if len(columns) else np.empty(0, dtype=int)

    def _cell(self, fault: CellFault) -> str:
        """Return the row of a cell, and what stands in it."""
        row, (_, colon, cell) = shown_row(self.found.frame, fault.row), fault.what.partition(": ")
        return f"{row} ({cell})" if colon else str(row)

    def _rows(self, rows: Sequence[int]) -> str:
        numbers = first_few((str(shown_row(self.found.frame, row)) for row in rows[:ROWS_SHOWN]), of=len(rows))
        return f"row {numbers}" if len(rows) == 1 else f"{len(rows)} rows ({numbers})"

    @property
    def _numbers(self) -> list[DescribedColumn]:
        return [column for column in self._named(NUMBER) if not column.is_constant and not column.names_rows]

    def _called(self, header: str) -> DescribedColumn:
        return next(column for column in self.columns if column.header == header)

    def _named(self, kind: str) -> list[DescribedColumn]:
        """Return the columns of a kind whose name is theirs alone."""
        times = Counter(column.header for column in self.columns)
        return [
            column for column in self.columns if column.kind == kind and column.header and times[column.header] == 1
        ]
