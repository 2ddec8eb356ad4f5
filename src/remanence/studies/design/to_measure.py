"""The file of candidates: what is predicted stands beside an empty column for what will be measured."""

from collections.abc import Mapping

import pandas as pd

from remanence.foundation.names import free_names
from remanence.studies.design.verdicts import PREDICTED

FILLED = "filled"
"""Key of ``attrs``: inputs that nobody named, whose values are means of training rows."""
HEADERS = "headers"
"""Key of ``attrs``: target to the name of its column in the file of the run, if that has another one."""
DIGITS, DIGITS_OF_INPUTS = 6, 12
"""Significant digits. An input keeps all that was given: a row is known again by its inputs."""


def to_measure(table: pd.DataFrame) -> pd.DataFrame:
    """Return candidates for a file to which measured values are added later.

    A prediction in a column that is called as the measured target is would be trained on, or evaluated, as if it were
    measured.

    Args:
        table: candidates of ``Applied.design`` or ``Suggesting.suggest``.

    Returns:
        the same rows: each prediction is called ``<target>_predicted``, and before it stands an empty column that is
        called as the measured target is in the file of the run. A name that is taken gets a number.
    """
    predicted: Mapping[str, str] = table.attrs.get(PREDICTED, {})
    headers: Mapping[str, str] = table.attrs.get(HEADERS, {})
    rest = [str(name) for name in table.columns if name not in predicted]
    measured = free_names([headers.get(target, target) for target in predicted.values()], rest)
    names = free_names([f"{target}_predicted" for target in predicted.values()], [*rest, *measured])
    columns: dict[str, pd.Series] = {}
    beside = dict(zip(predicted, zip(measured, names, strict=True), strict=True))
    inputs = list(table.columns)[: next((place for place, name in enumerate(table) if name in predicted), 0)]
    for name in table.columns:
        digits = DIGITS_OF_INPUTS if name in inputs and name not in table.attrs.get(FILLED, ()) else DIGITS
        values = _rounded(table[name], digits)
        if name in beside:
            to_fill_in, own = beside[name]
            columns[to_fill_in] = pd.Series(None, index=table.index, dtype=object)
            columns[own] = values
        else:
            columns[name] = values
    return pd.DataFrame(columns, index=table.index)


def _rounded(values: pd.Series, digits: int) -> pd.Series:
    """Return a column of floats with so many significant digits, and any other column as it is."""
    if not pd.api.types.is_float_dtype(values):
        return values
    return values.map(lambda value: float(f"{value:.{digits}g}"))
