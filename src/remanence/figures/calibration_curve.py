"""Observed against nominal coverage of prediction intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, MARKERS, new_figure, wrapped


@dataclass(frozen=True)
class Covered:
    """Observed coverage of some rows."""

    covered: NDArray[np.float64]
    """Share of rows inside their interval, shape (nominal coverages,)."""
    low: NDArray[np.float64]
    """Lower end of its range by chance, in the same shape."""
    high: NDArray[np.float64]
    """Upper end of its range by chance, in the same shape."""


def plot_calibration_curve(
    nominal: Sequence[float] | NDArray[np.float64], parts: Mapping[str, Covered], *, title: str, note: str = ""
) -> tuple[Figure, Axes]:
    """Draw the observed coverage of each part of the rows against the nominal one, and the line on which they agree.

    Args:
        nominal: nominal coverages, between 0 and 1, shape (coverages,).
        parts: name of a part of the rows to its observed coverage; the first part is drawn with its range by chance.
        title: text above the axes.
        note: text in the lower right corner.
    """
    x = np.asarray(nominal, dtype=np.float64)
    figure, (ax,) = new_figure()
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, zorder=1)
    for number, (name, part) in enumerate(parts.items()):
        colour = COLOURS[number % len(COLOURS)]
        first = number == 0
        if first:
            by_chance = "95 % range by chance"
            ax.fill_between(x, part.low, part.high, color=colour, alpha=0.15, linewidth=0, label=by_chance, zorder=1)
        ax.plot(
            x,
            part.covered,
            color=colour,
            linewidth=1.8 if first else 1.0,
            marker=MARKERS[number % len(MARKERS)],
            markersize=4 if first else 3,
            label=name,
            zorder=4 if first else 3,
        )
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="nominal coverage", ylabel="share of test rows inside")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    ax.legend(loc="upper left")
    ax.text(0.97, 0.04, note, transform=ax.transAxes, ha="right", va="bottom", fontsize="small")
    return figure, ax
