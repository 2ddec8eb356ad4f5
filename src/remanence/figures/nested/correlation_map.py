"""Correlations between latents and properties."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import SIGNED, add_colour_bar, draw_map
from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import new_figure, shortened, wrapped

MOST_NUMBERS = 150
SCALE = Normalize(-1.0, 1.0)


def plot_correlations(
    r: NDArray[np.float64],
    *,
    latent_names: Sequence[str],
    property_names: Sequence[str],
    title: str,
    note: str = "Pearson r",
) -> tuple[Figure, Axes]:
    """Draw a matrix of correlation coefficients; if there are at most 150, each cell also shows its number.

    Latents or properties, whichever are more, become the rows, because row names of any length can be read.

    Args:
        r: coefficients between −1 and 1, shape (latents, properties); a cell that is not finite is grey with a dash.
        latent_names: name of each latent.
        property_names: name of each property or descriptor.
        title: text above the matrix.
        note: label of the colour bar.
    """
    expect_shape("r", r, (len(latent_names), len(property_names)))
    matrix, rows, columns = np.asarray(r, dtype=np.float64), latent_names, property_names
    if len(columns) > len(rows):
        matrix, rows, columns = matrix.T, columns, rows
    written = matrix.size <= MOST_NUMBERS
    cell_width, cell_height = (0.42, 0.26) if written else (0.21, 0.19)
    column_names = [shortened(name) for name in columns]
    longest = 0.06 * max(map(len, column_names), default=0)  # inches at 7.5 pt
    slanted = longest > cell_width - 0.05
    figure, (ax,) = new_figure(
        max(2.8, 1.0 + 0.06 * min(24, max(map(len, rows), default=0)) + cell_width * len(columns)),
        0.75 + max(0.8, cell_height * len(rows)) + (0.7 * longest if slanted else 0.15),
    )
    image = draw_map(ax, matrix, scale=SCALE, colours=SIGNED)
    image.set_interpolation("none")
    ax.set_aspect("auto")
    ax.set_xticks(range(len(columns)), column_names, fontsize="small")
    if slanted:
        for name in ax.get_xticklabels():
            name.set(rotation=40 if written else 90, ha="right", va="top" if written else "center")
            name.set_rotation_mode("anchor")
    ax.set_yticks(range(len(rows)), [shortened(name) for name in rows], fontsize="small")
    ax.tick_params(length=0)
    if written:
        _write(ax, matrix)
    add_colour_bar(figure, [ax], note)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, ax


def _write(ax: Axes, matrix: NDArray[np.float64]) -> None:
    """Write the number into every cell, in white on dark cells."""
    for (row, column), value in np.ndenumerate(matrix):
        known = bool(np.isfinite(value))
        dark = known and np.dot(mpl.colormaps[SIGNED](SCALE(value))[:3], [0.299, 0.587, 0.114]) < 0.5
        text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−") if known else "–"
        ax.text(column, row, text, ha="center", va="center", fontsize="small", color="white" if dark else "black")
