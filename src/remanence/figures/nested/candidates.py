"""The result of an inverse design: candidates beside the training rows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import COLOURS, GREY, common_limits, few_ticks, legend_below, new_figure, wrapped
from remanence.figures.symbols import symbol

ANY = (-np.inf, np.inf)


def plot_candidates(
    candidates: NDArray[np.float64],
    *,
    extrapolated: NDArray[np.bool_],
    training: NDArray[np.float64],
    labels: tuple[str, str],
    title: str,
    wanted_x: tuple[float, float] = ANY,
    wanted_y: tuple[float, float] = ANY,
) -> tuple[Figure, Axes]:
    """Draw candidates and training rows in the plane of two properties, and the wanted region.

    Args:
        candidates: predicted properties of the candidates, shape (candidates, 2).
        extrapolated: which candidates are outside the training data, shape (candidates,); their markers are hollow.
        training: properties of the training rows in the same units, shape (rows, 2); may be empty.
        labels: name and unit of the properties on the x and the y axis.
        title: text above the axes.
        wanted_x: lowest and highest wanted value of the first property; infinite where there is no limit.
        wanted_y: lowest and highest wanted value of the second property; infinite where there is no limit.
    """
    expect_shape("candidates", candidates, (None, 2))
    expect_shape("extrapolated", extrapolated, (len(candidates),))
    expect_shape("training", training, (None, 2))
    for argument, wanted in (("wanted_x", wanted_x), ("wanted_y", wanted_y)):
        if not wanted[0] <= wanted[1]:
            raise ValueError(f"Expected argument `{argument}` to be (lowest, highest), but got {wanted}.")
    figure, (ax,) = new_figure(4.4, 3.9)
    bounds = (wanted_x, wanted_y)
    limits = [
        common_limits(candidates[:, k], training[:, k], [end for end in bounds[k] if np.isfinite(end)]) for k in (0, 1)
    ]
    if any(np.isfinite(end) for ends in bounds for end in ends):
        corners = [np.clip(ends, *span) for ends, span in zip(bounds, limits, strict=True)]
        (left, right), (low, high) = corners
        ax.add_patch(
            Rectangle(
                (left, low),
                right - left,
                high - low,
                facecolor=COLOURS[2],
                alpha=0.22,
                linewidth=0,
                label="wanted",
                zorder=0,
            )
        )
    if len(training):
        ax.scatter(
            training[:, 0],
            training[:, 1],
            s=12,
            color=GREY,
            alpha=0.5,
            linewidths=0,
            label=f"training rows, n = {len(training)}",
            zorder=1,
        )
    inside = ~np.asarray(extrapolated, dtype=bool)
    if inside.any():
        ax.scatter(
            candidates[inside, 0],
            candidates[inside, 1],
            s=24,
            color=COLOURS[0],
            alpha=0.85,
            linewidths=0,
            label=f"candidates, n = {inside.sum()}",
            zorder=3,
        )
    if not inside.all():
        ax.scatter(
            candidates[~inside, 0],
            candidates[~inside, 1],
            s=22,
            facecolors="none",
            edgecolors=COLOURS[1],
            linewidths=1.0,
            label=f"candidates outside the training data, n = {(~inside).sum()}",
            zorder=2,
        )
    ax.set(xlim=limits[0], ylim=limits[1])
    ax.xaxis.set_major_locator(few_ticks())
    ax.yaxis.set_major_locator(few_ticks())
    ax.set_xlabel(wrapped(symbol(labels[0]), inches=2.8))
    ax.set_ylabel(wrapped(symbol(labels[1]), inches=2.4))
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    legend_below(figure, [ax])
    return figure, ax
