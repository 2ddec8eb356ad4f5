"""The importance of the inputs of a model, by several methods."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from remanence.figures.style import COLOURS, GREY, few_ticks, new_figure, shortened, wrapped

MOST_INPUTS = 15


def plot_importance(tables: dict[str, pd.DataFrame], *, title: str, unit: str = "") -> tuple[Figure, list[Axes]]:
    """Draw one panel of horizontal bars per method; all panels list the inputs in the same order.

    Args:
        tables: for each method, by its name, a table with the columns ``input``, ``mean`` and ``sd`` and one row per
            input; a table may be empty. At least one method. Only the 15 most important inputs are drawn: those with
            the largest mean over the methods, where each method is divided by its largest input.
        title: text above the panels.
        unit: unit of ``mean`` and ``sd``.

    Raises:
        ValueError: if a table has several rows for the same input.
    """
    means = pd.DataFrame({method: _column(table, "mean", method) for method, table in tables.items()})
    sds = pd.DataFrame({method: _column(table, "sd", method) for method, table in tables.items()})
    size = means.abs()
    rank = (size / size.max().replace(0, np.nan)).mean(axis=1).fillna(0).sort_values(ascending=False, kind="stable")
    inputs = rank.index[:MOST_INPUTS]
    columns = len(tables)
    width = max(1.9, 4.2 / columns)
    figure, axes = new_figure(width, 1.2 + 0.2 * max(len(inputs), 3), columns=columns)
    places = np.arange(len(inputs))
    for ax, method in zip(axes, tables, strict=True):
        mean, sd = (frame[method].reindex(inputs).to_numpy(dtype=np.float64) for frame in (means, sds))
        ax.barh(places, mean, height=0.65, color=COLOURS[0], alpha=0.8)
        spread = np.isfinite(mean) & np.isfinite(sd)
        ax.errorbar(mean[spread], places[spread], xerr=sd[spread], fmt="none", ecolor=COLOURS[1], elinewidth=1.2)
        if np.isfinite(mean).any():
            ax.axvline(0, color=GREY, linewidth=0.8)
            ax.xaxis.set_major_locator(few_ticks(4))
        else:
            ax.set_xticks([])
            ax.text(0.5, 0.5, "no values", transform=ax.transAxes, ha="center", fontsize="small", color=GREY)
        ax.set_ylim(max(len(inputs), 1) - 0.5, -0.5)
        ax.set_yticks(places, [shortened(str(name)) for name in inputs], fontsize="small")
        ax.tick_params(axis="y", length=0, labelleft=ax is axes[0])
        ax.set_title(wrapped(method, inches=figure.get_figwidth() / columns - 0.7))
        ax.set_xlabel("importance" + (f" ({unit})" if unit else ""))
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes


def _column(table: pd.DataFrame, column: str, method: str) -> "pd.Series[float]":
    """Return one column of a table, indexed by input."""
    if table.empty:
        return pd.Series(dtype=np.float64)
    if table["input"].duplicated().any():
        raise ValueError(f"Expected one row per input in `tables['{method}']`, but got several; give one target.")
    return table.set_index("input")[column].astype(np.float64)
