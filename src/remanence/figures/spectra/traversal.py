"""Spectra that a model generates along its latent channels."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import LATENT, NARROWEST, PAGE, add_colour_bar, draw_map
from remanence.figures.spectra.curves import channels_of, draw_spectra, in_lines
from remanence.figures.style import new_figure, wrapped


def plot_traversal(
    maps: NDArray[np.float64],
    positions: NDArray[np.float64],
    spectra: NDArray[np.float64],
    *,
    latents: Sequence[str],
    axis: NDArray[np.float64],
    axis_label: str,
    channels: Sequence[str],
    title: str,
    side: float | None = None,
) -> tuple[Figure, list[Axes]]:
    """Draw one row per latent: its map on the left, and on the right the generated spectra in the colours of the map.

    Args:
        maps: map of each latent, shape (latents, rows, columns).
        positions: values of each latent at which a spectrum is generated, shape (latents, frames). By the published
            rule, the mean latent vector of the 100 pixels nearest to each value is decoded.
        spectra: spectra generated at these values, in physical units, shape (latents, frames, steps, channels).
        latents: name of each latent channel.
        axis: value of each step, such as the bias, shape (steps,).
        axis_label: name and unit of the axis.
        channels: name and unit of each channel.
        title: text above the panels.
        side: width of the maps in µm, for a scale bar in the first map.

    Returns:
        the figure and its panels, ordered row by row.
    """
    columns = 1 + len(channels)
    width = max(NARROWEST, min(2.4, PAGE / columns))
    figure, axes = new_figure(width, 1.55, columns=columns, rows=len(maps))
    axes[0].get_subplotspec().get_gridspec().set_width_ratios([0.75, *[1.0] * len(channels)])  # type: ignore[union-attr]
    drawn = channels_of(channels, spectra)
    for row, name in enumerate(latents):
        left, *right = axes[row * columns : (row + 1) * columns]
        scale = position_scale(positions[row])
        draw_map(left, maps[row], scale=scale, side=side if row == 0 else None)
        add_colour_bar(figure, [left], wrapped(name, inches=1.4), shrink=0.95)
        for c, (ax, channel) in enumerate(zip(right, drawn, strict=True)):
            colours = mpl.colormaps[LATENT](scale(positions[row]))
            draw_spectra(ax, axis, spectra[row, :, :, c], channel, colours=colours, linewidth=0.6)
            ax.tick_params(labelbottom=row == len(maps) - 1)
            ax.set_ylabel(in_lines(channel.label, inches=1.2), fontsize="small")
            if row == len(maps) - 1:
                ax.set_xlabel(axis_label)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes


def position_scale(positions: NDArray[np.float64]) -> Normalize:
    """Return the colour scale from the first to the last position, which map and spectra share."""
    known = positions[np.isfinite(positions)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return Normalize(low, high) if low < high else Normalize(low - 0.5, low + 0.5)
