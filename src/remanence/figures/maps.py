"""Maps of a sample or of a matrix, with one value per pixel."""

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
from remanence.figures.style import COLUMN_WIDTHS, few_ticks, new_panels, wrapped

LATENT = "viridis"
ERROR = "magma"
SIGNED = "RdBu_r"  # from -1 to 1
MISSING = "#c4c8ce"  # lighter than any text, and in none of the colour scales
LEAST_HEIGHT = 0.2
"""Least height of a map of long lines, in widths of it, and least width of one of many short lines, in heights."""
PAGE = COLUMN_WIDTHS[-1]
BAR = 0.6  # width in inches of a colour bar with its label
NARROWEST = 1.5
"""Least width of a panel in inches; with more panels than a page has room for, a figure is wider than a page."""


def new_maps(
    number: int, shape: tuple[int, int], *, title: str, most_columns: int = 8
) -> tuple[Figure, list[Axes], float]:
    """Return a figure with axes for ``number`` maps in rows as full as possible, and the width of a map in inches.

    Args:
        number: number of maps, at least one.
        shape: rows and columns of a map; very long maps are drawn smaller, so that they fit.
        title: text above the maps.
        most_columns: largest number of maps in a row.
    """
    columns = math.ceil(number / math.ceil(number / most_columns))
    width = min(1.9, (PAGE - BAR) / columns)
    height = width * float(np.clip(shape[0] / shape[1], 0.3, 2.0)) + 0.25
    figure, axes = new_panels(number, title=title, width=width, height=height, most_columns=columns)
    figure.set_layout_engine("compressed")
    return figure, axes, min(width, (figure.get_figwidth() - BAR) / columns)


def draw_map(
    ax: Axes, values: NDArray[np.float64], *, scale: Normalize, colours: str = LATENT, side: float | None = None
) -> AxesImage:
    """Draw one value per pixel, with row 0 on top; pixels that are not finite are grey.

    Pixels are square, unless the map is so long, as a line scan of one row, that its rows could not be seen.

    Args:
        ax: axes to draw into; they lose their ticks and spines.
        values: value of each pixel, shape (rows, columns).
        scale: scale of the colours.
        colours: name of the colour map.
        side: width of the map in µm, for a scale bar; None draws no bar.
    """
    shown = mpl.colormaps[colours].with_extremes(bad=MISSING)
    rows, columns = np.shape(values)
    aspect = float(np.clip(1.0, LEAST_HEIGHT * columns / rows, columns / rows / LEAST_HEIGHT))
    image = ax.imshow(np.ma.masked_invalid(values), cmap=shown, norm=scale, interpolation="nearest", aspect=aspect)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    if side is not None:
        add_scale_bar(ax, side=side, pixels=columns, aspect=aspect)
    return image


def name_map(ax: Axes, text: str, *, width: float, colour: str = "black") -> None:
    """Write a small title above a map; the text is broken to fit ``width`` inches less the space for a colour bar."""
    ax.set_title(wrapped(text, inches=0.9 * width, size="small"), fontsize="small", color=colour, pad=3)


def robust_scale(values: ArrayLike, *, within: float = 99.0) -> Normalize:
    """Return a scale over the middle ``within`` per cent of the finite values, so that no single pixel can set it.

    If all values are equal, the scale is centred on that value. If there is no finite value, the scale is 0 to 1.
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
    """Draw a colour bar to the right of the maps; an end is pointed if a value of any map lies beyond it."""
    images = [image for ax in axes for image in ax.images]
    values = np.concatenate([np.ma.compressed(np.ma.asarray(image.get_array())) for image in images])
    low, high = images[0].get_clim()
    below, above = bool((values < low).any()), bool((values > high).any())
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]
    bar = figure.colorbar(images[0], ax=axes, shrink=shrink, aspect=18, pad=0.02, extend=extend)
    bar.set_label(label, fontsize="small")
    bar.ax.tick_params(length=2)
    bar.locator = few_ticks()
    bar.update_ticks()
    bar.outline.set_linewidth(0.5)
    return bar.ax


def trim(figure: Figure) -> None:
    """Reduce the height of a figure by the space that maps of fixed proportions leave empty."""
    figure.draw_without_rendering()
    width, _ = figure.get_size_inches()
    figure.set_size_inches(width, figure.get_tightbbox().height + 0.12)
