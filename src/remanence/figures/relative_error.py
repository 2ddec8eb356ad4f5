"""The relative error of each sample."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, MARKERS, legend_below, new_figure, shortened, wrapped

MOST_NAMES = 40


def plot_relative_error(
    samples: Sequence[str], errors: dict[str, NDArray[np.float64]], *, title: str, limit: float = 0.1
) -> tuple[Figure, Axes]:
    """Draw the relative error of every sample in percent, and the limit that it should stay below.

    Args:
        samples: name of each sample; of more than 40 samples, only every second, third, … name is written.
        errors: for each target, (predicted - measured) / measured or its magnitude, as fractions, shape (samples,).
        title: text above the axes.
        limit: wanted relative error as a fraction, drawn as a dashed line; if an error is negative, on both sides of
            zero.
    """
    written = [shortened(str(name), 18) for name in samples]
    longest = max(map(len, written), default=0)
    figure, (ax,) = new_figure(width=float(np.clip(1.5 + 0.1 * len(samples), 3.5, 7.2)), height=2.7 + 0.05 * longest)
    position = np.arange(len(samples))
    many = len(samples) > MOST_NAMES
    for (name, error), colour, marker in zip(errors.items(), cycle(COLOURS), cycle(MARKERS)):
        finite = np.abs(error[np.isfinite(error)])
        mean = f"mean {100 * finite.mean():.1f} %" if finite.size else "no values"
        ax.plot(
            position,
            100 * error,
            color=colour,
            marker=marker,
            markersize=2 if many else 3.5,
            linestyle="",
            label=f"{shortened(name)}, {mean}",
        )
    signed = any((error < 0).any() for error in errors.values())
    for sign in (1, -1) if signed else (1,):
        label = f"limit: {100 * limit:g} %" if sign > 0 else None
        ax.axhline(sign * 100 * limit, color=GREY, linestyle="--", linewidth=1, label=label)
    if signed:
        ax.axhline(0, color=GREY, linewidth=0.6, zorder=1)
    else:
        ax.set_ylim(bottom=0)
    step = -(-len(samples) // MOST_NAMES) or 1
    ax.set_xticks(position[::step], written[::step], rotation=90, fontsize="small")
    ax.set_xlim(-0.5, max(len(samples), 1) - 0.5)
    ax.set(xlabel=f"sample, n = {len(samples)}", ylabel="relative error (%)")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    legend_below(figure, [ax])
    return figure, ax
