"""A movie along one latent channel."""

from collections.abc import Iterator, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from remanence.figures.maps import LATENT, NARROWEST, add_colour_bar, draw_map
from remanence.figures.spectra.curves import Channel, channels_of, draw_spectra, in_lines
from remanence.figures.spectra.frames import Frame, frames
from remanence.figures.spectra.traversal import position_scale
from remanence.figures.style import COLOURS, GREY, new_figure, wrapped

HEIGHT = 2.6  # inches; with a width of 7.2 inches a frame has 864 x 312 pixels


def traversal_frames(
    latent_map: NDArray[np.float64],
    positions: NDArray[np.float64],
    spectra: NDArray[np.float64],
    *,
    latent: str,
    axis: NDArray[np.float64],
    axis_label: str,
    channels: Sequence[str],
    title: str,
    side: float | None = None,
    neighbours: int = 100,
) -> Iterator[Frame]:
    """Draw one frame per position along a latent: the nearest pixels on the map, and the spectrum generated there.

    Args:
        latent_map: value of the latent at each pixel, shape (rows, columns).
        positions: values of the latent at which spectra are generated, shape (frames,).
        spectra: spectra generated at these values, in physical units, shape (frames, steps, channels).
        latent: name of the latent.
        axis: value of each step, such as the bias, shape (steps,).
        axis_label: name and unit of the axis.
        channels: name and unit of each channel.
        title: text above the panels.
        side: width of the map in µm, for a scale bar; None draws no bar.
        neighbours: number of pixels to mark; their mean latent vector is the one that was decoded.

    Yields:
        the picture of each frame, shape (height, width, 3).
    """
    columns = 1 + len(channels)
    figure, (left, *right) = new_figure(max(NARROWEST, 7.2 / columns), HEIGHT, columns=columns)
    scale = position_scale(positions)
    draw_map(left, latent_map, scale=scale, side=side)
    bar = add_colour_bar(figure, [left], wrapped(latent, inches=1.6), shrink=0.75)
    (marked,) = left.plot([], [], ".", color=COLOURS[1], markersize=3, markeredgewidth=0)
    here = bar.axhline(positions[0], color="white", linewidth=2)
    drawn = channels_of(channels, spectra)
    lines = []
    for c, (ax, channel) in enumerate(zip(right, drawn, strict=True)):
        draw_spectra(ax, axis, spectra[:, :, c], channel, colours=GREY, linewidth=0.4, alpha=0.25)
        lines += ax.plot(axis, spectra[0, :, c] * channel.factor, linewidth=2)
        ax.set_xlabel(axis_label)
        ax.set_ylabel(in_lines(channel.label, inches=2.0), fontsize="small")
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))

    def updates() -> Iterator[None]:
        for position, spectrum in zip(positions, spectra, strict=True):
            marked.set_data(*_nearest(latent_map, position, neighbours))
            here.set_ydata([position, position])
            colour = mpl.colormaps[LATENT](scale(position))
            _set_spectrum(lines, spectrum, drawn, colour)
            yield

    return frames(figure, [marked, here, *lines], updates())


def _nearest(latent_map: NDArray[np.float64], position: float, number: int) -> tuple[NDArray[np.intp], ...]:
    """Return columns and rows of the pixels nearest to a position; pixels without a value are sorted last."""
    distance = np.abs(latent_map - position).ravel()
    nearest = np.argsort(distance, kind="stable")[: min(number, int(np.isfinite(distance).sum()))]
    rows, columns = np.unravel_index(nearest, latent_map.shape)
    return columns, rows


def _set_spectrum(
    lines: Sequence[Line2D], spectrum: NDArray[np.float64], channels: Sequence[Channel], colour: ColorType
) -> None:
    for line, values, channel in zip(lines, spectrum.T, channels, strict=True):
        line.set_ydata(values * channel.factor)
        line.set_color(colour)
