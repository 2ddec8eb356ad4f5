"""The error of models against one of their hyperparameters."""

from dataclasses import dataclass
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.spectra.log_axis import logarithmic
from remanence.figures.style import COLOURS, common_limits, new_panels, wrapped

COLUMNS = 4


@dataclass(frozen=True)
class Sweep:
    """The runs of one model; they differ in one hyperparameter and in the seed."""

    hyperparameter: str
    """Name and unit of the hyperparameter."""
    values: NDArray[np.float64]
    """Value of the hyperparameter in each run, shape (runs,)."""
    mse: NDArray[np.float64]
    """Mean squared error on the test spectra, shape (runs,)."""


def plot_sensitivity(
    sweeps: dict[str, Sweep], *, title: str, label: str = "test mean squared error"
) -> tuple[Figure, list[Axes]]:
    """Draw the error of every run against the hyperparameter, with a line through the medians, one panel per model.

    Args:
        sweeps: runs of each model, by its name; a run whose error is not finite is left out. At least one model.
        title: text above the panels.
        label: label of the logarithmic error axis, which all panels share.
    """
    figure, axes = new_panels(len(sweeps), title=title, width=1.75, height=2.1, most_columns=COLUMNS)
    low, high = common_limits(*(np.log10(sweep.mse[sweep.mse > 0]) for sweep in sweeps.values()))
    for ax, (name, sweep), colour in zip(axes, sweeps.items(), cycle(COLOURS)):
        known = np.isfinite(sweep.mse) & np.isfinite(sweep.values)
        values, mse = sweep.values[known], sweep.mse[known]
        places = np.unique(values)
        ax.plot(places, [np.median(mse[values == place]) for place in places], color=colour)
        ax.scatter(values, mse, s=12, color=colour, alpha=0.6, linewidths=0)
        ax.set_ylim(10**low, 10**high)
        logarithmic(ax)
        if places.size and places[0] > 0 and places[-1] >= 20 * places[0]:
            ax.set_xscale("log")
        elif places.size == 1:
            ax.set_xticks(places)
        ends = dict.fromkeys(f"{end:.2g}" for end in (mse.min(), mse.max())) if mse.size else ()
        ax.set_title(f"{wrapped(name, inches=1.6)}\n{'–'.join(ends) or 'no value'}")
        ax.set_xlabel(wrapped(sweep.hyperparameter, inches=1.6))
        ax.tick_params(which="both", labelleft=ax in axes[::COLUMNS])
    figure.supylabel(label)
    return figure, axes
