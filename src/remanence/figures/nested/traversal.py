"""Decoded features and the predicted property along each latent."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import COLOURS, GREY, common_limits, few_ticks, name_of, new_figure, shortened, wrapped
from remanence.figures.symbols import symbol

MOST_LATENTS = 12
MOST_FEATURES = 5
LETTERS = 0.12  # inches between the names beside the lines
DARKER = 0.72  # factor for the colour of names, which need more contrast than lines
HEIGHT = 1.5  # height of a row in inches


def plot_traversal(
    positions: NDArray[np.float64],
    decoded: NDArray[np.float64],
    property_: NDArray[np.float64],
    *,
    feature_names: Sequence[str],
    property_label: str,
    title: str,
    latent_names: Sequence[str] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Draw, for each latent, the five decoded features that change most along it, and the predicted property.

    If there are more than twelve latents, only the twelve along which the property changes most are drawn.

    Args:
        positions: values of each latent, while the other latents are fixed, shape (latents, steps).
        decoded: decoded features at each position, shape (latents, steps, features), as z-scores of the training rows,
            so that the ranges of different features can be compared.
        property_: predicted property at each position, in its unit, shape (latents, steps).
        feature_names: name of each feature.
        property_label: name and unit of the property, whose axis is the same for all latents.
        title: text above the panels.
        latent_names: name of each latent; None numbers the latents from 1.

    Returns:
        the figure and its panels: features and property of the first drawn latent, then of the second, and so on.
    """
    expect_shape("positions", positions, (None, None))
    latents, steps = np.shape(positions)
    expect_shape("decoded", decoded, (latents, steps, len(feature_names)))
    expect_shape("property_", property_, (latents, steps))
    names = latent_names or [f"latent {k + 1}" for k in range(latents)]
    expect_shape("latent_names", names, (latents,))
    change = np.nan_to_num(_ranges(property_, axis=1))
    shown = sorted(np.argsort(-change, kind="stable")[:MOST_LATENTS])
    if len(shown) < latents:
        title += f"; the {len(shown)} of {latents} latents that change {name_of(property_label)} most"

    pairs = 2 if len(shown) > 4 else 1
    rows = -(-len(shown) // pairs)
    figure, axes = new_figure(1.9 if pairs == 2 else 2.4, HEIGHT, columns=2 * pairs, rows=rows)
    axes[0].get_subplotspec().get_gridspec().set_width_ratios([1.25, 1.0] * pairs)  # type: ignore[union-attr]
    for empty in axes[2 * len(shown) :]:
        figure.delaxes(empty)
    axes = axes[: 2 * len(shown)]
    z_limits, limits = common_limits(decoded[shown]), common_limits(property_[shown])
    for place, k in enumerate(shown):
        left, right = axes[2 * place : 2 * place + 2]
        left.set_ylim(z_limits)
        _draw_features(left, positions[k], decoded[k], feature_names)
        left.set_title(shortened(names[k]), loc="left")
        right.plot(positions[k], property_[k], color=COLOURS[0])
        right.set_ylim(limits)
        for ax in (left, right):
            ax.set_xlim(common_limits(positions[k]))
            ax.xaxis.set_major_locator(few_ticks(4))
            ax.yaxis.set_major_locator(few_ticks(4))
        if place >= len(shown) - pairs:
            left.set_xlabel("latent")
            right.set_xlabel("latent")
        if place % pairs == 0:
            left.set_ylabel("decoded (z-score)", fontsize="small")
        right.set_ylabel(wrapped(symbol(property_label), inches=HEIGHT - 0.3, size="small"), fontsize="small")
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes


def _ranges(values: NDArray[np.float64], *, axis: int) -> NDArray[np.float64]:
    """Return the difference of the largest and the smallest finite value, NaN if there is no finite value."""
    known = np.ma.masked_invalid(values)
    return np.ma.filled(known.max(axis=axis) - known.min(axis=axis), np.nan)


def _draw_features(
    ax: Axes, positions: NDArray[np.float64], decoded: NDArray[np.float64], names: Sequence[str]
) -> None:
    """Draw the lines of one latent and write their names to the right, far enough apart to be read."""
    ax.axhline(0, color=GREY, linewidth=0.6, zorder=1)
    ranges = np.nan_to_num(_ranges(decoded, axis=0))
    chosen = np.argsort(-ranges, kind="stable")[:MOST_FEATURES]
    for feature, colour in zip(chosen, COLOURS, strict=False):
        ax.plot(positions, decoded[:, feature], color=colour, linewidth=1.1, label=names[feature], zorder=2)
    low, high = ax.get_ylim()
    inches = HEIGHT - 0.5
    ends = np.nan_to_num((decoded[-1, chosen] - low) / (high - low)) * inches
    for feature, colour, end in zip(chosen, COLOURS, _spread(ends, inches), strict=False):
        ax.annotate(
            shortened(names[feature], 14),
            (1.02, end / inches),
            xycoords="axes fraction",
            va="center",
            fontsize="small",
            color=DARKER * np.array(to_rgb(colour)),
        )


def _spread(ends: NDArray[np.float64], inches: float) -> NDArray[np.float64]:
    """Return heights for the names, in the order of ``ends`` and near them, ``LETTERS`` apart and within the axis."""
    order = np.argsort(ends, kind="stable")
    steps = LETTERS * np.arange(len(ends))
    placed = isotonic_regression(ends[order] - steps).x
    heights = np.empty(len(ends))
    heights[order] = np.clip(placed, 0.0, max(0.0, inches - steps[-1])) + steps
    return heights
