"""The measured row that is nearest to a candidate, and whether both are one and the same."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from remanence.data.columns import Columns
from remanence.science.spacing import Spacing, in_deviations

SAME = 1e-6
"""Largest distance, in standard deviations of the measured rows, that is put down to rounding."""

Values = NDArray[np.float64]


def nearest_rows(
    columns: Columns, candidates: pd.DataFrame, known: pd.DataFrame, *, without: Iterable[str] = ()
) -> tuple[Values, NDArray[np.intp]]:
    """Return distance and place of the known row that is nearest to each candidate, both of shape (candidates,).

    Args:
        columns: meaning of the model's columns.
        candidates: raw rows.
        known: raw rows, at least one.
        without: numbers that do not count, because nobody has chosen them.

    Returns:
        Euclidean distance in standard deviations of the known rows, where a constant input counts as a share of its
        value; and the row.
    """
    points, rows = in_deviations(*_chosen_inputs(columns, candidates, known, without))
    distance, place = cKDTree(rows).query(points)
    return np.asarray(distance), np.asarray(place, dtype=np.intp)


def is_known(
    columns: Columns, candidates: pd.DataFrame, known: pd.DataFrame, *, without: Iterable[str] = ()
) -> NDArray[np.bool_]:
    """Return which candidates are known rows in all inputs that count, see ``nearest_rows``."""
    if known.empty:
        return np.zeros(len(candidates), dtype=bool)
    return nearest_rows(columns, candidates, known, without=without)[0] < SAME


def spacing_of(
    columns: Columns,
    candidates: pd.DataFrame,
    known: pd.DataFrame,
    *,
    without: Iterable[str] = (),
    on_grid: bool = False,
) -> Spacing:
    """Return which candidates are too alike, in all inputs that count, see ``nearest_rows`` and ``Spacing.on_grid``."""
    return Spacing.of(*_chosen_inputs(columns, candidates, known, without), on_grid=on_grid)


def _chosen_inputs(
    columns: Columns, candidates: pd.DataFrame, known: pd.DataFrame, without: Iterable[str]
) -> tuple[Values, Values]:
    """Return the encoded inputs that count, of candidates and of known rows, each (rows, inputs)."""
    left_out = set(without)
    counting = np.array([name not in left_out for name in columns.inputs])
    points = columns.encode(candidates, "candidates")[:, counting]
    return points, columns.encode(known, "measured rows")[:, counting]
