"""Loss curves over the epochs, of one network or of the members of an ensemble."""

from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from remanence.figures.log_ticks import LogTicks
from remanence.figures.style import COLOURS, GREY, few_ticks, new_figure, wrapped


def plot_loss_curves(
    curves: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]], *, best_epoch: int | None, title: str
) -> tuple[Figure, Axes]:
    """Draw each curve on a logarithmic axis and mark the epoch whose weights were kept.

    Args:
        curves: name of each curve to (epochs, losses). Epochs have the shape (epochs,). Losses have the shape (epochs,)
            or (epochs, members), with NaN after a member has stopped. Of several members, the median is drawn as a
            line and the 5th to 95th percentile as a band.
        best_epoch: epoch whose weights were kept, counted from 0; None marks no epoch.
        title: text above the axes.
    """
    figure, (ax,) = new_figure(height=2.6)
    for (name, (epoch, losses)), colour in zip(curves.items(), cycle(COLOURS)):
        loss = losses
        if losses.ndim == 2:
            members = losses.shape[1]
            low, loss, high = _percentiles(losses)
            ax.fill_between(epoch, low, high, color=colour, alpha=0.2, linewidth=0)
            name = f"{name}: median, 5–95 % of {members}" if members > 1 else name
        ax.plot(epoch, loss, color=colour, marker="o" if len(epoch) == 1 else "", label=name)
    if best_epoch is not None:
        ax.axvline(best_epoch, color=GREY, linestyle=":", linewidth=1, label=f"best: epoch {best_epoch}")
    ax.set(xlabel="epoch", ylabel="loss (standardised target)", yscale="log")
    low_end, high_end = ax.get_ylim()
    ax.yaxis.set_major_formatter("{x:g}")  # write 0.1, not 10⁻¹
    if high_end < 100 * low_end:
        ax.yaxis.set_minor_locator(LogTicks(subs=(2, 3, 5)))
        ax.yaxis.set_minor_formatter("{x:g}")
    else:
        ax.yaxis.set_minor_locator(LogTicks(subs="auto"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.tick_params(axis="y", which="minor", labelleft=False)  # an empty label is laid out like any other
    ax.xaxis.set_major_locator(few_ticks(integer=True))
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    ax.legend()
    return figure, ax


def _percentiles(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 5th, 50th and 95th percentile over the members that still have a loss, shape (3, epochs)."""
    percentiles = np.full((3, len(losses)), np.nan)
    known = np.isfinite(losses).any(axis=1)
    if known.any():
        percentiles[:, known] = np.nanpercentile(losses[known], [5, 50, 95], axis=1)
    return percentiles
