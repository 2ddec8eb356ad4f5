"""Agreement of latent channels with the known factors."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import LATENT, SIGNED, add_colour_bar, draw_map
from remanence.figures.style import new_figure, shortened, wrapped


def plot_latent_factors(
    agreement: NDArray[np.float64],
    *,
    latents: Sequence[str],
    factors: Sequence[str],
    title: str,
    label: str = "correlation",
    signed: bool = True,
) -> tuple[Figure, Axes]:
    """Draw a matrix of latent channels (rows) and known factors (columns), with the number in each cell.

    Args:
        agreement: agreement of each pair, shape (latents, factors); a cell that is not finite is grey with a dash.
        latents: name of each latent channel.
        factors: name of each known factor.
        title: text above the matrix.
        label: label of the colour bar.
        signed: whether the colour scale is −1 to 1, as for a correlation; otherwise 0 to 1, as for R².
    """
    figure, (ax,) = new_figure(1.9 + 0.5 * len(factors), 0.8 + 0.3 * max(len(latents), 2))
    scale, colours = Normalize(-1.0 if signed else 0.0, 1.0), SIGNED if signed else LATENT
    image = draw_map(ax, agreement, scale=scale, colours=colours)
    image.set_interpolation("none")
    ax.set_aspect("auto")
    ax.set_xticks(range(len(factors)), [shortened(name) for name in factors], fontsize="small")
    if max(map(len, factors), default=0) > 6:  # the names would be wider than a column
        for name in ax.get_xticklabels():
            name.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(latents)), [shortened(name) for name in latents], fontsize="small")
    ax.tick_params(length=0)
    for (row, column), value in np.ndenumerate(agreement):
        known = bool(np.isfinite(value))
        dark = known and np.dot(mpl.colormaps[colours](scale(value))[:3], [0.299, 0.587, 0.114]) < 0.5
        text = f"{value:.2f}".replace("-", "−") if known else "–"
        ax.text(column, row, text, ha="center", va="center", fontsize="small", color="white" if dark else "black")
    add_colour_bar(figure, [ax], label)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, ax
