"""Losses over the epochs of one training."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, new_figure


def plot_loss_curves(
    curves: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]], *, best_epoch: int | None, title: str
) -> tuple[Figure, Axes]:
    """Draw each curve on a logarithmic axis and mark the epoch whose weights were kept.

    Args:
        curves: name to (epochs, losses), both of shape (epochs,).
        best_epoch: counted from 0.
        title: above the axes.
    """
    figure, (ax,) = new_figure(width=5.0, height=3.4)
    for (name, (epoch, loss)), colour in zip(curves.items(), COLOURS, strict=False):
        marker = "o" if len(epoch) == 1 else ""  # a line through one point is invisible
        ax.plot(epoch, loss, color=colour, linewidth=1.2, marker=marker, markersize=4, label=name)
    if best_epoch is not None:
        ax.axvline(best_epoch, color=GREY, linestyle=":", linewidth=1, label=f"best: epoch {best_epoch}")
    ax.set(xlabel="epoch", ylabel="loss (standardised target)", yscale="log")
    ax.yaxis.set_major_formatter(LogFormatter())  # 0.3 rather than 3 × 10⁻¹
    ax.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(1.5, 0.4)))
    ax.set_title(title, fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return figure, ax
