"""Maps of how far the spectra of a sample are moved along their axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import SIGNED, add_colour_bar, draw_map, name_map, new_maps, trim

CUT = 99
"""Percentile of the magnitude at which the colours end, so that an outlier does not take them all."""


def plot_movement_maps(
    maps: NDArray[np.float64], *, names: Sequence[str], axis_label: str, title: str, side: float | None = None
) -> tuple[Figure, list[Axes]]:
    """Draw how far spectra are moved along the axis, all on one scale that is white where nothing moves.

    Args:
        maps: distance in units of the axis, shape (movements, rows, columns); pixels that are not finite are grey.
        names: what each map shows.
        axis_label: name and unit of the axis.
        title: text above the maps.
        side: width of the maps in µm, for a scale bar in the first map.
    """
    figure, axes, width = new_maps(len(maps), maps.shape[1:], title=title)
    scale = CenteredNorm(halfrange=float(np.nanpercentile(np.abs(maps), CUT)) or 1.0)
    for number, (ax, values, name) in enumerate(zip(axes, maps, names, strict=True)):
        draw_map(ax, values, scale=scale, colours=SIGNED, side=None if number else side)
        name_map(ax, name, width=width)
    add_colour_bar(figure, axes, f"moved along {axis_label}")
    trim(figure)
    return figure, axes
