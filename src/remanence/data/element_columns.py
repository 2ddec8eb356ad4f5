"""Columns of a table that hold amounts of elements beside a column of formulas, and whether they agree with it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.data.composition_column import CompositionColumn
from remanence.science.composition.elements import ELEMENTS

FEWEST = 3
"""Number of such columns that are taken for amounts: a single column N or I may be anything."""
WRONG = 0.03
"""Difference of an amount in a formula unit, above which a row disagrees."""


def element_columns(names: Sequence[str]) -> list[str]:
    """Return the names that are symbols of elements, none if there are too few.

    >>> element_columns(["K", "Na", "Nb", "T"]), element_columns(["N", "x"])
    (['K', 'Na', 'Nb'], [])
    """
    found = [name for name in names if name.strip() in ELEMENTS]
    return found if len(found) >= FEWEST else []


def disagreeing_rows(amounts: Mapping[str, NDArray[np.float64]], formulas: CompositionColumn) -> list[int]:
    """Return the rows in which columns of elements hold another composition than the formula.

    The columns may hold amounts of any normalisation; they are compared after both have the same sum. Cells without a
    value count as 0, and rows whose formula cannot be read are not compared.

    Args:
        amounts: element column to its values, each of shape (rows,).
        formulas: the column of formulas.
    """
    rows = []
    values = {name.strip(): np.nan_to_num(column) for name, column in amounts.items()}
    for row, composition in enumerate(formulas.compositions):
        if composition is None:
            continue
        read = {symbol: composition.amounts.get(symbol, 0.0) for symbol in values}
        held = {symbol: float(column[row]) for symbol, column in values.items()}
        total = sum(held.values())
        scale = sum(read.values()) / total if total else 0.0
        if max(abs(scale * held[symbol] - read[symbol]) for symbol in values) > WRONG:
            rows.append(row)
    return rows
