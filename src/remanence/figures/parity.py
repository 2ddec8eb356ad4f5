"""Predicted against measured values."""

from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, common_limits, new_figure, wrapped
from remanence.figures.symbols import symbol

PART_COLOURS = {"train": GREY, "val": COLOURS[2], "test": COLOURS[1]}


def plot_parity(
    measured: dict[str, NDArray[np.float64]],
    predicted: dict[str, NDArray[np.float64]],
    *,
    label: str,
    title: str,
    note: str = "",
    half_width: float | NDArray[np.float64] = np.nan,
    coverage: float = 0.9,
) -> tuple[Figure, Axes]:
    """Draw one point per row and the line of perfect prediction.

    Args:
        measured: measured values of each part (``train``, ``val``, ``test``), shape (rows,).
        predicted: predicted values of the same parts, in the same shapes.
        label: name and unit of the quantity.
        title: text above the axes.
        note: text in the lower right corner, such as R² and RMSE.
        half_width: half-width of the prediction interval of the ``test`` rows, in the unit of the quantity; one number,
            or shape (rows,). A row whose half-width is not finite gets no bar.
        coverage: nominal coverage of the interval, between 0 and 1.
    """
    figure, (ax,) = new_figure()
    extent = [*measured.values(), *predicted.values()]
    if "test" in measured:
        centre = np.asarray(predicted["test"], dtype=np.float64)
        half = np.broadcast_to(np.asarray(half_width, dtype=np.float64), centre.shape)
        known = np.isfinite(half)
        if known.any():
            points = np.concatenate([np.asarray(values, dtype=np.float64) for values in extent])
            points = points[np.isfinite(points)]
            # a row far from home may have an interval that would leave no room for all others
            reach = max(float(np.ptp(points)) / 2, float(np.median(half[known])))
            ends = np.concatenate([(centre - half)[known], (centre + half)[known]])
            extent.append(ends.clip(points.min() - reach, points.max() + reach))
    limits = common_limits(*extent)
    ax.plot(limits, limits, color=GREY, linewidth=1, zorder=1)
    others = cycle((COLOURS[0], *COLOURS[3:]))
    for part, values in measured.items():
        strong = part == "test"
        ax.scatter(
            values,
            predicted[part],
            s=26 if strong else 14,
            color=PART_COLOURS.get(part) or next(others),
            alpha=0.9 if strong else 0.55,
            linewidths=0,
            label=f"{part}, n = {len(values)}",
            zorder=3 if strong else 2,
        )
    if "test" in measured and known.any():
        ax.errorbar(
            measured["test"][known],
            centre[known],
            yerr=half[known],
            fmt="none",
            ecolor=PART_COLOURS["test"],
            alpha=0.35,
            elinewidth=1,
            label=f"{100 * coverage:g} % interval",
            zorder=2,
        )
    quantity = symbol(label)
    ax.set(xlim=limits, ylim=limits, aspect="equal", xlabel=f"measured {quantity}", ylabel=f"predicted {quantity}")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    ax.legend(loc="best")
    ax.text(0.97, 0.04, note, transform=ax.transAxes, ha="right", va="bottom", fontsize="small")
    return figure, ax
