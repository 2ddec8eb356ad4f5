"""A column of numbers of a table: values, their uncertainties, and the cells that cannot be taken."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cell_faults import CellFault
from remanence.data.cells import LARGEST, as_number
from remanence.data.number_cell import NO_NUMBER, number_cell
from remanence.data.text_numbers import numbers_of_texts

LARGE = 10_000
"""Number of rows from which on it is worth the import of a fast conversion."""
CHARACTERS = frozenset("0123456789+-.eE ")
"""Characters of numbers that Python's own conversion reads as ``cells.NUMBER`` does."""


@dataclass(frozen=True)
class NumberColumn:
    """The cells of a column of numbers."""

    values: NDArray[np.float64]
    """Shape (rows,); NaN where a cell has none."""
    uncertainty: NDArray[np.float64]
    """Standard uncertainty of each value, shape (rows,); NaN where the cell does not state it."""
    faults: list[CellFault]
    """Cells that have no value, or one that is not taken as it stands."""
    uncertain: list[int]
    """Rows whose cell is a value with an uncertainty, a range or an approximate value, and was taken."""


def read_numbers(frame: pd.DataFrame, column: str, *, uncertain: bool = False) -> NumberColumn:
    """Return what the cells of ``column`` say.

    Args:
        frame: cells as read.
        column: name of the column, which the table has once.
        uncertain: whether ``345±5``, ``3.905(2)``, ``340-350`` and ``~345`` are taken as values; otherwise each is a
            fault.
    """
    cells = frame[column]
    values, checked = _plain(cells)
    stated, faults, taken = np.full(len(cells), np.nan), [], []
    for row in np.flatnonzero(~checked).tolist():
        cell = number_cell(cells.iloc[row])
        if cell.uncertain and uncertain:
            taken.append(row)
        elif cell.what:
            faults.append(
                CellFault(
                    row,
                    column,
                    cell.what,
                    cell.advice,
                    missing=cell.missing,
                    uncertain=cell.uncertain,
                    kind=cell.kind,
                )
            )
            continue
        values[row], stated[row] = cell.value, cell.uncertainty
    return NumberColumn(values, stated, faults, taken)


def holds_text(cells: pd.Series) -> bool:
    """Return whether a column holds categories: it has cells, and none of them is a number in any way of writing.

    >>> holds_text(pd.Series(["NS", "QS", ""])), holds_text(pd.Series(["1", "many"])), holds_text(pd.Series(["<5"]))
    (True, False, False)
    """
    if pd.api.types.is_numeric_dtype(cells):
        return False
    seen: set[object] = set()
    for cell in cells:
        if cell in seen:
            continue
        seen.add(cell)
        read = number_cell(cell)
        if not read.missing and read.kind != NO_NUMBER:  # one number is enough: a long column of numbers is not read
            return False
    return any(not number_cell(cell).missing for cell in seen)


def _plain(cells: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the values of a column, and which of them are finite numbers written as such, both of shape (rows,)."""
    if pd.api.types.is_numeric_dtype(cells):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    elif isinstance(cells.dtype, pd.StringDtype) and len(cells) > LARGE:
        values = numbers_of_texts(cells)
    else:
        raw = cells.to_numpy(dtype=object)
        try:
            if not set("".join(raw)) <= CHARACTERS:
                raise ValueError  # Python also reads 1_000, and the digits of other scripts
            values = raw.astype(np.float64)
        except (TypeError, ValueError):  # not only texts, or not only numbers
            values = np.array([_number(cell) for cell in raw.tolist()], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return values, np.abs(values) <= LARGEST


def _number(cell: object) -> float:
    number = as_number(cell)
    return np.nan if number is None else number
