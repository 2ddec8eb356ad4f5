"""Rows in a plane through the latent space, coloured by properties or categories."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import LATENT, MISSING, robust_scale
from remanence.figures.nested.categories import category_styles
from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import (
    GREY,
    common_limits,
    few_ticks,
    hide_inner_ticks,
    new_panels,
    shortened,
    wrapped,
)

COLUMNS = 2
MOST_CATEGORIES = 10


@dataclass(frozen=True)
class LatentPanel:
    """One panel of the map, with its own colouring."""

    title: str
    """Name and unit of the quantity that the colours show."""
    values: NDArray[Any]
    """Value of each row, shape (rows,): numbers get a colour bar, strings get a legend."""


def plot_latent_map(
    points: NDArray[np.float64], panels: Sequence[LatentPanel], *, labels: tuple[str, str], title: str
) -> tuple[Figure, list[Axes]]:
    """Draw the same points once per colouring.

    Args:
        points: coordinates of the rows in the plane, shape (rows, 2).
        panels: colourings, at least one. Points without a finite number are grey. If there are more than ten
            categories, the rarest are drawn as one.
        labels: labels of the x and the y axis, such as "PC 1 of the latents (62 %)".
        title: text above the panels.
    """
    expect_shape("points", points, (None, 2))
    for panel in panels:
        expect_shape(f"panels[{panel.title!r}].values", panel.values, (len(points),))
    figure, axes = new_panels(len(panels), title=title, width=3.4, height=2.3, most_columns=COLUMNS)
    limits = [common_limits(points[:, k]) for k in (0, 1)]
    size = float(np.clip(4000 / max(len(points), 1), 5, 16))
    for ax, panel in zip(axes, panels, strict=True):
        if np.issubdtype(np.asarray(panel.values).dtype, np.number):
            _draw_numbers(figure, ax, points, np.asarray(panel.values, dtype=np.float64), size)
        else:
            _draw_categories(ax, points, [str(value) for value in panel.values], size)
        ax.set(xlim=limits[0], ylim=limits[1])
        ax.set_title(wrapped(panel.title, inches=3.0))
    hide_inner_ticks(axes, columns=COLUMNS)
    for place, ax in enumerate(axes):
        if place + COLUMNS >= len(axes):
            ax.set_xlabel(labels[0])
        if place % COLUMNS == 0:
            ax.set_ylabel(labels[1])
    return figure, axes


def _draw_numbers(
    figure: Figure, ax: Axes, points: NDArray[np.float64], values: NDArray[np.float64], size: float
) -> None:
    known = np.isfinite(values)
    ax.scatter(points[~known, 0], points[~known, 1], s=size, color=MISSING, linewidths=0)
    scale = robust_scale(values, within=98)
    drawn = ax.scatter(
        points[known, 0], points[known, 1], s=size, c=values[known], cmap=LATENT, norm=scale, linewidths=0, alpha=0.85
    )
    low, high = drawn.get_clim()
    below, above = bool((values < low).any()), bool((values > high).any())
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]
    beside = ax.inset_axes(
        (1.03, 0.0, 0.035, 1.0)
    )  # with axes of its own, the layout would put the bar as far away as the longest legend
    bar = figure.colorbar(drawn, cax=beside, extend=extend)
    bar.ax.tick_params(length=2)
    bar.locator = few_ticks()
    bar.update_ticks()
    bar.outline.set_linewidth(0.5)


def _draw_categories(ax: Axes, points: NDArray[np.float64], names: list[str], size: float) -> None:
    """Draw the points with one marker per category; rare categories are drawn on top of frequent ones."""
    counts = Counter(names).most_common()
    kept = [name for name, _ in (counts if len(counts) <= MOST_CATEGORIES else counts[: MOST_CATEGORIES - 1])]
    styles = category_styles(kept)
    own = np.array([name if name in styles else "" for name in names], dtype=object)
    for name, (colour, marker) in styles.items():
        ax.scatter(
            points[own == name, 0],
            points[own == name, 1],
            s=size,
            color=colour,
            marker=marker,
            alpha=0.85,
            linewidths=0,
            label=shortened(name, 18),
        )
    if (own == "").any():
        rest = points[own == ""]
        ax.scatter(
            rest[:, 0],
            rest[:, 1],
            s=size,
            color=GREY,
            marker="P",
            linewidths=0,
            label=f"{len(counts) - len(kept)} others",
        )
    legend = ax.legend(
        loc="upper left",
        bbox_to_anchor=(1.0, 1.03),
        frameon=False,
        fontsize="small",
        handletextpad=0.2,
        labelspacing=0.35,
        borderaxespad=0.2,
    )
    for handle in legend.legend_handles:
        handle.set(sizes=[18], alpha=1.0)  # type: ignore[union-attr]
