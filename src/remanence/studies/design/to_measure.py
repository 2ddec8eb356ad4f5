"""The file of candidates: what is predicted stands beside an empty column for what will be measured."""

from collections.abc import Mapping

import pandas as pd

from remanence.foundation.names import free_names
from remanence.studies.design.verdicts import PREDICTED

HEADERS = "headers"
"""Key of ``attrs``: target to the name of its column in the file of the run, if that has another one."""


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
    for name in table.columns:
        if name in beside:
            to_fill_in, own = beside[name]
            columns[to_fill_in] = pd.Series(None, index=table.index, dtype=object)
            columns[own] = table[name]
        else:
            columns[name] = table[name]
    return pd.DataFrame(columns, index=table.index)
