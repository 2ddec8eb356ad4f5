"""Maps of the latents with the standard deviations of their posterior below them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import ERROR, LATENT, add_colour_bar, draw_map, name_map, new_maps, robust_scale, trim


def plot_posterior_maps(
    means: NDArray[np.float64],
    sds: NDArray[np.float64],
    *,
    latents: Sequence[str],
    title: str,
    side: float | None = None,
) -> tuple[Figure, list[Axes]]:
    """Draw the mean of each latent in the upper row and the standard deviation of its posterior in the lower row.

    Each row has one colour scale, over the middle 99 per cent of its values. Deviations are drawn in multiples of the
    latent's median, which stands above the map (sd): the strongest latent is a tenth as uncertain as the weakest.

    Args:
        means: mean of each latent, shape (latents, rows, columns); pixels that are not finite are grey.
        sds: standard deviation of each latent, in the same shape; the prior has 1.
        latents: name of each latent.
        title: text above the maps.
        side: width of the maps in µm, for a scale bar in the first map.

    Returns:
        the figure and its panels, first those of the means.
    """
    number = len(means)
    medians = [float(np.median(values[np.isfinite(values)])) if np.isfinite(values).any() else np.nan for values in sds]
    relative = sds / np.reshape(medians, (number, 1, 1))
    names = [*latents, *(f"sd {median:.2g}" if np.isfinite(median) else "no value" for median in medians)]
    figure, axes, width = new_maps(2 * number, means.shape[1:], title=title, most_columns=number)
    for row, (maps, label, colours) in enumerate(((means, "mean", LATENT), (relative, "sd / median", ERROR))):
        rows, scale = slice(row * number, (row + 1) * number), robust_scale(maps)
        panels = axes[rows]
        for ax, values, name in zip(panels, maps, names[rows], strict=True):
            draw_map(ax, values, scale=scale, colours=colours, side=side if ax is axes[0] else None)
            name_map(ax, name, width=width)
        add_colour_bar(figure, panels, label)
    trim(figure)
    return figure, axes
