"""Writing of Excel workbooks: text stays text, and what a sheet cannot hold is refused by name."""

import io
import re
from pathlib import Path

import pandas as pd

from remanence.data.cells import shown_row, typed
from remanence.errors import DataError

ROWS, COLUMNS, CHARACTERS = 1_048_576, 16_384, 32_767
"""What a sheet can hold: rows with the header, columns, and characters in a cell."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML, and so a workbook, cannot hold."""


def check_sheet(frame: pd.DataFrame, path: str | Path, *, further: int = 0) -> None:
    """Refuse a table that a workbook cannot hold.

    Args:
        frame: cells; its index numbers the rows for messages, see ``shown_row``.
        path: path of the workbook, for messages.
        further: number of columns that will be added to the table.

    Raises:
        DataError: if there are too many rows or columns, or a text is too long or has a character that cannot be
            written, naming its row and column.
    """
    check_size(len(frame), frame.shape[1] + further, path)
    for position, column in enumerate(map(str, frame.columns)):
        _check_text(column, f"{path}: the name of column {position + 1}")
        cells = frame.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(cells):
            for row, cell in enumerate(cells.tolist()):
                if isinstance(cell, str):
                    _check_text(cell, f"{path}: row {shown_row(frame, row)}, column '{column}'")


def check_size(rows: int, columns: int, path: str | Path) -> None:
    """Raise DataError if a sheet cannot hold so many rows below a header, or so many columns."""
    for what, number, most in (("rows", rows, ROWS - 1), ("columns", columns, COLUMNS)):
        if number > most:
            raise DataError(
                f"{path}: a workbook holds at most {most} {what}, the table has {number}; write .csv or .parquet"
            )


def write_workbook(frame: pd.DataFrame, path: Path) -> None:
    """Write the table as the only sheet of a workbook, columns of numbers as numbers and all other cells as text.

    Raises:
        OSError: if the file cannot be written.
    """
    cells = typed(frame)
    content = io.BytesIO()  # zipfile, which cannot write into a full file, tries again when it is thrown away
    with pd.ExcelWriter(content, engine="openpyxl") as writer:
        cells.to_excel(writer, index=False)
        (sheet,) = writer.book.worksheets
        for position in range(cells.shape[1]):
            texts = [cells.columns[position], *cells.iloc[:, position].tolist()]
            for row, text in enumerate(texts, start=1):
                # openpyxl would write the first as a formula, and "#N/A" and the like as an error: both are read as
                # empty cells
                if isinstance(text, str) and text.startswith(("=", "#")):
                    cell = sheet.cell(row, position + 1)
                    cell.data_type, cell.quotePrefix = "s", True  # quoted, or Excel would take it for one when edited
    path.write_bytes(content.getbuffer())


def _check_text(text: str, where: str) -> None:
    # Excel counts as UTF-16 does
    if len(text) > CHARACTERS // 2 and (characters := len(text.encode("utf-16-le")) // 2) > CHARACTERS:
        raise DataError(f"{where} has {characters} characters, a workbook holds at most {CHARACTERS}; write .csv")
    if found := UNWRITABLE.search(text):
        raise DataError(f"{where} has the character {found[0]!r}, which a workbook cannot hold; write .csv")
