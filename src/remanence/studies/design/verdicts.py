"""Candidates of a search with what is said about them; no column of ours hides one of the model's."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.foundation.names import free_names

VERDICTS = "verdicts"
"""Key of ``attrs``: name of each verdict to its column, which has a number if a column of the model is called so."""
INTERVALS = "intervals"
"""Key of ``attrs``: column of each prediction to the columns of the ends of its interval."""

PREDICTED = "predicted"
"""Key of ``attrs``: column of each prediction to the target that it predicts."""


def with_verdicts(
    rows: pd.DataFrame,
    predicted: pd.DataFrame,
    verdicts: Mapping[str, Any],
    intervals: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return candidates, their predictions and the verdicts side by side.

    Args:
        rows: candidates, with the columns of the model.
        predicted: predictions, with the same index.
        verdicts: name of each verdict to its values, one per row or one for all.
        intervals: column of each prediction to the columns of the ends of its interval, if ``predicted`` has them.
    """
    names = free_names([*predicted.columns, *verdicts], rows.columns)
    of_predicted = dict(zip(predicted.columns, names, strict=False))
    of_verdicts = dict(zip(verdicts, names[len(of_predicted) :], strict=True))
    table = pd.concat([rows, predicted.set_axis(list(of_predicted.values()), axis=1)], axis=1)
    table = table.assign(**{of_verdicts[name]: values for name, values in verdicts.items()})
    table.attrs[VERDICTS] = of_verdicts
    ends = {end for both in (intervals or {}).values() for end in both}
    table.attrs[PREDICTED] = {of_predicted[name]: name for name in predicted.columns if name not in ends}
    table.attrs[INTERVALS] = {
        of_predicted[name]: (of_predicted[low], of_predicted[high])
        for name, (low, high) in (intervals or {}).items()
        if low in of_predicted
    }
    return table


def verdict(table: pd.DataFrame, name: str) -> pd.Series:
    """Return the verdict ``name`` of each candidate; a user's own kind of data may have none told apart."""
    column: pd.Series = table[table.attrs.get(VERDICTS, {}).get(name, name)]
    return column


def yes_or_no(mask: NDArray[np.bool_]) -> NDArray[np.str_]:
    """Return a verdict in words."""
    return np.where(mask, "yes", "no")


def has_verdict(table: pd.DataFrame, name: str) -> bool:
    """Return whether the candidates have a verdict ``name``."""
    return name in table.attrs.get(VERDICTS, table)
