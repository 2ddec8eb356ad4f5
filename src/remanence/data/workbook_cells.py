"""The sheets of an Excel workbook, row by row: what a sheet says of its own extent is not believed."""

import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from remanence.data.declared_size import check_fits
from remanence.data.header import TOP, RawRow
from remanence.data.sheet_marks import SheetMarks
from remanence.errors import DataError

LAST_ROW = 2**20
"""Number of the last row that a sheet can have."""
COPIES = 5
"""Bytes in memory for each byte of an unpacked sheet, or of its table of pointers to cells."""


class Workbook:
    """An open workbook; it is closed at the end of a ``with`` block.

    Args:
        path: path of the file.

    Raises:
        DataError: if the workbook would not fit into memory.
    """

    def __init__(self, path: Path) -> None:
        from openpyxl import load_workbook  # a run on another file does without it

        with zipfile.ZipFile(path) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        check_fits(f"{path}: its unpacked content", COPIES * unpacked)
        self.path = path
        self._book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        self._marks: dict[str, SheetMarks] = {}
        self._sheets = {sheet.title: sheet for sheet in self._book.worksheets}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._book.close()

    @property
    def names(self) -> list[str]:
        """Names of the sheets, without those that hold a figure only."""
        return list(self._sheets)

    def top(self, sheet: str, number: int = TOP) -> list[RawRow]:
        """Return the first rows of a sheet that are not blank, of equal length and with merged cells filled down."""
        rows = dict(islice(self._rows(sheet), number))
        self.marks(sheet).fill_down(rows)
        return [RawRow(place + 1, cells) for place, cells in zip(rows, _padded(rows), strict=True)]

    def read(self, sheet: str) -> tuple[pd.DataFrame, dict[int, list[int]]]:
        """Return the cells of a sheet, and the rows of each column that got the value of merged cells.

        Only an empty cell and an error such as ``#N/A`` count as missing: a dopant may be called None or NA. pandas
        fills a sheet up to its last row and column first, which one stray cell moves by a million rows and 16384
        columns.

        Returns:
            the cells, whose index is the number of the row in the sheet, counted from 0, and column to rows.

        Raises:
            DataError: if the table would not fit into memory, or numbers its rows beyond the last one of a sheet.
        """
        rows = dict(self._rows(sheet))
        merged = self.marks(sheet).fill_down(rows)
        width = max(map(len, rows.values()), default=0)
        check_fits(f"{self.path}: a table of {len(rows)} rows and {width} columns", COPIES * 8 * len(rows) * width)
        return pd.DataFrame(_padded(rows), index=list(rows), dtype=object), merged

    def marks(self, sheet: str) -> SheetMarks:
        """Return what stands beside the cells of a sheet."""
        if sheet not in self._marks:
            part = getattr(self._sheets[sheet], "_worksheet_path", None)
            self._marks[sheet] = SheetMarks() if part is None else SheetMarks.of(self.path, part)
        return self._marks[sheet]

    def _rows(self, sheet: str) -> Iterator[tuple[int, list[Any]]]:
        found = self._sheets[sheet]
        found.reset_dimensions()
        for number, row in enumerate(found.iter_rows()):
            if number >= LAST_ROW:
                raise DataError(f"{self.path}: has a row beyond {LAST_ROW}, the last one of a sheet")
            cells = [_value(cell) for cell in row]
            if any(cell is not np.nan for cell in cells):
                yield number, cells


def _padded(rows: dict[int, list[Any]]) -> list[list[Any]]:
    width = max(map(len, rows.values()), default=0)
    return [[*cells, *[np.nan] * (width - len(cells))] for cells in rows.values()]


def _value(cell: Any) -> Any:
    """Return what a cell holds, NaN if it is nothing; a number without decimals is an integer, as it is shown."""
    value = cell.value
    if value is None or value == "" or cell.data_type == "e":
        return np.nan
    return int(value) if isinstance(value, float) and value.is_integer() else value
