"""The distribution of the error at each step of the spectra."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from remanence.figures.maps import NARROWEST, PAGE
from remanence.figures.style import (
    COLOURS,
    GREY,
    common_limits,
    few_ticks,
    hide_inner_ticks,
    legend_below,
    name_of,
    new_figure,
    wrapped,
)

MOST_VIOLINS = 30
BANDS = {"1–99 %": (1, 99, 0.2), "10–90 %": (10, 90, 0.35), "25–75 %": (25, 75, 0.55)}


def plot_step_errors(
    errors: dict[str, NDArray[np.float64]],
    *,
    axis: NDArray[np.float64],
    axis_label: str,
    channels: Sequence[str],
    title: str,
    label: str = "error",
) -> tuple[Figure, list[Axes]]:
    """Draw the distribution of the errors at each step: one row per model, one column per channel.

    Up to 30 steps are drawn as one violin each, more steps as bands of percentiles. The x axis is the sequence of the
    steps, so a bias that runs forth and back is spread out.

    Args:
        errors: for each model, by its name, reconstructed minus measured values, shape (pixels, steps, channels);
            values that are not finite are left out. At least one model.
        axis: value of each step, such as the bias, shape (steps,).
        axis_label: name and unit of the axis.
        channels: name of each channel.
        title: text above the panels.
        label: label of the error axes, with the unit.
    """
    columns = len(channels)
    width = max(NARROWEST, min(5.0, PAGE / columns))
    figure, axes = new_figure(width, 1.5 if len(errors) > 1 else 2.4, columns=columns, rows=len(errors))
    limits = [common_limits(*(_ends(values[..., c]) for values in errors.values()), 0.0) for c in range(columns)]
    ticks, names = _step_ticks(axis)
    for place, ax in enumerate(axes):
        c = place % columns
        model = list(errors)[place // columns]
        colour = COLOURS[(1 + place // columns) % len(COLOURS)]
        steps = [_finite(column) for column in errors[model][..., c].T]
        ax.axhline(0, color=GREY, linewidth=0.8, zorder=1)
        (_violins if len(steps) <= MOST_VIOLINS else _bands)(ax, steps, colour)
        ax.set_ylim(limits[c])
        ax.set_xlim(-0.8, len(steps) - 0.2)
        ax.set_xticks(ticks, names)
        ax.yaxis.set_major_locator(few_ticks())
        if c == 0 and len(errors) > 1:
            ax.set_ylabel(wrapped(model, inches=1.2))
        if place < columns:
            ax.set_title(wrapped(name_of(channels[c]), inches=width))
        if place >= len(axes) - columns:
            ax.set_xlabel(axis_label)
    hide_inner_ticks(axes, columns=columns, y=False)
    figure.supylabel(label)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    if len(axis) > MOST_VIOLINS:
        legend_below(figure, axes, {name: Patch(color=GREY, alpha=alpha) for name, (_, _, alpha) in BANDS.items()})
    else:
        middle = Line2D([], [], color="black", marker="o", markersize=3, markerfacecolor="white", markeredgewidth=0.5)
        legend_below(figure, axes, {"median and 25–75 % of the pixels": middle})
    return figure, axes


def _violins(ax: Axes, steps: list[NDArray[np.float64]], colour: str) -> None:
    places = [place for place, values in enumerate(steps) if values.size]
    values = [steps[place] for place in places]
    if not places:
        return
    parts = ax.violinplot(values, positions=places, widths=0.9, showextrema=False, points=80)
    for body in parts["bodies"]:  # type: ignore[attr-defined]  # a list of collections
        body.set(facecolor=colour, alpha=0.6, linewidth=0)
    low, middle, high = np.array([np.percentile(part, [25, 50, 75]) for part in values]).T
    ax.vlines(places, low, high, color="black")
    ax.scatter(places, middle, s=5, color="white", edgecolors="black", linewidths=0.5, zorder=3)


def _bands(ax: Axes, steps: list[NDArray[np.float64]], colour: str) -> None:
    places = np.arange(len(steps))
    for low, high, alpha in BANDS.values():
        ends = np.array([np.percentile(values, [low, high]) if values.size else [np.nan] * 2 for values in steps])
        ax.fill_between(places, *ends.T, color=colour, alpha=alpha, linewidth=0)
    ax.plot(places, [np.median(values) if values.size else np.nan for values in steps], color="black", linewidth=0.9)


def _step_ticks(axis: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[str]]:
    """Return five steps and the values of the axis at them; for a cycle, the steps are at its quarters."""
    steps = len(axis)
    monotonic = steps < 3 or len(set(np.sign(np.diff(axis)).tolist())) == 1
    places = np.linspace(0, steps - 1, min(5, steps)) if monotonic else np.linspace(0, steps, 5)[:-1]
    ticks = np.unique(np.round(places).astype(np.int64))
    return ticks, [f"{value:.3g}".replace("-", "−") for value in np.round(axis[ticks], 9) + 0.0]  # no −0


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


def _ends(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return limits from the 0.5th and 99.5th percentile of each step, so that no single pixel flattens all violins."""
    steps = [_finite(column) for column in values.T]
    return np.array([np.percentile(known, [0.5, 99.5]) for known in steps if known.size])
