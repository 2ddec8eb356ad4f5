"""Shapley values: how much each input moves the prediction, and in which direction."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import LATENT, MISSING
from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.nested.groups import OTHER, group_fills, groups_of_features, legend_of_groups
from remanence.figures.style import (
    GREY,
    common_limits,
    few_ticks,
    legend_below,
    new_figure,
    shortened,
    unit_of,
    wrapped,
)
from remanence.figures.symbols import symbol

MOST_FEATURES = 15
CLIP = 2.0  # standard deviations at which the colour scale ends
BINS = 70


def plot_shapley(
    values: NDArray[np.float64],
    inputs: NDArray[np.float64],
    *,
    names: Sequence[str],
    groups: Mapping[str, Sequence[int]],
    label: str,
    title: str,
) -> tuple[Figure, list[Axes]]:
    """Draw the mean absolute Shapley value of each input as a bar, and every value as a point coloured by its input.

    Only the 15 inputs with the largest mean are drawn, with the largest on top (Lundberg & Lee, NeurIPS 2017).

    Args:
        values: Shapley values in the unit of the property, shape (rows, features).
        inputs: inputs in any unit, shape (rows, features); points are coloured by the z-score of their column.
        names: names of the features.
        groups: indices of the features of each group, such as a scale, by its name; bars are coloured by group.
        label: name and unit of the property.
        title: text above the panels.

    Returns:
        the figure and its two panels: the bars, then the points.
    """
    expect_shape("values", values, (None, len(names)))
    expect_shape("inputs", inputs, np.shape(values))
    owners = groups_of_features(groups, len(names))
    size = np.abs(values).mean(axis=0)
    order = np.argsort(-size, kind="stable")[:MOST_FEATURES]
    places = np.arange(len(order))

    figure, (left, right) = new_figure(3.5, 1.55 + 0.24 * max(len(order), 3), columns=2)
    left.get_subplotspec().get_gridspec().set_width_ratios([1.0, 1.9])  # type: ignore[union-attr]
    fills = group_fills([*groups, OTHER])
    for place, feature in enumerate(order):
        fill = fills[owners[feature]]
        left.barh(
            place, size[feature], height=0.65, color=fill.get_facecolor(), edgecolor="white", hatch=fill.get_hatch()
        )
    in_unit = f" ({unit_of(label)})" if unit_of(label) else ""
    left.set_xlabel(f"mean |Shapley value|{in_unit}")
    left.set_yticks(places, [shortened(names[feature]) for feature in order], fontsize="small")

    shown = values[:, order]
    limits = common_limits(shown)
    right.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    z = _z_scores(inputs[:, order])
    points = right.scatter(
        shown.T.ravel(),
        (places[:, None] + np.array([_swarm(column, limits) for column in shown.T])).ravel(),
        c=z.T.ravel(),
        s=9 if len(shown) <= 500 else 4,
        cmap=mpl.colormaps[LATENT].with_extremes(bad=MISSING),
        vmin=-CLIP,
        vmax=CLIP,
        plotnonfinite=True,
        linewidths=0,
        zorder=2,
        rasterized=True,
    )
    right.set_xlim(limits)
    right.set_xlabel(wrapped(f"Shapley value for {symbol(label)}", inches=3.6))
    right.set_yticks(places, [])
    for ax in (left, right):
        ax.set_ylim(len(order) - 0.4, -0.6)
        ax.xaxis.set_major_locator(few_ticks(4))
        ax.tick_params(axis="y", length=0)
    bar = figure.colorbar(points, ax=right, aspect=25, pad=0.02, ticks=[-CLIP, 0, CLIP], extend="both")
    bar.ax.set_yticklabels([f"−{CLIP:g} sd", "mean", f"+{CLIP:g} sd"], fontsize="small")
    bar.ax.tick_params(length=2)
    bar.set_label("value of the input")
    bar.outline.set_linewidth(0.5)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    legend_below(figure, [], legend_of_groups(fills, (owners[feature] for feature in order)))
    return figure, [left, right]


def _z_scores(inputs: NDArray[np.float64]) -> np.ma.MaskedArray:
    """Return the z-scores of each column, 0 for a constant column; values that are not finite are masked."""
    known = np.ma.masked_invalid(inputs)
    sd = np.ma.filled(known.std(axis=0), 0.0)
    z: np.ma.MaskedArray = (known - known.mean(axis=0)) / np.where(sd > 0, sd, 1.0)
    return z


def _swarm(values: NDArray[np.float64], limits: tuple[float, float]) -> NDArray[np.float64]:
    """Return offsets between −0.4 and 0.4 that put points of nearly equal value side by side, shape (rows,)."""
    bins = np.digitize(values, np.linspace(*limits, BINS + 1))
    order = np.argsort(bins, kind="stable")
    _, starts, counts = np.unique(bins[order], return_index=True, return_counts=True)
    rank = np.empty(len(values), dtype=int)
    rank[order] = np.arange(len(values)) - np.repeat(starts, counts)
    sides = np.where(rank % 2, 1, -1) * ((rank + 1) // 2)
    offsets: NDArray[np.float64] = sides * min(0.1, 0.4 / max(1, np.abs(sides).max(initial=0)))
    return offsets
