"""The spectra of the toy problem along each of its three factors."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.spectra.curves import channels_of, draw_spectra
from remanence.figures.style import hide_inner_ticks, new_panels

FACTORS = ("R", "G", "B")


def plot_toy_spectra(
    t: NDArray[np.float64], colours: NDArray[np.float64], spectra: NDArray[np.float64], *, title: str
) -> tuple[Figure, list[Axes]]:
    """Draw the spectra of the toy function as R, G or B changes; each spectrum is drawn in its own colour.

    Args:
        t: argument of the toy function at each step, shape (steps,).
        colours: R, G and B from 0 to 1 of the spectra along each factor, shape (3, spectra, 3).
        spectra: spectra along each factor, shape (3, spectra, steps).
        title: text above the panels.
    """
    figure, axes = new_panels(3, title=title, width=2.2, height=2.0)
    (channel,) = channels_of(["f(t, R, G, B)"], spectra[..., None])
    for ax, factor, own, lines in zip(axes, FACTORS, colours, spectra, strict=True):
        draw_spectra(ax, t, lines, channel, colours=np.clip(own, 0, 1), linewidth=1.0)
        ax.set_title(f"along {factor}", pad=3)
        ax.set_xlabel("t")
    axes[0].set_ylabel("f(t, R, G, B)")
    hide_inner_ticks(axes, columns=3)
    return figure, axes
