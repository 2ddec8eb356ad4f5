"""What each latent of an additive decoder adds to the spectra."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import LATENT, NARROWEST, PAGE
from remanence.figures.spectra.curves import channels_of, draw_spectra, in_lines
from remanence.figures.spectra.traversal import position_scale
from remanence.figures.style import new_figure, wrapped


def plot_contributions(
    positions: NDArray[np.float64],
    added: NDArray[np.float64],
    *,
    latents: Sequence[str],
    axis: NDArray[np.float64],
    axis_label: str,
    channels: Sequence[str],
    title: str,
) -> tuple[Figure, list[Axes]]:
    """Draw one row per latent: what it adds to a spectrum at each position, from blue (low) to red (high).

    The panels of a channel have one scale, so that latents can be compared.

    Args:
        positions: values of each latent, shape (latents, positions).
        added: what is added there, in the units of the channels, shape (latents, positions, steps, channels).
        latents: name of each latent.
        axis: value of each step, such as the bias, shape (steps,).
        axis_label: name and unit of the axis.
        channels: name and unit of each channel.
        title: text above the panels.

    Returns:
        the figure and its panels, ordered row by row.
    """
    columns = len(channels)
    width = max(NARROWEST, min(2.8, PAGE / columns))
    figure, axes = new_figure(width, 1.4, columns=columns, rows=len(latents))
    drawn = channels_of(channels, added)
    for row, name in enumerate(latents):
        colours = mpl.colormaps[LATENT](position_scale(positions[row])(positions[row]))
        for c, (ax, channel) in enumerate(zip(axes[row * columns : (row + 1) * columns], drawn, strict=True)):
            draw_spectra(ax, axis, added[row, :, :, c], channel, colours=colours, linewidth=0.6)
            label = in_lines(channel.label, inches=1.1)
            ax.set_ylabel(f"{name}\n{label}" if c == 0 else label, fontsize="small")
            ax.tick_params(labelbottom=row == len(latents) - 1)
            if row == len(latents) - 1:
                ax.set_xlabel(axis_label)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes
