"""How many of the best rows several ways of choosing experiments find, against the experiments made."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, MARKERS, legend_below, new_panels

Values = NDArray[np.float64]
CHANCE = "random"
"""Way of choosing that is drawn in grey."""


def plot_backtest(
    panels: Mapping[str, Mapping[str, tuple[Values, Values, Values]]], *, title: str
) -> tuple[Figure, list[Axes]]:
    """Draw one line per way of choosing in each panel, with a band of ± one standard error over campaigns.

    Args:
        panels: label of an axis to name of a way to (experiments, mean, standard error), each of shape (batches,).
        title: text above the panels.
    """
    figure, axes = new_panels(len(panels), title=title, width=2.6, height=2.2, extra=0.3)
    for ax, (label, ways) in zip(axes, panels.items(), strict=True):
        colours = iter(zip(COLOURS, MARKERS, strict=True))
        for name, (made, mean, error) in ways.items():
            colour, marker = (GREY, "x") if name == CHANCE else next(colours)
            ax.plot(made, mean, color=colour, marker=marker, markersize=3.5, label=name)
            ax.fill_between(made, mean - error, mean + error, color=colour, alpha=0.15, linewidth=0)
        ax.set_xlabel("experiments made")
        ax.set_ylabel(label)
    axes[0].fill_between([], [], [], color=GREY, alpha=0.3, linewidth=0, label="± standard error over campaigns")
    legend_below(figure, axes)
    return figure, axes
