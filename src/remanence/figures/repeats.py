"""Metrics of the same configuration under several seeds: what is the model's, and what is chance."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from remanence.figures.history import is_wide
from remanence.figures.style import COLOURS, new_panels, shortened, wrapped
from remanence.science.mean_interval import mean_interval

SPREAD = 0.5
"""Width over which the points of one model are spread, in distances between two models."""


def plot_repeats(panels: Mapping[str, Mapping[str, Sequence[float]]], *, title: str) -> tuple[Figure, list[Axes]]:
    """Draw the values of all seeds, their mean and its 95 % interval (Student's t), one panel for each metric.

    Args:
        panels: metric to models, the first of which is highlighted, and these to their finite values, one for each seed
            in the order of the seeds; a model may be missing in a panel, and a single value has no interval.
        title: text above the panels.
    """
    most = max(map(len, panels.values()))
    counts = sorted({len(values) for models in panels.values() for values in models.values()})
    seeds = "–".join(map(str, dict.fromkeys([counts[0], counts[-1]])))
    figure, axes = new_panels(
        len(panels), title=f"{title} (n = {seeds})", width=max(1.9, 0.45 * most), height=2.4, most_columns=4
    )
    for ax, (metric, models) in zip(axes, panels.items(), strict=True):
        for place, values in enumerate(models.values()):
            colour = COLOURS[0] if place else COLOURS[1]
            offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(values)) if len(values) > 1 else np.zeros(1)
            ax.scatter(place + offsets, values, s=9, color=colour, alpha=0.6, linewidths=0)
            if len(values) > 1:
                mean, _, half = mean_interval(values)
                ax.errorbar(place, mean, half, color=colour, marker="_", markersize=14, capsize=3)
        if is_wide(np.concatenate([np.asarray(values) for values in models.values()])):
            ax.set_yscale("log")
        ax.set_xticks(range(len(models)), [shortened(name) for name in models], rotation=45, ha="right")
        ax.set_xlim(-0.6, len(models) - 0.4)
        ax.set_title(wrapped(metric, inches=1.9, size="small"), fontsize="small")
    return figure, axes
