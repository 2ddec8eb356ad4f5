"""Candidates of ``design`` and ``suggest`` in a terminal: values with their intervals, extrapolations in yellow."""

import pandas as pd
from rich.table import Table as RichTable

from remanence.foundation.terminal import console
from remanence.studies.design.verdicts import INTERVALS, verdict


def print_candidates(table: pd.DataFrame, *, title: str) -> None:
    """Print candidates; those outside the training data are yellow.

    Args:
        table: candidates of ``Applied.design`` or ``Suggesting.suggest``; if ``attrs`` has their units, the header
            shows them, and the ends of intervals stand behind the values.
        title: text above the table.
    """
    shown = _with_intervals(table) if "units" in table.attrs else table
    printed = RichTable(title=title, title_justify="left")
    for column in shown.columns:
        is_number = pd.api.types.is_numeric_dtype(table[column]) if column in table else True
        printed.add_column(str(column), justify="right" if is_number else "left")
    for (_, row), outside in zip(shown.iterrows(), verdict(table, "extrapolated") == "yes", strict=True):
        cells = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in row]
        printed.add_row(*cells, style="yellow" if outside else "")
    console.print(printed)


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Return candidates for printing: each value with its interval as text, and units in the header."""
    shown = table.copy()
    for column, ends in table.attrs.get(INTERVALS, {}).items():
        low, high = (shown.pop(end) for end in ends)
        interval = [f" ({_short(a)} to {_short(b)})" if a < b else "" for a, b in zip(low, high, strict=True)]
        shown[column] = [f"{value:.4g}{width}" for value, width in zip(table[column], interval, strict=True)]
    units = {name: unit for name, unit in table.attrs["units"].items() if unit not in str(name)}
    return shown.rename(columns={name: f"{name} ({unit})" for name, unit in units.items()})


def _short(value: float) -> str:
    """Return three digits of a number, four from a thousand on, which ``1.39e+03`` would be otherwise."""
    return f"{value:.{4 if 1e3 <= abs(value) < 1e4 else 3}g}"
