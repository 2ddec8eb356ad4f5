"""The prediction against single features, together with the measured samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import (
    COLOURS,
    GREY,
    MARKERS,
    hide_inner_ticks,
    legend_below,
    new_panels,
    shortened,
    wrapped,
)
from remanence.figures.symbols import symbol

COLUMNS = 3
MOST_GROUPS = 9
MEASURED = "measured"
"""What the samples of a panel without groups are called."""


@dataclass(frozen=True)
class ResponsePanel:
    """The prediction along one feature, and the measured samples at their values of this feature."""

    feature_label: str
    """Name and unit of the feature."""
    grid: NDArray[np.float64]
    """Values of the feature, shape (points,)."""
    predicted: NDArray[np.float64]
    """Prediction at each value of ``grid``, in the unit of the target, shape (points,)."""
    low: NDArray[np.float64] | None
    """Lower end of the prediction interval, shape (points,); None draws no band."""
    high: NDArray[np.float64] | None
    """Upper end of the prediction interval, shape (points,); None draws no band."""
    measured_x: NDArray[np.float64]
    """Value of the feature of each sample, shape (samples,)."""
    measured_y: NDArray[np.float64]
    """Measured target of each sample, shape (samples,)."""
    groups: NDArray[Any] | None = None
    """Name of each sample's group, such as its series, shape (samples,)."""


def plot_response(
    panels: Sequence[ResponsePanel], *, label: str, title: str, coverage: float = 0.9
) -> tuple[Figure, list[Axes]]:
    """Draw the prediction as a line, its interval as a band and the samples as points, in one panel per feature.

    Args:
        panels: panels to draw, at least one. A group has the same colour and marker in all panels. If there are more
            than nine groups, the smallest are drawn as one.
        label: name and unit of the target; the panels share its axis.
        title: text above the panels.
        coverage: nominal coverage of the interval, between 0 and 1.
    """
    figure, axes = new_panels(len(panels), title=title, width=2.4, height=2.2, most_columns=COLUMNS, extra=0.35)
    styles = _group_styles(panels)
    for ax, panel in zip(axes, panels, strict=True):
        marker = "o" if len(panel.grid) == 1 else ""
        ax.plot(panel.grid, panel.predicted, color=COLOURS[0], marker=marker, markersize=5, label="predicted")
        if panel.low is not None and panel.high is not None and np.isfinite(panel.low + panel.high).any():
            ax.fill_between(
                panel.grid,
                panel.low,
                panel.high,
                color=COLOURS[0],
                alpha=0.15,
                linewidth=0,
                label=f"{100 * coverage:g} % interval",
            )
        names = np.full(len(panel.measured_x), MEASURED) if panel.groups is None else _merged(panel.groups, styles)
        for name in dict.fromkeys(names.tolist()):
            rows = names == name
            colour, marker = styles[name]
            ax.scatter(
                panel.measured_x[rows],
                panel.measured_y[rows],
                s=18,
                color=colour,
                marker=marker,
                edgecolors="white",
                linewidths=0.4,
                label=shortened(name),
                zorder=3,
            )
        inches = figure.get_figwidth() / min(len(axes), COLUMNS) - 0.5
        ax.set_xlabel(wrapped(symbol(panel.feature_label), inches=inches))
        ax.sharey(axes[0])
    hide_inner_ticks(axes, columns=COLUMNS, x=False)
    figure.supylabel(wrapped(symbol(label), inches=figure.get_figheight() - 1.0))
    legend_below(figure, axes)
    return figure, axes


def _group_styles(panels: Sequence[ResponsePanel]) -> dict[str, tuple[str, str]]:
    """Return colour and marker of each group that is not merged with others, in order of appearance."""
    everything = [str(name) for panel in panels if panel.groups is not None for name in panel.groups]
    counts = {name: everything.count(name) for name in dict.fromkeys(everything)}
    kept = sorted(counts, key=lambda name: counts[name], reverse=True)[:MOST_GROUPS]
    names = [name for name in counts if name in kept]
    drawn = names if all(panel.groups is not None for panel in panels) else [*names, MEASURED]
    colours = COLOURS[1:]
    own = {name: (colours[i % len(colours)], MARKERS[i % len(MARKERS)]) for i, name in enumerate(drawn)}
    return own | {"other": (GREY, "P")} if len(counts) > len(names) else own


def _merged(groups: NDArray[Any], styles: dict[str, tuple[str, str]]) -> NDArray[np.str_]:
    return np.array([str(name) if str(name) in styles else "other" for name in groups])
