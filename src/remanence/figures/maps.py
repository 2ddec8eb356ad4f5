"""A map, of a sample or of a matrix: one value a pixel."""

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

from remanence.figures.scale_bar import add_scale_bar
from remanence.figures.style import few_ticks, new_panels, wrapped

LATENT = "viridis"
ERROR = "magma"
SIGNED = "RdBu_r"  # from -1 to 1
MISSING = "#c4c8ce"  # lighter than any text, and a colour that no scale has
PAGE = 7.0  # inches: both columns of a journal


def new_maps(
    number: int, shape: tuple[int, int], *, title: str, most_columns: int = 8
) -> tuple[Figure, list[Axes], float]:
    """Return a figure of ``number`` maps in rows that are as full as possible, and the width of one in inches.

    Args:
        number: at least one.
        shape: rows and columns of a map; very long maps are drawn smaller, so that they fit.
        title: above the maps.
        most_columns: before a new row begins.
    """
    columns = math.ceil(number / math.ceil(number / most_columns))
    width = min(1.9, (PAGE - 0.6) / columns)
    height = width * float(np.clip(shape[0] / shape[1], 0.3, 2.0)) + 0.25
    figure, axes = new_panels(number, title=title, width=width, height=height, most_columns=columns)
    figure.set_layout_engine("compressed")
    return figure, axes, width


def draw_map(
    ax: Axes, values: NDArray[np.float64], *, scale: Normalize, colours: str = LATENT, side: float | None = None
) -> AxesImage:
    """Draw one value a pixel, row 0 on top; pixels that are not finite are grey.

    Args:
        ax: becomes a picture without ticks and spines.
        values: shape (rows, columns).
        scale: of the colours.
        colours: name of the colour map.
        side: width of the map in µm, for a scale bar.
    """
    shown = mpl.colormaps[colours].with_extremes(bad=MISSING)
    image = ax.imshow(np.ma.masked_invalid(values), cmap=shown, norm=scale, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    if side is not None:
        add_scale_bar(ax, side=side, pixels=np.shape(values)[1])
    return image


def name_map(ax: Axes, text: str, *, width: float, colour: str = "black") -> None:
    """Write a small title above a map of ``width`` inches, of which a colour bar beside the maps takes some."""
    ax.set_title(wrapped(text, inches=0.9 * width, size=7), fontsize=7, color=colour, pad=3)


def robust_scale(values: ArrayLike, *, within: float = 99.0) -> Normalize:
    """Return a scale that holds the middle ``within`` per cent of the finite values, so that one pixel cannot set it.

    A constant gets a scale around it, no value at all 0 to 1.
    """
    everything = np.asarray(values, dtype=np.float64)
    everything = everything[np.isfinite(everything)]
    if not everything.size:
        return Normalize(0.0, 1.0)
    cut = (100 - within) / 2
    low, high = np.percentile(everything, [cut, 100 - cut])
    if low == high:
        low, high = everything.min(), everything.max()
    margin = 0.0 if low < high else max(abs(low), 1.0) / 2
    return Normalize(float(low - margin), float(high + margin))


def add_colour_bar(figure: Figure, axes: Sequence[Axes], label: str, *, shrink: float = 0.9) -> Axes:
    """Draw the scale of maps to their right; its ends are pointed where values of any map lie beyond them."""
    images = [image for ax in axes for image in ax.images]
    values = np.concatenate([np.ma.compressed(np.ma.asarray(image.get_array())) for image in images])
    low, high = images[0].get_clim()
    below, above = bool((values < low).any()), bool((values > high).any())
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]
    bar = figure.colorbar(images[0], ax=axes, shrink=shrink, aspect=18, pad=0.02, extend=extend)
    bar.set_label(label, fontsize=8)
    bar.ax.tick_params(labelsize=7, length=2)
    bar.locator = few_ticks()
    bar.update_ticks()
    bar.outline.set_linewidth(0.5)
    return bar.ax


def trim(figure: Figure) -> None:
    """Take away the height that maps of fixed proportions leave empty."""
    figure.draw_without_rendering()
    width, _ = figure.get_size_inches()
    figure.set_size_inches(width, figure.get_tightbbox().height + 0.12)
