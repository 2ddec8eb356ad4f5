"""Errors of several models on the same folds."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import (
    COLOURS,
    GREY,
    common_limits,
    few_ticks,
    legend_below,
    new_figure,
    shortened,
    wrapped,
)

LINE = 10.5  # points between the labels of published numbers


def plot_fold_errors(
    errors: Mapping[str, NDArray[np.float64]],
    *,
    network: str,
    label: str,
    title: str,
    published: Mapping[str, float] | None = None,
) -> tuple[Figure, Axes]:
    """Draw the error of every fold as a point and mean ± standard deviation over folds as a bar, best model on top.

    Args:
        errors: error of each model on each fold, shape (folds,), by the name of the model; errors that are not finite
            are left out.
        network: name of the model to highlight.
        label: name and unit of the error, such as "MAE (eV)".
        title: text above the bars.
        published: published errors by name, drawn as dashed lines.

    Raises:
        ValueError: if ``network`` is not among the models, or ``errors`` are not one number per fold.
    """
    if network not in errors:
        raise ValueError(f"Expected argument `network` to be one of {list(errors)}, but got {network!r}.")
    finite = {}
    for name, values in errors.items():
        expect_shape(f"errors[{name!r}]", values, (None,))
        finite[name] = np.asarray(values, dtype=np.float64)[np.isfinite(values)]
    means = {name: values.mean() if values.size else np.inf for name, values in finite.items()}
    names = sorted(means, key=lambda name: means[name])
    published = dict(sorted((published or {}).items(), key=lambda item: item[1]))

    figure, (ax,) = new_figure(5.0, 1.3 + 0.3 * max(len(names), 2) + LINE / 72 * len(published))
    for place, name in enumerate(names):
        values = finite[name]
        colour = COLOURS[1] if name == network else COLOURS[0]
        if not values.size:
            ax.text(
                0.5, place, "no values", transform=ax.get_yaxis_transform(), ha="center", va="center", fontsize="small"
            )
            continue
        ax.barh(place, values.mean(), height=0.62, color=colour, alpha=0.3, linewidth=0, zorder=1)
        sd = values.std(ddof=1) if values.size > 1 else 0.0
        ax.errorbar(values.mean(), place, xerr=sd, color=colour, fmt="|", markersize=9, elinewidth=1.2, zorder=3)
        offsets = 0.2 * np.where(np.arange(values.size) % 2, 1, -1) * (values.size > 1)
        ax.scatter(values, place + offsets, s=9, color=colour, alpha=0.7, linewidths=0, zorder=2)
    low, high = common_limits(*finite.values(), list(published.values()), [0.0])
    ax.set(xlim=(0.0 if low > -0.1 * high else low, high), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(
        range(len(names)),
        [f"{shortened(name)}  {_number(means[name])}" for name in names],
        fontsize="small",
    )
    ax.get_yticklabels()[names.index(network)].set(fontweight="bold", color=COLOURS[1])
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(few_ticks())
    ax.set_xlabel(label)
    _draw_published(ax, published)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    point = Line2D([], [], color=GREY, marker="o", markersize=3, linestyle="")
    spread = Line2D([], [], color=GREY, marker="|", markersize=8)
    dashed = {"published": Line2D([], [], color="black", linewidth=0.9, linestyle="--")} if published else {}
    mean = Patch(color=GREY, alpha=0.3, linewidth=0)
    legend_below(figure, [ax], {"mean": mean, f"± sd over {_folds(finite.values())}": spread, "fold": point, **dashed})
    return figure, ax


def _folds(values: Iterable[NDArray[np.float64]]) -> str:
    counts = sorted({each.size for each in values if each.size} or {0})
    return f"{'–'.join(map(str, dict.fromkeys([counts[0], counts[-1]])))} fold{'s' * (counts[-1] != 1)}"


def _number(value: float) -> str:
    return f"{value:#.3g}".rstrip(".") if np.isfinite(value) else "–"


def _draw_published(ax: Axes, published: Mapping[str, float]) -> None:
    """Draw a dashed line for each published error, up to its name above the axes; each name has its own height.

    The names are written on the side with more room. Their heights are ordered so that no line crosses a name.
    """
    low, high = ax.get_xlim()
    to_the_left = bool(np.mean(list(published.values()) or [low]) > (low + high) / 2)
    decimals = max((-int(Decimal(str(value)).as_tuple().exponent) for value in published.values()), default=0)
    ordered = list(published.items()) if to_the_left else list(published.items())[::-1]
    for place, (name, value) in enumerate(ordered):
        rise = 4 + LINE * place
        ax.axvline(value, color="black", linewidth=0.9, linestyle="--", zorder=4)
        ax.annotate(
            "",
            (value, 1.0),
            (0, rise + 8),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "linestyle": "--", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
        )
        ax.annotate(
            f"{name} {value:.{max(decimals, 0)}f}",
            (value, 1.0),
            (-3 if to_the_left else 3, rise),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="right" if to_the_left else "left",
            va="bottom",
            fontsize="small",
        )
