"""The error of models against their number of latents."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from remanence.figures.spectra.log_axis import logarithmic
from remanence.figures.style import COLOURS, GREY, MARKERS, new_figure, wrapped


def plot_error_by_number(
    errors: Mapping[str, Mapping[int, float]],
    *,
    found: float,
    title: str,
) -> tuple[Figure, Axes]:
    """Draw one line per model, and the number that was found as a vertical line.

    Args:
        errors: error by the number of latents, of each model by its name; values that are not finite are left out.
        found: intrinsic dimension of the spectra.
        title: text above the panel.
    """
    figure, (ax,) = new_figure(4.4, 3.2)
    ax.axvline(round(found), color=GREY, linewidth=6, alpha=0.3)
    ax.axvline(found, color=GREY, linewidth=0.9, linestyle="--", label=f"intrinsic dimension {found:.1f}")
    for place, (name, by_number) in enumerate(errors.items()):
        known = sorted(number for number, error in by_number.items() if np.isfinite(error))
        ax.plot(
            known,
            [by_number[number] for number in known],
            color=COLOURS[place % len(COLOURS)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=4,
            linewidth=1.2,
            label=name,
        )
    logarithmic(ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("latents")
    ax.set_ylabel("test mean squared error")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    ax.legend(frameon=False)
    return figure, ax
