"""Interactive figures of many runs: the parameters against the metric, and each run beside its best baseline."""

import math
import re
from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from remanence.figures.history import is_wide
from remanence.figures.style import GREY, PALETTE

GOOD, BAD = "#2a7f62", PALETTE[1]
SHADES = [[0, PALETTE[0]], [0.5, PALETTE[3]], [1, "#b9cbdb"]]
"""Colours from the best value to the worst."""
MOST_AXES = 9
MOST_VALUES = 24
"""Most values of a parameter that is not a number: more names on an axis cannot be read."""
MOST_ROWS = 40
FONT = {"family": "system-ui, sans-serif", "size": 12, "color": "#1d2733"}


def plot_parallel(parameters: pd.DataFrame, values: pd.Series, *, metric: str, minimize: bool) -> go.Figure | None:
    """Draw one line per run through its parameters to its metric; dark lines are the good runs.

    Args:
        parameters: parameters of the runs as text, one column per parameter; empty where a run lacks the parameter.
        values: value of the metric for each run; runs without a finite value are left out.
        metric: name of the metric.
        minimize: whether a lower value is better.

    Returns:
        the figure; None if no parameter varies, or fewer than three runs have a value.
    """
    known = np.isfinite(pd.to_numeric(values, errors="coerce"))
    values, parameters = values[known].astype(float), parameters[known]
    axes = [axis for name in parameters if (axis := _axis(str(name), parameters[name])) is not None][: MOST_AXES - 1]
    if len(values) < 3 or not axes:
        return None
    logarithmic = is_wide(values.tolist()) and values.min() > 0
    shown = np.log10(values) if logarithmic else values
    line = {"color": shown, "colorscale": SHADES, "reversescale": not minimize, "showscale": False}
    label = f"log₁₀ {metric}" if logarithmic else metric
    last = go.parcoords.Dimension(label=label, values=shown, tickformat=".3g")
    figure = go.Figure(go.Parcoords(dimensions=[*axes, last], line=line, labelfont={"size": 13}))
    figure.update_layout(height=420, margin={"l": 100, "r": 100, "t": 60, "b": 30}, font=FONT)
    return figure


def _axis(name: str, values: pd.Series) -> go.parcoords.Dimension | None:
    """Return the axis of a parameter: numbers in their order (logarithmic over decades), texts as one name each."""
    numbers = pd.to_numeric(values, errors="coerce")
    distinct = sorted(values.unique(), key=_natural)
    if len(distinct) < 2:
        return None
    if numbers.notna().all():
        if numbers.min() > 0 and numbers.max() / numbers.min() >= 100:
            low, high = math.floor(np.log10(numbers.min())), math.ceil(np.log10(numbers.max()))
            ticks = sorted(
                {*np.log10(numbers.unique()).tolist()} if numbers.nunique() <= 8 else {*range(low, high + 1)}
            )
            text = [f"{10**tick:.3g}" for tick in ticks]
            return go.parcoords.Dimension(label=name, values=np.log10(numbers), tickvals=ticks, ticktext=text)
        few = sorted(numbers.unique().tolist()) if numbers.nunique() <= 8 else None
        return go.parcoords.Dimension(label=name, values=numbers, tickvals=few)
    if len(distinct) > MOST_VALUES:
        return None
    text = [_short(value) for value in distinct]
    places = values.map({value: place for place, value in enumerate(distinct)})
    return go.parcoords.Dimension(label=name, values=places, tickvals=list(range(len(distinct))), ticktext=text)


def _natural(text: str) -> list[str | int]:
    """Return a sorting key that orders texts by the numbers inside them.

    >>> sorted(["[128, 128]", "[32, 32]"], key=_natural)
    ['[32, 32]', '[128, 128]']
    """
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"(\d+)", text))]


def _short(value: str) -> str:
    """Return a name that fits beside an axis: the class of an import path, or the beginning of a long text."""
    name = value.rpartition(".")[2] if value.startswith("remanence.") else value
    return cut(name, 18) or "–"


def cut(text: str, length: int) -> str:
    """Return a text, or its beginning and … where it has more characters than ``length``."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def plot_beside_baselines(
    names: Sequence[str],
    values: Sequence[float],
    baselines: Sequence[tuple[str | None, float | None]],
    *,
    metric: str,
    minimize: bool,
) -> go.Figure | None:
    """Draw each run's metric beside the metric of its best baseline, with the best run on top.

    Args:
        names: names of the runs.
        values: value of the metric for each run; runs without a finite value are left out.
        baselines: name and metric of the best baseline of each run; (None, None) for a run without baselines.
        metric: name of the metric.
        minimize: whether a lower value is better.

    Returns:
        the figure; None if no run has a value.
    """
    rows = [row for row in zip(names, values, baselines, strict=True) if row[1] is not None and math.isfinite(row[1])]
    rows = sorted(rows, key=lambda row: row[1] if minimize else -row[1])[:MOST_ROWS][::-1]  # plotly begins below
    if not rows:
        return None
    height, ticks = list(range(len(rows))), [escape(cut(name, 48), quote=False) for name, _, _ in rows]
    figure = go.Figure()
    for is_better, colour, label in ((True, GOOD, "better than its baseline"), (False, BAD, "worse than its baseline")):
        x: list[float | None] = []
        y: list[int | None] = []
        for place, (_, value, (_, baseline)) in zip(height, rows, strict=True):
            if baseline is not None and (value < baseline if minimize else value > baseline) == is_better:
                x, y = [*x, value, baseline, None], [*y, place, place, None]
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": colour, "width": 2}, name=label, hoverinfo="skip")
    compared = [(place, *baseline) for place, (_, _, baseline) in zip(height, rows, strict=True) if baseline[0]]
    figure.add_scatter(
        x=[value for _, _, value in compared],
        y=[place for place, _, _ in compared],
        text=[name for _, name, _ in compared],
        mode="markers",
        marker={"color": "white", "size": 10, "line": {"color": GREY, "width": 2}},
        name="best baseline",
        hovertemplate="%{text}: %{x:.4g}<extra></extra>",
    )
    figure.add_scatter(
        x=[value for _, value, _ in rows],
        y=height,
        text=[escape(name, quote=False) for name, _, _ in rows],
        mode="markers",
        marker={"color": PALETTE[0], "size": 11},
        name="run",
        hovertemplate="%{text}: %{x:.4g}<extra></extra>",
    )
    drawn = [value for _, value, _ in rows] + [value for _, _, value in compared if value is not None]
    figure.update_layout(
        template="plotly_white",
        height=140 + 24 * len(rows),
        margin={"l": 20, "r": 20, "t": 40, "b": 50},
        font=FONT,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        xaxis={
            "title": metric,
            "type": "log" if is_wide(drawn) and min(drawn) > 0 else "linear",
            "exponentformat": "e",
        },
        yaxis={"tickvals": height, "ticktext": ticks, "automargin": True, "range": [-0.7, len(rows) - 0.3]},
    )
    return figure
