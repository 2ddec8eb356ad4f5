"""Candidates of ``design`` and ``suggest`` in a terminal: values with their intervals, extrapolations in yellow."""

from collections.abc import Mapping, Sequence

import pandas as pd
from rich.cells import cell_len
from rich.table import Table as RichTable

from remanence.foundation.terminal import console
from remanence.studies.design.verdicts import INTERVALS, VERDICTS, verdict

EXPLANATIONS = ("nearest", "reason")
"""Verdicts in words, which stand below the table where it would be too wide with them."""
PLACE = "#"
LEAST = 8
"""Width to which a heading or a text may be folded."""


def print_candidates(table: pd.DataFrame, *, title: str) -> None:
    """Print candidates; those outside the training data are yellow, and a line says so.

    Inputs and predictions are printed whole. Where the terminal is too narrow, ``nearest`` and ``reason`` stand in
    lines below the table, by the number of the candidate, and longer texts are folded.

    Args:
        table: candidates of ``Applied.design`` or ``Suggesting.suggest``; if ``attrs`` has their units, the header
            shows them, and the ends of intervals stand behind the values.
        title: text above the table.
    """
    shown = _with_intervals(table) if "units" in table.attrs else table
    outside = (verdict(table, "extrapolated") == "yes").tolist()
    verdicts = table.attrs.get(VERDICTS, {})
    below = [name for kind in EXPLANATIONS if (name := verdicts.get(kind, kind)) in shown]
    cells = _cells(shown)
    if fits := _total(_widths(cells, table, least=False)) <= console.width:
        below = []
    if below:
        cells = {PLACE: [str(number) for number in range(1, len(shown) + 1)]} | {
            name: column for name, column in cells.items() if name not in below
        }
    widths = _widths(cells, table, least=not fits)
    printed = RichTable(title=title, title_justify="left", width=_total(widths))
    for name, width in widths.items():
        printed.add_column(name, justify="right" if _is_number(name, table) else "left", width=width, overflow="fold")
    for row, is_outside in zip(zip(*cells.values(), strict=True), outside, strict=True):
        printed.add_row(*row, style="yellow" if is_outside else "")
    console.print(printed)
    if below:
        nearest = verdicts.get("nearest", "nearest")
        for number, (_, told) in enumerate(shown[below].iterrows(), start=1):
            line = "; ".join(f"nearest {cell}" if name == nearest else str(cell) for name, cell in told.items())
            console.print(f"{number}: {line}", style="yellow" if outside[number - 1] else "", highlight=False)
    if any(outside):
        console.print("yellow: outside the training data")


def _cells(shown: pd.DataFrame) -> dict[str, list[str]]:
    """Return the texts of each column."""
    return {
        str(name): [f"{value:.4g}" if isinstance(value, float) else str(value) for value in shown[name]]
        for name in shown
    }


def _widths(cells: Mapping[str, Sequence[str]], table: pd.DataFrame, *, least: bool) -> dict[str, int]:
    """Return how wide each column is.

    Args:
        cells: texts of each column.
        table: candidates as they were found.
        least: whether headings may be folded, and then texts as far as the terminal needs it; numbers never are.
    """
    whole = {name: max(map(cell_len, column), default=1) for name, column in cells.items()}
    unfolded = {name: max(width, cell_len(name)) for name, width in whole.items()}
    if not least or _total(unfolded) <= console.width:
        return unfolded
    words = {name: max([width, *map(cell_len, name.split())]) for name, width in whole.items()}
    if _total(words) <= console.width:
        return words
    widths = {name: max(width, min(LEAST, cell_len(name))) for name, width in whole.items()}
    for name in sorted(whole, key=whole.__getitem__, reverse=True):  # the longest text first
        if name != PLACE and not _is_number(name, table):
            widths[name] = max(LEAST, widths[name] - max(0, _total(widths) - console.width))
    return widths


def _total(widths: Mapping[str, int]) -> int:
    """Return the width of a table: of its columns, with a blank at both sides of each, and of the lines between."""
    return sum(widths.values()) + 3 * len(widths) + 1


def _is_number(name: str, table: pd.DataFrame) -> bool:
    """Return whether a column is printed as numbers; a heading that the candidates do not have is one with its unit."""
    return name not in table or pd.api.types.is_numeric_dtype(table[name])


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
