"""The distribution of the inputs before and after augmentation."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, legend_below, new_panels, wrapped
from remanence.figures.symbols import symbol


def plot_augmentation(
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    *,
    labels: Sequence[str],
    p_values: Sequence[float] | NDArray[np.float64],
    title: str,
) -> tuple[Figure, list[Axes]]:
    """Draw the distribution of every input before and after augmentation.

    Args:
        before: measured rows, shape (rows, inputs).
        after: rows that the second training uses, shape (augmented rows, inputs).
        labels: name and unit of each input.
        p_values: p value of the two-sample Kolmogorov–Smirnov test for each input, shape (inputs,).
        title: text above the panels.
    """
    figure, axes = new_panels(len(labels), title=title, height=1.8, extra=0.3)
    columns = min(len(labels), 4)
    width = figure.get_figwidth() / columns
    for column, (ax, label, p) in enumerate(zip(axes, labels, p_values, strict=True)):
        old, new = (values[np.isfinite(values)] for values in (before[:, column], after[:, column]))
        bins = int(np.clip(2 * np.cbrt(old.size), 5, 20))  # Rice's rule, for the number of measured rows
        edges = np.histogram_bin_edges(np.concatenate([old, new]), bins=bins)
        ax.stairs(_density(old, edges), edges, fill=True, color=GREY, alpha=0.5, label=f"before, n = {len(before)}")
        ax.stairs(_density(new, edges), edges, color=COLOURS[1], label=f"after, n = {len(after)}")
        ax.set_ylim(0, 1.2 * (ax.get_ylim()[1]))
        ax.text(0.97, 0.97, _p_text(p), transform=ax.transAxes, ha="right", va="top", fontsize="small")
        ax.set_xlabel(wrapped(symbol(label), inches=width - 0.4))
        if column % columns == 0:
            ax.set_ylabel("probability density")
    legend_below(figure, axes)
    return figure, axes


def _density(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.histogram(values, edges, density=True)[0] if values.size else np.zeros(len(edges) - 1)


def _p_text(p: float) -> str:
    if math.isnan(p):
        return "no KS test"
    return f"KS p = {p:.2g}" if p >= 0.001 else "KS p < 0.001"
