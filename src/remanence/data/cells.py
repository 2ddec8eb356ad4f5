"""Conversion of the cells of a table to numbers, with errors that name file, row and column."""

import math
import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.errors import DataError

NAME = re.compile(r"\s*[-+]?(0\d|\d{16,}\s*$)")
"""Digits that are a name: a number would lose the leading zero of ``007``, and the last ones of more than 15."""
FIRST_ROW = 2  # rows are numbered as a spreadsheet numbers them: the header is row 1


def numbers(frame: pd.DataFrame, column: str, source: str) -> NDArray[np.float64]:
    """Return ``column`` as finite numbers, shape (rows,).

    Raises:
        DataError: for the first cell that is empty, NaN, infinite or not a number.
    """
    values = np.empty(len(frame))
    for row, cell in enumerate(frame[column].tolist()):
        try:
            values[row] = float(cell)
        except (TypeError, ValueError):
            what = "is empty" if is_empty(cell) else f"is not a number: {cell!r}"
            raise DataError(f"{source}: row {shown_row(frame, row)}, column '{column}' {what}") from None
        if not math.isfinite(values[row]):
            what = "is empty or NaN" if math.isnan(values[row]) else f"is not finite: {cell!r}"
            raise DataError(f"{source}: row {shown_row(frame, row)}, column '{column}' {what}")
    return values


def categories(frame: pd.DataFrame, column: str, levels: list[str], source: str) -> NDArray[np.float64]:
    """Return ``column`` one-hot encoded, shape (rows, levels).

    Raises:
        DataError: for the first cell that is empty or not one of ``levels``.
    """
    encoded = np.zeros((len(frame), len(levels)))
    for row, cell in enumerate(frame[column].tolist()):
        if is_empty(cell) or str(cell) not in levels:
            what = "is empty" if is_empty(cell) else f"is {str(cell)!r}"
            raise DataError(
                f"{source}: row {shown_row(frame, row)}, column '{column}' {what}; known values: {', '.join(levels)}"
            )
        encoded[row, levels.index(str(cell))] = 1.0
    return encoded


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with one type per column: numbers if all cells are numbers, otherwise text.

    Empty cells stay empty. ``007`` counts as a name, not as a number.
    """
    return frame.apply(_typed) if len(frame) else frame


def _typed(column: pd.Series) -> pd.Series:
    if column.dtype != object:
        return column
    empty = column.map(is_empty)
    values = pd.to_numeric(column.mask(empty), errors="coerce")
    is_name = column.map(lambda cell: isinstance(cell, str) and NAME.match(cell) is not None)
    if not (values.isna() & ~empty).any() and not is_name.any():
        return values
    return column.map(str).mask(empty, None)


def is_empty(cell: object) -> bool:
    """Return whether a cell holds nothing: blank text, None or NaN."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell)) or str(cell).strip() == ""


def shown_row(frame: pd.DataFrame, row: int) -> int:
    """Return the number that a spreadsheet shows for a row; the index of a table that was read skips blank rows."""
    label = frame.index[row]
    return (label if isinstance(label, int | np.integer) else row) + FIRST_ROW
