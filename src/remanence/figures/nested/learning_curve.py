"""The error of models against the number of rows that they were fitted on."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from remanence.figures.nested.categories import category_styles
from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import GREY, few_ticks, legend_below, new_figure, shortened, wrapped


def plot_learning_curve(
    rows: ArrayLike, errors: Mapping[str, NDArray[np.float64]], *, label: str, title: str
) -> tuple[Figure, Axes]:
    """Draw the mean error of each model against the number of rows, and its standard deviation as a band.

    Args:
        rows: numbers of rows that the models were fitted on, positive, shape (sizes,).
        errors: errors of each model by its name, shape (sizes, repeats); errors that are not finite are left out.
        label: name and unit of the error.
        title: text above the axes.
    """
    sizes = np.asarray(rows, dtype=np.float64)
    expect_shape("rows", sizes, (None,))
    if not (sizes > 0).all():
        raise ValueError(f"Expected argument `rows` to hold positive numbers, but got {sizes.min():g}.")
    figure, (ax,) = new_figure(4.2, 3.4)
    order = np.argsort(sizes)
    for name, (colour, marker) in category_styles(errors).items():
        expect_shape(f"errors[{name!r}]", errors[name], (len(sizes), None))
        known = np.ma.masked_invalid(np.asarray(errors[name], dtype=np.float64)[order])
        counts = known.count(axis=1)
        drawn = counts > 0
        mean = np.ma.filled(known.mean(axis=1), np.nan)[drawn]
        # a single repeat has no spread: its band has width 0
        sd = np.ma.filled(known.std(axis=1), np.nan)[drawn] * np.sqrt(counts[drawn] / np.maximum(counts[drawn] - 1, 1))
        x = sizes[order][drawn]
        ax.fill_between(x, mean - sd, mean + sd, color=colour, alpha=0.15, linewidth=0, zorder=1)
        ax.plot(x, mean, color=colour, marker=marker, markersize=4, label=shortened(name), zorder=2)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(_apart(np.unique(sizes))))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_locator(few_ticks())
    ax.set(xlabel="rows", ylabel=label)
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    handles, names = ax.get_legend_handles_labels()
    entries = dict(zip(names, handles, strict=True))
    if (repeats := max((values.shape[1] for values in errors.values()), default=1)) > 1:
        entries[f"± sd, n = {repeats}"] = Patch(color=GREY, alpha=0.3, linewidth=0)
    legend_below(figure, [ax], entries)
    return figure, ax


def _apart(sizes: NDArray[np.float64]) -> list[float]:
    """Return the sizes, from the largest down, whose labels do not touch each other on a logarithmic axis."""
    least = 0.09 * np.log(sizes[-1] / sizes[0]) if len(sizes) else 0.0
    kept: list[float] = []
    for size in sizes[::-1]:
        if not kept or np.log(kept[-1] / size) >= least:
            kept.append(float(size))
    return kept[::-1]
