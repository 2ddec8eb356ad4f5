"""Permittivity against the logarithm of frequency; the slope measures the local polar heterogeneity."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.typing import ColorType
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from remanence.figures.style import COLOURS, GREY, new_figure, shortened, wrapped

MOST_NAMES = 30


def plot_permittivity(
    frequency: NDArray[np.float64],
    permittivity: NDArray[np.float64],
    lph_slope: NDArray[np.float64],
    intercept: NDArray[np.float64],
    names: Sequence[str],
    *,
    title: str,
) -> tuple[Figure, Axes]:
    """Draw measured spectra and the lines ``intercept - lph_slope * ln(f / f_0)``, where f_0 is the lowest frequency.

    The colour of a line shows its slope. If there are at most 30 samples, name and slope are written at the right end
    of each line; otherwise a colour bar replaces the names.

    Args:
        frequency: frequencies in Hz, shape (points,).
        permittivity: measured relative permittivity, shape (samples, points).
        lph_slope: fitted LPHslope of each sample, 1/ln Hz, shape (samples,).
        intercept: fitted permittivity at f_0, shape (samples,).
        names: names of the samples.
        title: text above the axes.
    """
    named = len(names) <= MOST_NAMES
    size = 8.0 if len(names) <= 12 else 6.5
    line = 1.28 * size / 72  # inches between the names
    height = max(3.6, 1.1 + line * len(names)) if named else 3.8
    figure, (ax,) = new_figure(width=5.0, height=height)
    fitted = intercept[:, None] - lph_slope[:, None] * np.log(frequency / frequency.min())  # (samples, points)
    known = lph_slope[np.isfinite(lph_slope)]
    scale = Normalize(*((known.min(), known.max()) if known.size and np.ptp(known) else (0.0, 2 * np.abs(known).sum())))
    slopes = _slopes()
    colours = [slopes(scale(slope)) if np.isfinite(slope) else GREY for slope in lph_slope]
    order = np.argsort(frequency)
    for spectrum, fit, colour in zip(permittivity, fitted, colours, strict=True):
        ax.plot(frequency, spectrum, "o", color=colour, markersize=2.4 if named else 1.0, alpha=0.5, markeredgewidth=0)
        ax.plot(frequency[order], fit[order], color=colour, linewidth=0.9 if named else 0.6)
    ax.set(xscale="log", xlabel="frequency (Hz)", ylabel=r"relative permittivity $\varepsilon_\mathrm{r}$")
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    low, high = ax.get_ylim()
    ax.set_ylim(low, high)
    if named:
        ends = fitted[:, order[-1]]
        shown = np.flatnonzero(np.isfinite(ends))
        heights = _spread((ends[shown] - low) / (high - low), line / (height - 1.0))
        for sample, text_height in zip(shown.tolist(), heights, strict=True):
            end = (ends[sample] - low) / (high - low)
            _name(
                ax, f"{shortened(str(names[sample]))}  {lph_slope[sample]:.1f}", size, end, text_height, colours[sample]
            )
    else:
        bar = figure.colorbar(ScalarMappable(scale, slopes), ax=ax)
        bar.set_label("LPHslope (1/ln Hz)")
    formula = r"$\varepsilon_\mathrm{r}(f_0) - s\,\ln(f/f_0)$, LPHslope $s$ (1/ln Hz)"
    formula += " behind the name" if named else ""
    handles = [Line2D([], [], color=GREY, marker="o", markersize=3, linestyle=""), Line2D([], [], color=GREY)]
    figure.legend(handles, ["measured", formula], loc="outside lower center", ncols=2, frameon=False)
    return figure, ax


def _slopes() -> LinearSegmentedColormap:
    """Return colours from low to high slope, of dark to medium brightness, so that no line is too light on white."""
    return LinearSegmentedColormap.from_list("slopes", [COLOURS[0], COLOURS[4], COLOURS[1], COLOURS[2]])


def _spread(heights: NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """Move heights (fractions of the axes) as little as possible to be ``gap`` apart and within 0 to 1."""
    if not heights.size:
        return heights
    order = np.argsort(heights)
    steps = gap * np.arange(heights.size)
    moved = isotonic_regression(heights[order] - steps).x
    result = np.empty_like(heights)
    result[order] = np.clip(moved, 0.0, max(0.0, 1.0 - steps[-1])) + steps
    return result


def _name(ax: Axes, text: str, size: float, end: float, height: float, colour: ColorType) -> None:
    """Write a name to the right of the axes and draw a thin line from the end of its curve to it."""
    leader = Line2D([0.96, 1.01, 1.035], [end, height, height], color=colour, linewidth=0.5, transform=ax.transAxes)
    leader.set_clip_on(False)
    ax.add_artist(leader)
    ax.text(1.045, height, text, transform=ax.transAxes, fontsize=size, va="center")
