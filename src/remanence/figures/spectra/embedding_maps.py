"""Maps of the latent channels of a sample."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import add_colour_bar, draw_map, name_map, new_maps, robust_scale, trim
from remanence.figures.style import GREY


def plot_embedding_maps(
    maps: NDArray[np.float64],
    *,
    title: str,
    kl: NDArray[np.float64] | None = None,
    least_kl: float = 0.05,
    side: float | None = None,
    label: str = "latent mean",
) -> tuple[Figure, list[Axes]]:
    """Draw all latent channels as maps on one colour scale; channels are numbered from 1.

    Args:
        maps: map of each latent channel, shape (latents, rows, columns); pixels that are not finite are grey.
        title: text above the maps.
        kl: mean KL divergence of each channel in nat, shape (latents,); None for a model without a posterior.
        least_kl: KL divergence below which a channel counts as inactive.
        side: width of the maps in µm, for a scale bar in the first map.
        label: label of the colour bar.
    """
    figure, axes, width = new_maps(len(maps), maps.shape[1:], title=title)
    scale = robust_scale(maps)
    for number, (ax, values) in enumerate(zip(axes, maps, strict=True), start=1):
        draw_map(ax, values, scale=scale, side=side if number == 1 else None)
        if kl is None:
            name_map(ax, f"{number}", width=width)
        elif kl[number - 1] < least_kl:
            name_map(ax, f"{number}: inactive, KL {kl[number - 1]:.2f}", width=width, colour=GREY)
        else:
            name_map(ax, f"{number}: KL {kl[number - 1]:.2f}", width=width)
    add_colour_bar(figure, axes, label)
    trim(figure)
    return figure, axes
