"""Conversion of the cells of a table to numbers, with errors that name file, row and column."""

import math
import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.errors import DataError

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
"""Text that is a number. Python also reads ``1_000``, ``infinity`` and the digits of other scripts."""
LARGEST = 1e37
"""Largest absolute value: networks compute with 32 bits, whose largest number is 3.4e38, and scale differences."""
NAME = re.compile(r"\s*[-+]?(0\d|\d{16,}\s*$)")
"""Digits that are a name: a number would lose the leading zero of ``007``, and the last ones of more than 15."""
FIRST_ROW = 2  # rows are numbered as a spreadsheet numbers them: the header is row 1


def numbers(frame: pd.DataFrame, column: str, source: str) -> NDArray[np.float64]:
    """Return ``column`` as finite numbers, shape (rows,).

    Raises:
        DataError: for the first cell that is empty, NaN, infinite, too large or not a number.
    """
    values = np.empty(len(frame))
    for row, cell in enumerate(frame[column].tolist()):
        number = as_number(cell)
        if number is not None and abs(number) <= LARGEST:
            values[row] = number
            continue
        if number is None:
            what = "is empty" if is_empty(cell) else f"is not a number: {cell!r}"
        elif math.isfinite(number):
            what = f"is too large: {cell!r}; the largest is {LARGEST:g}, so give the column in another unit"
        else:
            what = "is empty or NaN" if math.isnan(number) else f"is not finite: {cell!r}"
        raise DataError(f"{source}: row {shown_row(frame, row)}, column '{column}' {what}")
    return values


def as_number(cell: object) -> float | None:
    """Return the number that a cell holds, which may be NaN or infinite; None if it holds no number.

    >>> as_number(" 1e3 "), as_number("1_000"), as_number(True), as_number(None)
    (1000.0, None, 1.0, None)
    """
    if isinstance(cell, str):
        text = cell.strip()
        return float(text) if NUMBER.fullmatch(text) or text.lower() in ("nan", "inf", "-inf", "+inf") else None
    try:
        return None if isinstance(cell, bytes) else float(cell)  # type: ignore[arg-type]
    except OverflowError:  # an integer of hundreds of digits
        return math.inf
    except (TypeError, ValueError):
        return None


def categories(frame: pd.DataFrame, column: str, levels: list[str], source: str) -> NDArray[np.float64]:
    """Return ``column`` one-hot encoded, shape (rows, levels).

    Raises:
        DataError: for the first cell that is empty or not one of ``levels``.
    """
    encoded = np.zeros((len(frame), len(levels)))
    for row, cell in enumerate(frame[column].tolist()):
        level = None if is_empty(cell) else level_of(cell, levels)
        if level is None:
            what = "is empty" if is_empty(cell) else f"is {str(cell)!r}"
            raise DataError(
                f"{source}: row {shown_row(frame, row)}, column '{column}' {what}; known values: {', '.join(levels)}"
            )
        encoded[row, level] = 1.0
    return encoded


def level_of(cell: object, levels: list[str]) -> int | None:
    """Return the position of a cell among known categories, None if it is none of them.

    Libraries that read tables turn categories such as ``1``, ``007`` and ``true`` into numbers and truth values, which
    are the category of the same value if there is a single one.

    >>> level_of("b", ["a", "b"]), level_of(7.0, ["007", "8"]), level_of(1, ["1.0", "1.00"])
    (1, 0, None)
    """
    if str(cell) in levels:
        return levels.index(str(cell))
    if isinstance(cell, bool | np.bool_):
        found = [place for place, level in enumerate(levels) if level.lower() == str(cell).lower()]
    elif isinstance(cell, int | float | np.number):
        found = [place for place, level in enumerate(levels) if as_number(level) == cell]
    else:
        found = []
    return found[0] if len(found) == 1 else None


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with one type per column: numbers if all cells are numbers, otherwise text.

    Empty cells stay empty. ``007`` counts as a name, not as a number.
    """
    return frame.apply(_typed) if len(frame) else frame


def _typed(column: pd.Series) -> pd.Series:
    if column.dtype != object:
        return column
    empty = column.map(is_empty)
    is_name = column.map(lambda cell: isinstance(cell, str) and NAME.match(cell) is not None)
    if not is_name.any() and all(as_number(cell) is not None for cell in column[~empty]):
        values = pd.to_numeric(column.mask(empty), errors="coerce")
        if not (values.isna() & ~empty).any():
            return values
    return column.map(str).mask(empty, None)


def is_empty(cell: object) -> bool:
    """Return whether a cell holds nothing: blank text, None or NaN."""
    return cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)) or str(cell).strip() == ""


def shown_row(frame: pd.DataFrame, row: int) -> int:
    """Return the number that a spreadsheet shows for a row; the index of a table that was read skips blank rows."""
    label = frame.index[row]
    return (label if isinstance(label, int | np.integer) else row) + FIRST_ROW
