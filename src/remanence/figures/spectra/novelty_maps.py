"""Maps of how far each spectrum is from what a model can make, and of how novel that is."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import ERROR, add_colour_bar, draw_map, name_map, new_maps, robust_scale, trim

RATE = 0.01
"""False alarms that the number above the map allows."""


def plot_novelty_maps(
    distance: NDArray[np.float64], novelty: NDArray[np.float64], *, title: str, side: float | None = None
) -> tuple[Figure, list[Axes]]:
    """Draw the distance of each pixel's spectrum from its reconstruction, and its rank among held-out pixels.

    Args:
        distance: root mean square difference in z-scores, shape (rows, columns); pixels that are not finite are grey.
        novelty: share of held-out pixels that are nearer, from 0 to 1, in the same shape.
        title: text above the maps.
        side: width of the maps in µm, for a scale bar in the first map.
    """
    figure, axes, width = new_maps(2, (distance.shape[0], distance.shape[1]), title=title)
    draw_map(axes[0], distance, scale=robust_scale(distance), colours=ERROR, side=side)
    known = distance[np.isfinite(distance)]
    name_map(axes[0], f"distance: median {np.median(known):.3g}" if known.size else "no value", width=width)
    add_colour_bar(figure, axes[:1], "distance (z-score)")
    draw_map(axes[1], novelty, scale=Normalize(0.0, 1.0), colours=ERROR)
    far = int((novelty >= 1 - RATE).sum())
    name_map(axes[1], f"{far} of {known.size} pixels at {1 - RATE:g} or more", width=width)
    add_colour_bar(figure, axes[1:], "novelty")
    trim(figure)
    return figure, axes
