"""Cells of a table to numbers, with errors that name file, row and column."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.errors import DataError

FIRST_ROW = 2  # rows are counted as a spreadsheet shows them: the header is row 1


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


def is_empty(cell: object) -> bool:
    """Return whether a cell holds nothing: blank text, None or NaN."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell)) or str(cell).strip() == ""


def shown_row(frame: pd.DataFrame, row: int) -> int:
    """Return the number that a spreadsheet shows for a row; the index of a table as read skips its blank rows."""
    label = frame.index[row]
    return (label if isinstance(label, int | np.integer) else row) + FIRST_ROW
