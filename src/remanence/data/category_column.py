"""A column of categories of a table: one-hot codes, and the cells that are none of the known ones."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cell_faults import CellFault
from remanence.data.cells import is_empty, level_of


@dataclass(frozen=True)
class CategoryColumn:
    """The cells of a column of categories."""

    codes: NDArray[np.float64]
    """One-hot codes, shape (rows, levels); a row of zeros where a cell is none of the levels."""
    faults: list[CellFault]
    """Cells that are empty, or none of the levels."""


def levels_of(cells: pd.Series) -> list[str]:
    """Return the categories that occur in a column, sorted; an empty cell is none."""
    return sorted({str(cell) for cell in pd.unique(cells) if not is_empty(cell)})


def read_categories(frame: pd.DataFrame, column: str, levels: list[str]) -> CategoryColumn:
    """Return the codes of the cells of ``column``.

    Args:
        frame: cells as read.
        column: name of the column, which the table has once.
        levels: known categories, in the order of the codes.
    """
    codes = np.zeros((len(frame), len(levels)))
    faults = []
    known: dict[object, int | None] = {}  # a column of a million rows has a handful of categories
    for row, cell in enumerate(frame[column].tolist()):
        key = (type(cell), cell)
        if key not in known:
            known[key] = None if is_empty(cell) else level_of(cell, levels)
        level = known[key]
        if level is None:
            what = "is empty" if is_empty(cell) else f"is {str(cell)!r}"
            faults.append(CellFault(row, column, what, known=tuple(levels), missing=is_empty(cell)))
        else:
            codes[row, level] = 1.0
    return CategoryColumn(codes, faults)
