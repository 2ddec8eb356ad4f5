"""Numbers that nobody named: they are taken from the training rows near a candidate, and their spread is kept."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.science.conditional_draws import conditional_draws

MOST_DRAWN = 400_000
"""Largest number of rows to predict for all candidates and draws together; many candidates have fewer draws each."""
MOST_DRAWS, FEWEST_DRAWS = 16, 4

Values = NDArray[np.float64]


def filled_in(
    columns: Columns, trained: pd.DataFrame, rows: pd.DataFrame, unnamed: Sequence[str]
) -> tuple[dict[str, Values], Values]:
    """Return what the unnamed inputs may be for each candidate.

    Args:
        columns: meaning of the model's columns.
        trained: raw training rows.
        rows: candidates with all inputs but the unnamed ones.
        unnamed: numeric inputs to fill in, at least one.

    Returns:
        values of each unnamed input, shape (candidates, draws), and weights (candidates, draws). They are taken from
        training rows of the same categories, or from all if there are none.
    """
    places = [columns.inputs.index(name) for name in unnamed]
    known = columns.encode(trained, "training rows")
    points = columns.encode(rows.assign(**dict.fromkeys(unnamed, 0.0)), "candidates")
    fixed = np.setdiff1d(np.arange(known.shape[1]), places)
    draws = int(np.clip(MOST_DRAWN // len(rows), FEWEST_DRAWS, MOST_DRAWS))
    values, weights = np.zeros((len(rows), draws, len(places))), np.zeros((len(rows), draws))
    one_hot = columns.category_places
    for kind in np.unique(points[:, one_hot], axis=0):
        own = (points[:, one_hot] == kind).all(axis=1)
        same = (known[:, one_hot] == kind).all(axis=1)
        near = known[same] if same.any() else known
        drawn = conditional_draws(near[:, fixed], near[:, places], points[own][:, fixed], draws=draws)
        number = drawn.weights.shape[1]
        values[own] = drawn.values[:, np.resize(np.arange(number), draws)]
        weights[own, :number] = drawn.weights
    return {name: values[:, :, place] for place, name in enumerate(unnamed)}, weights
