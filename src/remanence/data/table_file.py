"""Reading and writing of CSV, Excel and Parquet files as tables of raw cells."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from remanence.data.cells import typed
from remanence.data.column_names import called_as_asked, listed, nearest_column
from remanence.data.found_table import FoundTable, find_table
from remanence.data.output_file import check_output, writing
from remanence.data.table_format import TableFormat
from remanence.data.workbook import check_sheet, write_workbook
from remanence.errors import DataError, UserError
from remanence.foundation.terminal import console

READERS = {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet"}
WORKBOOK = ".xlsx"
WRITERS = (".csv", ".tsv", ".txt", WORKBOOK, ".parquet")
FOUND = TableFormat()
"""How a table is read of which nothing is said."""


def read_table(
    path: str | Path, named: Iterable[str], format: TableFormat = FOUND, *, looked_for: Sequence[str] = ()
) -> pd.DataFrame:
    """Read the cells of a table without parsing numbers, so that a later error can name the cell.

    Args:
        path: path of a file with one of the endings in ``READERS``.
        named: columns that must be in the header exactly once, with or without their unit; the table has them as they
            are named here, see ``called_as_asked``. Other columns are not checked.
        format: what is known of the file; the rest is found, and a line says what was guessed.
        looked_for: further columns that help to find the header, which need not be there.

    Raises:
        DataError: if the file is missing, unreadable, lacks or repeats a named column, or has no rows.
    """
    path, named = Path(path), list(named)
    found = find_cells(path, [*named, *looked_for], format)
    frame = called_as_asked(found.frame, named, str(path), found.units)
    check_header(frame.columns.tolist(), named, path, found.frame.columns.tolist())
    if frame.empty:
        raise DataError(f"{path}: the table has a header but no rows")
    if line := found.line(path.name):
        console.print(line)
    return frame


def find_cells(path: str | Path, looked_for: Sequence[str], format: TableFormat = FOUND) -> FoundTable:
    """Return the cells of a table, and how the file holds them, whatever its columns are called.

    Args:
        path: path of a file with one of the endings in ``READERS``.
        looked_for: names of columns that help to find header and sheet.
        format: what is known of the file.

    Raises:
        DataError: if the file is missing or cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.suffix.lower() not in READERS:
        raise DataError(f"{path}: unknown kind of table {path.suffix!r}; expected one of {', '.join(sorted(READERS))}")
    try:
        return find_table(path, looked_for, format)
    except UserError:
        raise
    except Exception as error:  # each reader raises its own exceptions; the user needs file and reason
        reason = str(error.__cause__ or error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: cannot be read as a table: {reason[-1]}") from error


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write ``frame`` as CSV, Excel or Parquet, chosen by the ending of ``path``.

    Text files keep the text of every cell as it was read. Excel and Parquet store a column of numbers as numbers.

    Raises:
        DataError: if the ending is unknown, the folder does not exist, the table does not fit into a workbook, or the
            file cannot be written.
    """
    path = Path(path)
    check_output(path, WRITERS)
    check_room(frame, path)
    with writing(path) as unfinished:
        match path.suffix.lower():
            case ".csv" | ".txt":
                frame.to_csv(unfinished, index=False)
            case ".tsv":
                frame.to_csv(unfinished, index=False, sep="\t")
            case ".xlsx":
                write_workbook(frame, unfinished)
            case ".parquet":
                typed(frame).to_parquet(unfinished, index=False)


def check_room(frame: pd.DataFrame, path: str | Path, *, further: int = 0) -> None:
    """Refuse a table that a file of this ending cannot hold; ``workbook.check_sheet`` describes the arguments.

    Raises:
        DataError: if ``path`` is a workbook, and the table has too many rows or columns, or a text that is too long.
    """
    if Path(path).suffix.lower() == WORKBOOK:
        check_sheet(frame, path, further=further)


def digest_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's content as hexadecimal digits.

    Raises:
        DataError: if the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error


def check_header(
    header: Sequence[str], named: Iterable[str], path: Path | str, shown: Sequence[str] | None = None
) -> None:
    """Raise DataError unless each column of ``named`` is in ``header`` exactly once.

    Args:
        header: names of the columns.
        named: columns that are needed.
        path: file, for the message.
        shown: names of the columns as they stand in the file, if ``header`` has others.
    """
    shown = header if shown is None else shown
    for name in named:
        if name not in header:
            raise DataError(f"{path}: no column '{name}'; it has: {listed(shown)}{nearest_column(name, shown)}")
        if header.count(name) > 1:
            raise DataError(f"{path}: column '{name}' stands {header.count(name)} times in the header")
