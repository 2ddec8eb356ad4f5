"""Predicted against measured."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, new_figure


def plot_parity(
    measured: dict[str, NDArray[np.float64]],
    predicted: dict[str, NDArray[np.float64]],
    *,
    label: str,
    title: str,
    note: str = "",
) -> tuple[Figure, Axes]:
    """Draw one point per row and the line of perfect prediction.

    Args:
        measured: values of each part (``train``, ``val``, ``test``), shape (rows,).
        predicted: the same parts and shapes.
        label: name and unit of the quantity.
        title: above the axes.
        note: text in the lower right corner, such as R² and RMSE.
    """
    figure, (ax,) = new_figure()
    everything = np.concatenate([*measured.values(), *predicted.values()])
    margin = 0.05 * (np.ptp(everything) or 1.0)
    limits = (everything.min() - margin, everything.max() + margin)
    ax.plot(limits, limits, color=GREY, linewidth=1, zorder=1)
    for (part, values), colour in zip(measured.items(), (GREY, COLOURS[2], COLOURS[1]), strict=False):
        strong = part == "test"
        ax.scatter(
            values,
            predicted[part],
            s=26 if strong else 14,
            color=colour,
            alpha=0.9 if strong else 0.55,
            linewidths=0,
            label=f"{part} ({len(values)})",
            zorder=3 if strong else 2,
        )
    ax.set(xlim=limits, ylim=limits, aspect="equal", xlabel=f"measured {label}", ylabel=f"predicted {label}")
    ax.set_title(title, fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    ax.text(0.97, 0.04, note, transform=ax.transAxes, ha="right", va="bottom", fontsize=8)
    return figure, ax
