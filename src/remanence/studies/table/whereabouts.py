"""What a user is told of rows that lie outside the rows that a model was fitted to."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.foundation.first_few import first_few
from remanence.foundation.names import free_names
from remanence.science.training_region import Whereabouts

COLUMNS = ("distance", "extrapolated")
MOST_NAMES = 3
"""Largest number of inputs that the line names."""
MOST_ROWS = 5
"""Largest number of rows that a line names."""


def where_table(
    where: Whereabouts, index: pd.Index, taken: Sequence[str], foreign: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Return the columns ``distance``, in standard deviations of the training rows, and ``extrapolated``, yes or no.

    Args:
        where: where the rows are.
        index: index of the rows.
        taken: names that other columns have; one that meets them gets a number behind it.
        foreign: rows that are outside whatever their inputs are, shape (rows,).
    """
    outside = where.outside if foreign is None else where.outside | foreign
    values = (where.distance, np.where(outside, "yes", "no"))
    return pd.DataFrame(dict(zip(free_names(COLUMNS, taken), values, strict=True)), index=index)


def told_foreign(elements: Sequence[Sequence[str]], number: Callable[[int], int]) -> list[str]:
    """Return a line on rows whose formulas hold elements that no training row holds; none if there are no such rows.

    Args:
        elements: such elements of each row.
        number: function of a row that returns its number in the user's file.

    >>> told_foreign([["Er"], [], ["Cu", "Er"]], lambda row: row + 2)
    ['2 of 3 rows hold elements of no training row (Cu, Er): rows 2, 4; the model has learnt nothing of them']
    """
    rows = [row for row, of_row in enumerate(elements) if of_row]
    if not rows:
        return []
    named = ", ".join(sorted({element for of_row in elements for element in of_row}))
    whose = f"{len(rows)} of {len(elements)} rows hold elements of no training row ({named})"
    return [f"{whose}: {_named(rows, number)}; the model has learnt nothing of them"]


def told_outside(
    where: Whereabouts, inputs: Sequence[str], categories: Sequence[str], number: Callable[[int], int]
) -> str:
    """Return in one line how many rows lie outside the rows that a model was fitted to, which, and why.

    Args:
        where: where the rows are.
        inputs: names of the encoded inputs.
        categories: names of the features that are categories.
        number: function of a row that returns its number in the user's file.

    >>> from remanence.science.training_region import TrainingRegion
    >>> region = TrainingRegion.of(np.array([[0.0, 5.0], [1.0, 6.0]]))
    >>> said = told_outside(region.locate(np.array([[0.0, 5.0], [2.0, 6.0]])), ["x", "T_sint"], [], [2, 3].__getitem__)
    >>> said.partition(": ")[0]
    '1 of 2 rows lies outside the training rows (1 beyond the range of x)'
    >>> said.partition(": ")[2]
    'row 3; whether its interval holds is not tested'
    """
    total, outside = len(where.distance), int(where.outside.sum())
    if not outside:
        return f"none of {total} rows lies outside the training rows"
    reasons = []
    counts = where.beyond.sum(axis=0)
    most = [number for number in np.argsort(-counts, kind="stable").tolist() if counts[number]]
    if most:
        named = first_few((inputs[number] for number in most[:MOST_NAMES]), of=len(most))
        reasons.append(f"{int(where.beyond.any(axis=1).sum())} beyond the range of {named}")
    inside = ~where.beyond.any(axis=1)
    if unseen := int((where.unseen & inside).sum()):
        what = " and ".join(categories)
        reasons.append(f"{unseen} with {'values' if len(categories) > 1 else 'a value'} of {what} unseen together")
    if far := int((where.far & inside & ~where.unseen).sum()):
        reasons.append(f"{far} in a gap between them")
    lie, theirs = ("lies", "its interval holds") if outside == 1 else ("lie", "their intervals hold")
    which = _named(np.flatnonzero(where.outside).tolist(), number)
    said = f"{outside} of {total} rows {lie} outside the training rows ({'; '.join(reasons)}): {which}"
    return f"{said}; whether {theirs} is not tested"


def _named(rows: Sequence[int], number: Callable[[int], int]) -> str:
    """Return the first few rows by their numbers, and how many more there are."""
    return f"row{'s' * (len(rows) > 1)} {first_few((str(number(row)) for row in rows[:MOST_ROWS]), of=len(rows))}"
