"""The first sheet of an Excel workbook, row by row: what a sheet says of its own extent is not believed."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from remanence.data.declared_size import check_fits
from remanence.errors import DataError

LAST_ROW = 2**20
"""Number of the last row that a sheet can have."""
COPIES = 5
"""Bytes in memory for each byte of an unpacked sheet, or of its table of pointers to cells."""


def read_workbook(path: Path) -> pd.DataFrame:
    """Return the cells of the first sheet; the index is the number of the row in the sheet, counted from 0.

    Only an empty cell and an error such as ``#N/A`` count as missing: a dopant may be called None or NA. pandas fills
    a sheet up to its last row and column first, which one stray cell moves by a million rows and 16384 columns.

    Raises:
        DataError: if the workbook would not fit into memory, or numbers its rows beyond the last one of a sheet.
    """
    from openpyxl import load_workbook  # a run on another file does without it

    with zipfile.ZipFile(path) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    check_fits(f"{path}: its unpacked content", COPIES * unpacked)
    rows: dict[int, list[Any]] = {}
    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows()):
            if number >= LAST_ROW:
                raise DataError(f"{path}: has a row beyond {LAST_ROW}, the last one of a sheet")
            cells = [_value(cell) for cell in row]
            if any(cell is not np.nan for cell in cells):
                rows[number] = cells
    finally:
        book.close()
    width = max(map(len, rows.values()), default=0)
    check_fits(f"{path}: a table of {len(rows)} rows and {width} columns", COPIES * 8 * len(rows) * width)
    filled = [[*cells, *[np.nan] * (width - len(cells))] for cells in rows.values()]
    return pd.DataFrame(filled, index=list(rows), dtype=object)


def _value(cell: Any) -> Any:
    """Return what a cell holds, NaN if it is nothing; a number without decimals is an integer, as it is shown."""
    value = cell.value
    if value is None or value == "" or cell.data_type == "e":
        return np.nan
    return int(value) if isinstance(value, float) and value.is_integer() else value
