"""The objectives of the trials of a search, in the order in which the trials ran."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from remanence.figures.style import COLOURS, GREY, few_ticks, legend_below, new_figure, wrapped

LOOKS = {"ok": ("o", COLOURS[0]), "skipped": ("D", COLOURS[3]), "pruned": ("x", GREY), "failed": ("|", COLOURS[1])}
RATIO = 30.0
"""Ratio of largest to smallest value above which an axis is logarithmic: one bad trial would flatten the others."""


def plot_history(trials: pd.DataFrame, objectives: Mapping[str, str], *, title: str) -> tuple[Figure, list[Axes]]:
    """Draw each objective, and its best value so far, against the number of the trial; failed trials are on the x axis.

    Args:
        trials: one row per trial with ``number``, ``outcome`` (a key of ``LOOKS``) and the objectives; an objective is
            NaN if the trial has no value.
        objectives: ``minimize`` or ``maximize`` for each objective's column; each objective gets a panel.
        title: text above the panels.
    """
    figure, axes = new_figure(width=5.0, height=2.6, rows=len(objectives))
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    for ax, (name, direction) in zip(axes, objectives.items(), strict=True):
        for outcome, (marker, colour) in LOOKS.items():
            own = trials[trials["outcome"] == outcome]
            if own.empty:
                continue
            on_axis = outcome == "failed"
            height = np.full(len(own), 0.02) if on_axis else own[name]
            transform = ax.get_xaxis_transform() if on_axis else ax.transData
            label = f"{len(own)} {outcome}"
            ax.scatter(own["number"], height, s=16, color=colour, marker=marker, transform=transform, label=label)
        values = trials[name].where(trials["outcome"].isin(["ok", "skipped"]))
        best = values.cummin() if direction == "minimize" else values.cummax()
        ax.step(trials["number"], best.ffill(), where="post", color=COLOURS[1], label="best so far")
        if is_wide(trials[name]):
            ax.set_yscale("log")
        ax.set_ylabel(wrapped(name, inches=2.2))
        ax.xaxis.set_major_locator(few_ticks(integer=True))
    axes[-1].set_xlabel("trial")
    legend_below(figure, axes[:1])
    return figure, axes


def is_wide(values: ArrayLike) -> bool:
    """Return whether the finite ``values`` are all positive and span so much that they need a logarithmic axis."""
    everything = np.asarray(values, dtype=np.float64)
    finite = everything[np.isfinite(everything)]
    return bool(finite.size and finite.min() > 0 and finite.max() > RATIO * finite.min())
