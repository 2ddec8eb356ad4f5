"""Reading and writing of CSV, Excel and Parquet files as tables of raw cells."""

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from remanence.data.cells import typed
from remanence.data.declared_size import check_fits
from remanence.data.output_file import check_output, writing
from remanence.data.workbook import check_sheet, write_workbook
from remanence.data.workbook_cells import read_workbook
from remanence.errors import DataError, UserError

READERS = {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet"}
WORKBOOK = ".xlsx"
WRITERS = (".csv", ".tsv", ".txt", WORKBOOK, ".parquet")
TEXT_COPIES = 10
"""Bytes in memory for each byte of a text file: a short cell takes fifty bytes as a text of Python."""


def read_table(path: str | Path, named: Iterable[str]) -> pd.DataFrame:
    """Read the cells of a table without parsing numbers, so that a later error can name the cell.

    Args:
        path: path of a file with one of the endings in ``READERS``; of a workbook, the first sheet is read.
        named: columns that must be in the header exactly once. Other columns are not checked.

    Raises:
        DataError: if the file is missing, unreadable, lacks or repeats a named column, or has no rows.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.suffix.lower() not in READERS:
        raise DataError(f"{path}: unknown kind of table {path.suffix!r}; expected one of {', '.join(sorted(READERS))}")
    try:
        frame = _read_cells(path)
    except UserError:
        raise
    except Exception as error:  # each reader raises its own exceptions; the user needs file and reason
        reason = str(error.__cause__ or error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: cannot be read as a table: {reason[-1]}") from error
    check_header(frame.columns.tolist(), named, path)
    if frame.empty:
        raise DataError(f"{path}: the table has a header but no rows")
    return frame


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


def _read_cells(path: Path) -> pd.DataFrame:
    """Return the cells; their index 0, 1, … skips blank rows of the file, because messages number rows by it."""
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path)
    if path.suffix.lower() in {".xlsx", ".xls"}:
        cells = read_workbook(path) if path.suffix.lower() == ".xlsx" else _read_old_workbook(path)
        header = [] if cells.empty else ["" if pd.isna(name) else str(name).strip() for name in cells.iloc[0]]
        rows = cells.iloc[1:]
    else:
        check_fits(f"{path}: its text", TEXT_COPIES * path.stat().st_size)
        with open(path, encoding="utf-8-sig", newline="") as file:
            # strict: otherwise a quote that is never closed would swallow all rows below it
            numbered = enumerate(csv.reader(file, delimiter=_delimiter(path), strict=True))
            lines = [(number, line) for number, line in numbered if any(cell.strip() for cell in line)]
        header = [name.strip() for name in lines[0][1]] if lines else []
        for number, line in lines[1:]:
            if len(line) != len(header):
                raise DataError(f"{path}: row {number + 1} has {len(line)} cells, the header has {len(header)}")
        rows = pd.DataFrame([line for _, line in lines[1:]], columns=range(len(header)), dtype=object)
        rows.index = pd.Index([number for number, _ in lines[1:]], dtype=int)
    if not any(header):
        raise DataError(f"{path}: the file is empty")
    rows.columns = pd.Index(header)
    rows.index -= 1
    return rows


def _read_parquet(path: Path) -> pd.DataFrame:
    from pyarrow.parquet import read_metadata  # a run on another file does without it

    described = read_metadata(path)
    rows, columns = described.num_rows, described.num_columns
    held = sum(described.row_group(number).total_byte_size for number in range(described.num_row_groups))
    # equal values are stored once, so that a table of a billion rows may take a few bytes of the file
    check_fits(f"{path}: a table of {rows} rows and {columns} columns", 2 * max(8 * rows * columns, held))
    return pd.read_parquet(path).reset_index(drop=True)


def _read_old_workbook(path: Path) -> pd.DataFrame:
    # header=None keeps duplicate names; pandas would otherwise rename them without a warning
    return pd.read_excel(path, header=None, dtype=object, keep_default_na=False, na_values=[""]).dropna(how="all")


def _delimiter(path: Path) -> str:
    with open(path, encoding="utf-8-sig", newline="") as file:
        header = next((line for line in file if line.strip()), "")
    # count cells, not characters: a quoted name may contain a comma. The comma wins a tie, as in a table of one column
    return max(",;\t", key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


def check_header(header: list[str], named: Iterable[str], path: Path | str) -> None:
    """Raise DataError unless each column of ``named`` is in ``header`` exactly once."""
    for name in named:
        if name not in header:
            raise DataError(f"{path}: no column '{name}'; it has: {', '.join(map(str, header))}")
        if header.count(name) > 1:
            raise DataError(f"{path}: column '{name}' stands {header.count(name)} times in the header")
