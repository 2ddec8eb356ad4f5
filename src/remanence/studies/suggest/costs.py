"""What an experiment costs, as a user types it: a column of the candidates, or a sum such as ``1+20*Ta``."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.configuration.validate import nearest
from remanence.data.cells import as_number
from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.studies.design.formula_space import amounts_of
from remanence.studies.design.linear_constraint import weighted_terms

EXAMPLE = "'price', a column of candidates=, or '1+20*Ta'"

Values = NDArray[np.float64]


def columns_of_cost(text: str) -> list[str]:
    """Return the names in a sum; each may be a column of the table of candidates.

    Raises:
        ConfigurationError: if the sum cannot be read.
    """
    return [name for _, name in weighted_terms(text, key="cost", example=EXAMPLE) if name is not None]


def costs_of(text: str, rows: pd.DataFrame, columns: Columns) -> Values:
    """Return the cost of each candidate, shape (candidates,).

    Args:
        text: weighted sum of numbers, columns of the candidates, numeric inputs, categories such as
            ``"Process=QS"`` (1 or 0) and amounts of elements in one formula unit.
        rows: candidates.
        columns: meaning of the model's columns.

    Raises:
        ConfigurationError: if the sum cannot be read or names something unknown, or a cost is not above 0.
    """
    total = np.zeros(len(rows))
    for weight, name in weighted_terms(text, key="cost", example=EXAMPLE):
        total += weight * (1.0 if name is None else _values(name, rows, columns))
    if not (np.isfinite(total) & (total > 0)).all():
        place = int(np.argmin(np.where(np.isfinite(total), total, -np.inf)))
        shown = ", ".join(f"{name}={rows[name].iloc[place]}" for name in columns.needed)
        raise ConfigurationError(f"cost: must be above 0, but '{text}' is {total[place]:g} for {shown}")
    return total


def _values(name: str, rows: pd.DataFrame, columns: Columns) -> Values:
    if name in rows and name not in columns.levels and name != columns.composition:
        return np.array([_number(cell, name) for cell in rows[name]])
    if name in columns.inputs and name not in columns.composition_inputs:
        return columns.encode(rows, "candidates")[:, columns.inputs.index(name)]
    if name in columns.elements and columns.composition is not None:
        return amounts_of(name, rows[columns.composition], columns)
    numeric = [feature for feature in columns.features if feature not in columns.levels]
    known = [*numeric, *columns.elements, *(level for each in columns.levels for level in columns.encoded(each))]
    hint = nearest(name, known) or f"; known: {', '.join(known)}"
    raise ConfigurationError(
        f"cost: '{name}' is neither a column of candidates=, nor a number, category or element of the run{hint}"
    )


def _number(cell: object, name: str) -> float:
    value = as_number(cell)
    if value is None:
        raise ConfigurationError(f"cost: column '{name}' has '{cell}', which is not a number")
    return value
