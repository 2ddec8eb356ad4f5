"""Comparison of all models on the same pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import ERROR, LATENT, NARROWEST, PAGE, add_colour_bar, draw_map
from remanence.figures.spectra.curves import channels_of, draw_spectra, in_lines
from remanence.figures.spectra.traversal import position_scale
from remanence.figures.style import new_figure, wrapped


@dataclass(frozen=True)
class ComparedModel:
    """One row of the comparison."""

    name: str
    """Name of the model."""
    embedding: NDArray[np.float64]
    """Map of one latent channel, shape (rows, columns)."""
    positions: NDArray[np.float64]
    """Values of this channel at which spectra are generated, shape (frames,)."""
    spectra: NDArray[np.float64]
    """Spectra generated at these values, in physical units, shape (frames, steps, channels)."""
    error: NDArray[np.float64]
    """Mean squared error of each pixel, shape (rows, columns)."""


def plot_model_comparison(
    models: Sequence[ComparedModel],
    *,
    axis: NDArray[np.float64],
    axis_label: str,
    channels: Sequence[str],
    title: str,
    vmax: float = 0.5,
    side: float | None = None,
    error_label: str = "mean squared error",
) -> tuple[Figure, list[Axes]]:
    """Draw one row per model: its embedding map, generated spectra in the colours of the map, and its error map.

    Args:
        models: models to compare, at least one, all of the same sample.
        axis: value of each step, such as the bias, shape (steps,).
        axis_label: name and unit of the axis.
        channels: name and unit of each channel.
        title: text above the panels.
        vmax: upper end of the colour scale of all error maps; 0.5 is that of the paper, Figure 4 t and u.
        side: width of the maps in µm, for a scale bar in the first map.
        error_label: label of the errors' colour bar.

    Returns:
        the figure and its panels, ordered row by row.
    """
    columns = 2 + len(channels)
    width = max(NARROWEST, min(2.2, (PAGE + 0.4) / columns))
    figure, axes = new_figure(width, 1.5, columns=columns, rows=len(models))
    axes[0].get_subplotspec().get_gridspec().set_width_ratios([0.8, *[1.2] * len(channels), 0.8])  # type: ignore[union-attr]
    drawn = channels_of(channels, *(model.spectra for model in models))
    for row, model in enumerate(models):
        left, *middle, right = axes[row * columns : (row + 1) * columns]
        scale = position_scale(model.positions)
        draw_map(left, model.embedding, scale=scale, side=side if row == 0 else None)
        left.set_ylabel(wrapped(model.name, inches=1.3))
        for c, (ax, channel) in enumerate(zip(middle, drawn, strict=True)):
            colours = mpl.colormaps[LATENT](scale(model.positions))
            draw_spectra(ax, axis, model.spectra[:, :, c], channel, colours=colours, linewidth=0.6)
            ax.tick_params(labelbottom=model is models[-1])
            ax.set_ylabel(in_lines(channel.label, inches=1.3), fontsize="small")
            if model is models[-1]:
                ax.set_xlabel(axis_label)
        draw_map(right, model.error, scale=Normalize(0.0, vmax), colours=ERROR)
        known = model.error[np.isfinite(model.error)]
        right.set_title(f"mean {known.mean():.3g}" if known.size else "no value", fontsize="small", pad=3)
    add_colour_bar(figure, axes[columns - 1 :: columns], error_label, shrink=min(1.0, 1.6 / len(models)))
    axes[0].set_title("embedding", fontsize="small", pad=3)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes
