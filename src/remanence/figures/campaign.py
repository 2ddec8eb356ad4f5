"""The whole campaign: each measured quantity against composition, series by series."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from remanence.figures.style import (
    COLOURS,
    GREY,
    common_limits,
    few_ticks,
    hide_inner_ticks,
    legend_below,
    new_figure,
    shortened,
    wrapped,
)

AMOUNTS = {
    "NS": "BaTiO$_3$ fraction $x$",
    "QS": "BaTiO$_3$ fraction $x$",
    "Sr": "Sr excess (mol fraction)",
    "Bi": "Bi excess (mol fraction)",
}


def plot_campaign(
    series: NDArray[Any],
    amount: NDArray[np.float64],
    lph_slope: NDArray[np.float64],
    eps_r: NDArray[np.float64],
    d33: NDArray[np.float64],
    *,
    title: str,
) -> tuple[Figure, list[Axes]]:
    """Draw LPHslope, permittivity and d33 (rows) of each series (columns) against its amount.

    Each ceramic is a light point. The line joins the means of each composition, and bars show the standard deviations.

    Args:
        series: name of each sample's series, shape (samples,). NS, QS, Sr and Bi are drawn in this order, then others.
        amount: molar fraction of BaTiO3 in NS and QS, molar excess of the dopant in Sr and Bi, shape (samples,).
        lph_slope: LPHslope of each sample, 1/ln Hz, shape (samples,).
        eps_r: relative permittivity at 1 kHz, shape (samples,).
        d33: piezoelectric coefficient of each sample, pC/N, shape (samples,).
        title: text above the panels.

    Returns:
        the figure and its panels, ordered row by row.
    """
    present = list(dict.fromkeys(str(name) for name in series))
    names = [name for name in AMOUNTS if name in present] + [name for name in present if name not in AMOUNTS]
    rows = {"LPHslope (1/ln Hz)": lph_slope, r"$\varepsilon_\mathrm{r}$ at 1 kHz": eps_r, "$d_{33}$ (pC/N)": d33}
    width = max(1.75, 3.8 / len(names))
    figure, axes = new_figure(width, 1.65, columns=len(names), rows=len(rows))
    for panel, ax in enumerate(axes):
        label, values = list(rows.items())[panel // len(names)]
        name = names[panel % len(names)]
        own = np.array([str(other) == name for other in series])
        _draw(ax, amount[own], values[own], COLOURS[panel % len(names) % len(COLOURS)])
        ax.set_ylim(common_limits(values))
        ax.set_xlim(common_limits(amount[own]) if np.ptp(amount[own]) else None)
        if panel >= len(axes) - len(names):
            ax.set_xlabel(AMOUNTS.get(name, "amount"))
        if panel % len(names) == 0:
            ax.set_ylabel(label)
        ax.xaxis.set_major_locator(few_ticks(4))
        ax.yaxis.set_major_locator(few_ticks())
        if panel < len(names):
            ax.set_title(shortened(name))
    hide_inner_ticks(axes, columns=len(names))
    figure.align_ylabels(axes)
    if len(set(zip(map(str, series), amount.tolist(), strict=True))) < len(series):
        mean = Line2D([], [], color=GREY, marker="o", markersize=3)
        single = Line2D([], [], color=GREY, alpha=0.5, marker="o", markersize=3, linestyle="")
        means = f"mean ± sd of {_replicates(series, amount)} ceramics; lines guide the eye"
        legend_below(figure, axes, {means: mean, "single ceramics": single})
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes


def _replicates(series: NDArray[Any], amount: NDArray[np.float64]) -> str:
    """Return how many ceramics of one composition there are, such as ``n = 4`` or ``n = 3–4``."""
    counts = np.unique([f"{name} {value}" for name, value in zip(series, amount, strict=True)], return_counts=True)[1]
    fewest, most = counts.min(), counts.max()
    return f"n = {most}" if fewest == most else f"n = {fewest}–{most}"


def _draw(ax: Axes, amount: NDArray[np.float64], values: NDArray[np.float64], colour: str) -> None:
    finite = np.isfinite(amount) & np.isfinite(values)
    amount, values = amount[finite], values[finite]
    amounts, place = np.unique(amount, return_inverse=True)
    groups = [values[place == position] for position in range(len(amounts))]
    if len(values) > len(amounts):
        ax.scatter(amount, values, s=10, color=colour, alpha=0.35, linewidths=0, zorder=1)
    ax.errorbar(
        amounts,
        [group.mean() for group in groups],
        yerr=[group.std(ddof=1) if len(group) > 1 else 0.0 for group in groups],
        color=colour,
        marker="o",
        markersize=3,
        linewidth=0.6,
        elinewidth=1,
        capsize=2,
        zorder=2,
    )
