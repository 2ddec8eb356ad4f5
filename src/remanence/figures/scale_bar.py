"""The scale bar that shows the size of a map."""

import math

from matplotlib.axes import Axes
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar  # type: ignore[import-untyped]

LARGEST_SHARE = 0.4


def scale_bar_length(side: float) -> float:
    """Return the largest number 1, 2 or 5 times a power of ten that is at most 0.4 of the map's width, in µm.

    >>> scale_bar_length(2.0), scale_bar_length(10.0)
    (0.5, 2.0)

    Raises:
        ValueError: if the width is not a positive number.
    """
    if not (side > 0 and math.isfinite(side)):
        raise ValueError(f"Expected argument `side` to be a positive number of µm, but got {side}.")
    longest = LARGEST_SHARE * side * (1 + 1e-9)  # the margin keeps rounding from rejecting an exact fit
    power = math.floor(math.log10(longest))
    return max(float(f"{digit}e{power}") for digit in (1, 2, 5) if float(f"{digit}e{power}") <= longest)


def add_scale_bar(ax: Axes, *, side: float, pixels: int, aspect: float = 1.0) -> AnchoredSizeBar:
    """Draw a scale bar in the lower right corner of a map of width ``side`` in µm and ``pixels`` in pixels.

    ``aspect`` is the height of a pixel in widths of it.
    """
    length = scale_bar_length(side)
    text = f"{length:g} µm" if length >= 1 else f"{1000 * length:g} nm"
    bar = AnchoredSizeBar(
        ax.transData,
        length / side * pixels,
        text,
        loc="lower right",
        pad=0.3,
        borderpad=0.25,
        sep=1.5,
        color="white",
        label_top=True,
        size_vertical=pixels / 70 / aspect,
        fontproperties={"size": 6},
    )
    bar.patch.set(facecolor="black", alpha=0.55, linewidth=0)  # a white bar alone cannot be seen on bright pixels
    ax.add_artist(bar)
    return bar
