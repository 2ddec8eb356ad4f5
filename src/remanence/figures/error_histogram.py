"""The distribution of the errors of a model."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm

from remanence.figures.style import COLOURS, GREY, few_ticks, legend_below, new_figure, unit_of, wrapped
from remanence.figures.symbols import symbol


def plot_error_histogram(errors: NDArray[np.float64], *, label: str, title: str) -> tuple[Figure, Axes]:
    """Draw a histogram of the errors, and the normal distribution with the same mean and standard deviation.

    Args:
        errors: predicted minus measured value of each row, shape (rows,); values that are not finite are left out.
        label: name and unit of the quantity, as in ``d33 (pC/N)``.
        title: text above the axes.
    """
    figure, (ax,) = new_figure(height=3.0)
    values = np.asarray(errors, dtype=np.float64)
    values = values[np.isfinite(values)]
    bins = int(np.clip(2 * np.cbrt(values.size), 5, 30))  # Rice's rule
    counts, edges = np.histogram(values, bins=bins)
    ax.bar(
        edges[:-1],
        counts,
        width=np.diff(edges),
        align="edge",
        color=COLOURS[0],
        alpha=0.4,
        edgecolor="white",
        linewidth=0.6,
        label=f"errors, n = {values.size}",
    )
    ax.axvline(0, color=GREY, linewidth=1, zorder=1)
    unit = f" {unit_of(label)}".rstrip()
    mean, sd = (values.mean() if values.size else np.nan), (values.std(ddof=1) if values.size > 1 else np.nan)
    if sd > 0:
        grid = np.linspace(min(edges[0], mean - 3 * sd), max(edges[-1], mean + 3 * sd), 200)
        density = norm.pdf(grid, mean, sd)
        decimals = max(0, 2 - math.floor(math.log10(sd)))
        fit = f"normal fit: mean {mean:.{decimals}f}, sd {sd:.{decimals}f}{unit}".replace(" -", " −")
        ax.plot(grid, density * values.size * (edges[1] - edges[0]), color=COLOURS[1], label=fit)
    elif values.size:
        ax.plot([], [], " ", label=f"mean {mean:.3g}{unit}".replace(" -", " −"))
    ax.set_ylim(0, max(ax.get_ylim()[1], 1.0))
    ax.yaxis.set_major_locator(few_ticks(integer=True))
    ax.set(xlabel=f"predicted − measured {symbol(label)}", ylabel="rows")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    legend_below(figure, [ax])
    return figure, ax
