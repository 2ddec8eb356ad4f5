"""Sensitivity of a property to its descriptors, through all scales of the chain."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.nested.groups import OTHER, group_fills, groups_of_features, legend_of_groups
from remanence.figures.style import GREY, few_ticks, legend_below, new_figure, shortened, wrapped
from remanence.figures.symbols import symbol

MOST_FEATURES = 20


def plot_sensitivity(
    values: NDArray[np.float64],
    *,
    names: Sequence[str],
    groups: Mapping[str, Sequence[int]],
    label: str,
    title: str,
) -> tuple[Figure, Axes]:
    """Draw the 20 descriptors with the largest sensitivity as signed bars, with the largest on top.

    Args:
        values: derivative of the property to each descriptor times the standard deviation of that descriptor, in the
            unit of the property, shape (features,); values that are not finite are left out.
        names: names of the descriptors.
        groups: indices of the descriptors of each scale, by its name; bars are coloured by scale.
        label: name and unit of the property.
        title: text above the bars.
    """
    expect_shape("values", values, (len(names),))
    owners = groups_of_features(groups, len(names))
    order = [feature for feature in np.argsort(-np.abs(values), kind="stable") if np.isfinite(values[feature])]
    order = order[:MOST_FEATURES]
    figure, (ax,) = new_figure(4.6, 1.25 + 0.2 * max(len(order), 3))
    fills = group_fills([*groups, OTHER])
    for place, feature in enumerate(order):
        fill = fills[owners[feature]]
        ax.barh(
            place, values[feature], height=0.65, color=fill.get_facecolor(), edgecolor="white", hatch=fill.get_hatch()
        )
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.set_ylim(max(len(order), 1) - 0.5, -0.5)
    ax.set_yticks(range(len(order)), [shortened(names[feature]) for feature in order], fontsize="small")
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(few_ticks())
    ax.set_xlabel(wrapped(f"change of {symbol(label)} per sd", inches=2.6))
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    legend_below(figure, [ax], legend_of_groups(fills, (owners[feature] for feature in order)))
    return figure, ax
