"""Rows of raw columns to predict: a grid of compositions, or a sample inside the ranges of the training rows."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from remanence.errors import ConfigurationError
from remanence.science.nested.composition import format_composition
from remanence.science.nested.ion_grid import grid_size, ion_grid

MAX_POINTS = 200_000
SAMPLES = 2**12
"""Number of sampled rows; a Sobol sequence is evenly spread for powers of two."""

Choices = Mapping[str, Sequence[Any]]
"""For each raw column, the values that a search may try."""


def grid_rows(composition: str, ions: Sequence[str], parts: Mapping[str, int], choices: Choices) -> pd.DataFrame:
    """Return every composition of a grid, combined with every combination of the choices.

    Args:
        composition: name of the column of formulas.
        ions: ions that compositions may contain.
        parts: number of steps from 0 to 1 on each site.
        choices: values to try for the other columns.

    Raises:
        ConfigurationError: if there would be too many rows.
    """
    number, settings = grid_size(ions, parts), prod(len(values) for values in choices.values())
    if number * settings > MAX_POINTS:
        beside = f" × {settings} settings of {', '.join(choices)}" if choices else ""
        raise ConfigurationError(
            f"design: the grid has {number} compositions{beside}, more than {MAX_POINTS} points together; "
            "name fewer ions, such as ions=MA,FA,Pb,I,Br, or a larger step, such as step=0.5"
        )
    return with_choices(pd.DataFrame({composition: formulas(ion_grid(ions, parts))}), choices)


def with_choices(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return every row, combined with every combination of the choices for the columns that ``rows`` lacks.

    >>> with_choices(pd.DataFrame({"a": [1, 2]}), {"a": [5], "b": ["x", "y"]}).to_numpy().tolist()
    [[1, 'x'], [1, 'y'], [2, 'x'], [2, 'y']]
    """
    for column, values in choices.items():
        if column not in rows:
            rows = rows.merge(pd.DataFrame({column: list(values)}), how="cross")
    return rows


def sampled_rows(ranges: Mapping[str, tuple[float, float]], choices: Choices) -> pd.DataFrame:
    """Return an evenly spread sample of numeric columns inside their ranges and of categorical columns.

    Args:
        ranges: lowest and highest value of each numeric column.
        choices: categories of each categorical column.
    """
    unit = qmc.Sobol(len(ranges) + len(choices), seed=0).random(SAMPLES)  # (samples, columns), 0 to 1
    rows = {name: low + (high - low) * unit[:, place] for place, (name, (low, high)) in enumerate(ranges.items())}
    drawn = {
        name: np.asarray(values)[(unit[:, len(ranges) + place] * len(values)).astype(int)]
        for place, (name, values) in enumerate(choices.items())
    }
    return pd.DataFrame(rows | drawn)


def formulas(fractions: NDArray[np.float64]) -> list[str]:
    """Return the formula of each row of ion fractions."""
    return [format_composition(row) for row in fractions]
