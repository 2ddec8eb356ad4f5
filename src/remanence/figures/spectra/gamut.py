"""The error of models over all colours of the toy problem."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import ERROR, MISSING, add_colour_bar, draw_map, name_map, trim
from remanence.figures.style import new_figure, wrapped

PAIRS = ((0, 1), (1, 2), (0, 2))
NAMES = "RGB"


def plot_gamut(
    colours: NDArray[np.float64],
    errors: dict[str, NDArray[np.float64]],
    *,
    title: str,
    bins: int = 10,
    vmax: float | None = None,
    label: str = "mean squared error",
) -> tuple[Figure, list[Axes]]:
    """Draw the mean error in the planes R-G, G-B and R-B: the first row shows the mean colours, then one row per model.

    Args:
        colours: R, G and B from 0 to 1 of each spectrum, shape (spectra, 3).
        errors: for each model, by its name, the mean squared error of each spectrum, shape (spectra,). At least one.
        title: text above the panels.
        bins: number of squares along each colour; squares without a spectrum are grey.
        vmax: upper end of the colour scale of all models; None takes the largest mean of a square.
        label: label of the colour bar.

    Returns:
        the figure and its panels, ordered row by row.
    """
    figure, axes = new_figure(1.75, 1.6, columns=3, rows=1 + len(errors))
    figure.set_layout_engine("compressed")
    means = {name: [_mean(values, colours, pair, bins) for pair in PAIRS] for name, values in errors.items()}
    largest = np.nanmax([0.0, *np.ravel(list(means.values()))])
    scale = Normalize(0.0, vmax or largest or 1.0)
    for ax, pair in zip(axes, PAIRS, strict=False):
        picture = np.stack([_mean(colours[:, c], colours, pair, bins) for c in range(3)], axis=-1)
        empty = np.isnan(picture).any(axis=-1)
        picture[empty] = [int(MISSING[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        ax.imshow(picture[::-1], extent=(0, 1, 0, 1), interpolation="nearest")
    for row, (name, maps) in enumerate(means.items(), start=1):
        for ax, values in zip(axes[3 * row :], maps, strict=False):
            draw_map(ax, values[::-1], scale=scale, colours=ERROR).set_extent((0, 1, 0, 1))
        known = errors[name][np.isfinite(errors[name])]
        name_map(axes[3 * row + 1], f"{name}: mean {known.mean():.3g}" if known.size else name, width=3.0)
    for place, ax in enumerate(axes):
        first, second = PAIRS[place % 3]
        ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        ax.set_xlabel(NAMES[first], labelpad=1)
        ax.set_ylabel(NAMES[second], labelpad=1)
    name_map(axes[1], "mean colour", width=3.0)
    add_colour_bar(figure, axes[3:], label, shrink=min(0.9, 1.8 / len(errors)))
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    trim(figure)
    return figure, axes


def _mean(
    values: NDArray[np.float64], colours: NDArray[np.float64], pair: tuple[int, int], bins: int
) -> NDArray[np.float64]:
    """Return the mean in each square of two colours, shape (bins, bins); the first colour is on the x axis."""
    known = np.isfinite(values)
    first, second = np.clip((colours[known][:, list(pair)] * bins).astype(np.int64), 0, bins - 1).T
    sums, counts = np.zeros((2, bins, bins))
    np.add.at(sums, (second, first), values[known])
    np.add.at(counts, (second, first), 1)
    means = np.full((bins, bins), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means
