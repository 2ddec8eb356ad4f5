"""The waveform of the bias that switches the sample."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, few_ticks, new_figure, wrapped


def plot_bias_waveform(
    bias: NDArray[np.float64],
    *,
    title: str,
    label: str = "DC bias (V)",
) -> tuple[Figure, Axes]:
    """Draw the bias of each step as a staircase.

    Args:
        bias: bias of each step, shape (steps,).
        title: text above the axes.
        label: name and unit of the bias.
    """
    figure, (ax,) = new_figure(5.0, 2.4)
    steps = np.arange(len(bias))
    ax.axhline(0, color=GREY, linewidth=0.6)
    ax.step(steps, bias, where="mid", color=COLOURS[0], linewidth=0.6)
    ax.set_xlabel("step")
    ax.set_ylabel(label)
    ax.xaxis.set_major_locator(few_ticks(integer=True))
    ax.yaxis.set_major_locator(few_ticks())
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    return figure, ax
