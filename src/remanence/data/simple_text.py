"""Fast reading of large text files in which every row is one line with as many cells as there are columns."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

PART = 2**22
"""Bytes that are looked at, and parsed, at a time."""
UTF8 = ("utf-8", "utf-8-sig")
DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+(?:[eE][-+]?\d+)?", re.ASCII)
"""A number with decimals; a column of them is parsed as numbers, unless a cell further down is none."""
IS_NAME = r"^\s*[-+]?(0[0-9]|[0-9]{16,}\s*$)"
"""``cells.NAME`` in the language of pyarrow."""


def read_simple(
    path: Path, *, lines: int, encoding: str, separator: str, width: int, sample: Sequence[Sequence[object]]
) -> pd.DataFrame | None:
    """Return rows, or None if a row is not one line with as many cells as there are columns.

    pyarrow parses a million rows in a second, but it neither numbers rows nor says that it leaves lines out. The caller
    reads such a file row by row. A column of numbers holds numbers, as after ``cells.typed``; all others hold texts.

    Args:
        path: path of the file.
        lines: number of lines above the first row.
        encoding: encoding of the file; a file in another one than UTF-8 is copied.
        separator: what stands between the cells.
        width: number of cells in each row.
        sample: cells of the first rows.

    Returns:
        the rows that are not blank, with columns 0, 1, …; the index is the number of the line, counted from 0.
    """
    import pyarrow as pa  # a run on a small file does without it

    decimals = [str(place) for place in range(width) if _are_decimals([row[place] for row in sample])]
    names = [str(place) for place in range(width)]
    with _below(path, lines, encoding) as content:
        table = _parsed(content, separator, names, decimals)
    if table is None and decimals:  # some cell is no number
        with _below(path, lines, encoding) as content:
            table = _parsed(content, separator, names, [])
    with _below(path, lines, encoding) as content:
        if table is None or table.num_rows != _lines(content):
            return None
    columns = {place: _column(table.column(place)) for place in range(width)}
    del table
    pa.default_memory_pool().release_unused()
    frame = pd.DataFrame(columns, copy=False)
    blank = _blank(frame)
    return frame[~blank] if blank.any() else frame


def _are_decimals(cells: Sequence[object]) -> bool:
    filled = [cell for cell in cells if cell != ""]
    return bool(filled) and all(DECIMAL.fullmatch(str(cell)) for cell in filled)


@contextmanager
def _below(path: Path, lines: int, encoding: str) -> Iterator[Any]:
    """Open the text below the first lines, in UTF-8."""
    with open(path, "rb") as file:
        if encoding not in UTF8:
            with io.BytesIO(file.read().decode(encoding).encode()) as copy:
                _skip(copy, lines)
                yield copy
            return
        _skip(file, lines)
        yield file


def _skip(file: Any, lines: int) -> None:
    for _ in range(lines):
        file.readline()


def _parsed(content: Any, separator: str, names: list[str], decimals: list[str]) -> Any:
    """Return a table of pyarrow, None if a line has another number of cells or a cell is no number."""
    import pyarrow as pa
    from pyarrow import csv

    kinds = dict.fromkeys(names, pa.large_string()) | dict.fromkeys(decimals, pa.float64())
    try:
        return csv.read_csv(
            content,
            read_options=csv.ReadOptions(column_names=names, block_size=PART),
            parse_options=csv.ParseOptions(delimiter=separator, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None


def _lines(content: Any) -> int:
    """Return the number of lines; blank ones at the end count as rows, and are left out later."""
    ends, last = 0, b"\n"
    while part := content.read(PART):
        ends, last = ends + part.count(b"\n"), part[-1:]
    return ends + (last != b"\n")


def _column(column: Any) -> Any:
    """Return numbers as an array, and texts as pandas holds them."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_floating(column.type):
        return column.to_numpy()
    filled = compute.if_else(compute.equal(column, ""), None, column)
    for kind in (pa.int64(), pa.float64()) if filled.null_count < len(filled) else ():
        try:
            numbers = compute.cast(filled, kind)
        except pa.ArrowInvalid:
            continue
        is_name = compute.any(compute.match_substring_regex(column, IS_NAME)).as_py()
        return pd.array(column, dtype="string[pyarrow]") if is_name else numbers.to_numpy()
    return pd.array(column, dtype="string[pyarrow]")


def _blank(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows have no filled cell, as a spreadsheet writes those that were cleared."""
    blank = pd.Series(True, index=frame.index)
    for column in frame:
        cells = frame[column]
        is_text = isinstance(cells.dtype, pd.StringDtype)
        blank &= (cells.str.strip() == "").astype(bool) if is_text else cells.isna()
        if not blank.any():
            break
    return blank
