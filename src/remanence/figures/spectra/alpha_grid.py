"""The error of dictionary learning against its penalty, for fitted and for held-out spectra."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.style import COLOURS, GREY, new_figure, wrapped


def plot_alpha_grid(
    alphas: NDArray[np.float64],
    train: NDArray[np.float64],
    held_out: NDArray[np.float64],
    *,
    chosen: float,
    title: str,
) -> tuple[Figure, Axes]:
    """Draw the error against the penalty λ, for the fitted spectra and for held-out spectra.

    Args:
        alphas: positive penalties in any order, shape (penalties,).
        train: error of the fitted spectra at each penalty, shape (penalties,).
        held_out: error of the held-out spectra at each penalty, shape (penalties,).
        chosen: penalty that the model uses.
        title: text above the axes.
    """
    figure, (ax,) = new_figure(3.5, 2.8)
    order = np.argsort(alphas)
    for name, errors, colour, marker in (("train", train, COLOURS[0], "o"), ("held out", held_out, COLOURS[1], "s")):
        ax.plot(alphas[order], errors[order], color=colour, marker=marker, markersize=3.5, label=name)
    ax.axvline(chosen, color=GREY, linestyle=":", label=f"chosen: λ = {chosen:g}")
    ax.set(xscale="log")
    ax.set_xlabel("penalty λ")
    ax.set_ylabel("mean squared error")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    ax.legend()
    return figure, ax
