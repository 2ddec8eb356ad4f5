"""What the trials of a search reached, in the order in which they ran."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from remanence.figures.style import COLOURS, GREY, few_ticks, legend_below, new_figure, wrapped

LOOKS = {"ok": ("o", COLOURS[0]), "skipped": ("D", COLOURS[3]), "pruned": ("x", GREY), "failed": ("|", COLOURS[1])}
RATIO = 30.0
"""Of the largest to the smallest value, above which an axis is logarithmic: one bad trial would flatten the others."""


def plot_history(trials: pd.DataFrame, objectives: Mapping[str, str], *, title: str) -> tuple[Figure, list[Axes]]:
    """Draw each objective against the number of the trial, and the best so far; failures stand on the axis.

    Args:
        trials: one row per trial with ``number``, ``outcome`` (a key of ``LOOKS``) and the objectives; NaN without one.
        objectives: column to ``minimize`` or ``maximize``; a panel each.
        title: above the panels.
    """
    figure, axes = new_figure(width=5.0, height=2.6, rows=len(objectives))
    figure.suptitle(wrapped(title, inches=4.6), fontsize=9)
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
        ax.step(trials["number"], best.ffill(), where="post", color=COLOURS[1], linewidth=1.2, label="best so far")
        if is_wide(trials[name]):
            ax.set_yscale("log")
        ax.set_ylabel(wrapped(name, inches=2.2))
        ax.xaxis.set_major_locator(few_ticks(integer=True))
    axes[-1].set_xlabel("trial")
    legend_below(figure, axes[:1])
    return figure, axes


def is_wide(values: ArrayLike) -> bool:
    """Return whether the finite ones of ``values`` are positive and need a logarithmic axis."""
    everything = np.asarray(values, dtype=np.float64)
    finite = everything[np.isfinite(everything)]
    return bool(finite.size and finite.min() > 0 and finite.max() > RATIO * finite.min())
