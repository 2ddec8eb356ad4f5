"""The waveform of the bias that switches the sample."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, few_ticks, legend_below, new_figure, wrapped


def plot_bias_waveform(
    bias: NDArray[np.float64],
    *,
    title: str,
    selected: NDArray[np.bool_] | None = None,
    selected_label: str = "evaluated",
    axis_label: str = "step",
    label: str = "DC bias (V)",
) -> tuple[Figure, Axes]:
    """Draw the bias of each step as a staircase and mark the steps that are evaluated, such as the second cycle.

    Args:
        bias: bias of each step, shape (steps,).
        title: text above the axes.
        selected: whether each step is evaluated, shape (steps,); None marks no steps.
        selected_label: name of the selected steps in the legend.
        axis_label: label of the x axis, along which the steps are.
        label: name and unit of the bias.
    """
    figure, (ax,) = new_figure(5.0, 2.4)
    steps = np.arange(len(bias))
    ax.axhline(0, color=GREY, linewidth=0.6)
    ax.step(steps, bias, where="mid", color=COLOURS[0], linewidth=0.6)
    if selected is not None:
        ax.plot(steps[selected], bias[selected], ".", color=COLOURS[1], markersize=3, label=selected_label)
        legend_below(figure, [ax])
    ax.set_xlabel(axis_label)
    ax.set_ylabel(label)
    ax.xaxis.set_major_locator(few_ticks(integer=True))
    ax.yaxis.set_major_locator(few_ticks())
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    return figure, ax
