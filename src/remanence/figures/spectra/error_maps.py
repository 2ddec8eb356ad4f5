"""Maps of the reconstruction error."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import ERROR, add_colour_bar, draw_map, name_map, new_maps, trim


def plot_error_maps(
    errors: dict[str, NDArray[np.float64]],
    *,
    title: str,
    vmax: float = 0.5,
    side: float | None = None,
    label: str = "mean squared error",
) -> tuple[Figure, list[Axes]]:
    """Draw the error of each pixel of each model, all on the scale 0 to ``vmax``; the mean error is above each map.

    Args:
        errors: for each model, by its name, the mean squared error of each pixel, shape (rows, columns). At least one.
        title: text above the maps.
        vmax: upper end of the colour scale; 0.5 is that of the paper, Figure 4 t and u.
        side: width of the maps in µm, for a scale bar in the first map.
        label: label of the colour bar.
    """
    shape = next(iter(errors.values())).shape
    figure, axes, width = new_maps(len(errors), (shape[0], shape[1]), title=title, most_columns=4)
    scale = Normalize(0.0, vmax)
    for ax, (name, values) in zip(axes, errors.items(), strict=True):
        draw_map(ax, values, scale=scale, colours=ERROR, side=side if ax is axes[0] else None)
        known = values[np.isfinite(values)]
        name_map(ax, f"{name}: mean {known.mean():.3g}" if known.size else f"{name}: no value", width=width)
    add_colour_bar(figure, axes, label)
    trim(figure)
    return figure, axes
