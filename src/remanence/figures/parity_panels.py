"""Parity plots of several models next to each other."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, common_limits, hide_inner_ticks, new_panels, wrapped
from remanence.figures.symbols import escaped, symbol

Values = NDArray[np.float64]
COLUMNS = 4


def plot_parity_panels(
    panels: dict[str, tuple[Values, Values, str]], *, label: str, title: str
) -> tuple[Figure, list[Axes]]:
    """Draw one parity plot per model, loss or activation, all with the same limits.

    Args:
        panels: (measured, predicted, note) of each panel, by its title, at least one. The values have the shape
            (rows,); the note is written in the lower right corner. A row holds up to four panels.
        label: name and unit of the quantity.
        title: text above the panels.
    """
    figure, axes = new_panels(len(panels), title=title, width=1.85, height=2.2, most_columns=COLUMNS)
    figure.set_layout_engine("compressed")  # otherwise axes of equal scale leave gaps
    limits = common_limits(*(values for measured, predicted, _ in panels.values() for values in (measured, predicted)))
    for ax, (name, (measured, predicted, note)) in zip(axes, panels.items(), strict=True):
        ax.plot(limits, limits, color=GREY, linewidth=1, zorder=1)
        ax.scatter(measured, predicted, s=14, color=COLOURS[1], alpha=0.7, linewidths=0, zorder=2)
        ax.set(xlim=limits, ylim=limits, aspect="equal")
        ax.set_title(wrapped(escaped(name), inches=1.45))
        ax.text(0.97, 0.04, note, transform=ax.transAxes, ha="right", va="bottom", fontsize="small")
    hide_inner_ticks(axes, columns=COLUMNS)
    figure.supxlabel(wrapped(f"measured {symbol(label)}", inches=figure.get_figwidth() - 0.2))
    figure.supylabel(wrapped(f"predicted {symbol(label)}", inches=figure.get_figheight() - 0.7))
    return figure, axes
