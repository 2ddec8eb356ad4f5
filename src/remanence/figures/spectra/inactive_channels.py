"""Posteriors of the latent channels, which show whether inactive channels are empty."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm

from remanence.figures.style import COLOURS, GREY, hide_inner_ticks, legend_below, new_panels

EDGES = np.linspace(-4, 4, 81)
COLUMNS = 4


def plot_inactive_channels(
    means: NDArray[np.float64],
    sds: NDArray[np.float64],
    *,
    latents: Sequence[str],
    morans_i: NDArray[np.float64],
    title: str,
) -> tuple[Figure, list[Axes]]:
    """Draw the posterior means of each channel, the mixture of its posteriors over all pixels, and the prior N(0, 1).

    In an empty channel all means are near 0, the mixture equals the prior, and the means have no spatial order. Each
    curve is divided by its maximum, because the means of an empty channel are a hundred times denser than the prior.

    Args:
        means: mean of the posterior of each pixel, shape (pixels, latents).
        sds: standard deviation of the posterior of each pixel, shape (pixels, latents).
        latents: name of each latent channel.
        morans_i: Moran's I of each channel, the spatial autocorrelation of its means, shape (latents,).
        title: text above the panels.
    """
    figure, axes = new_panels(len(latents), title=title, width=1.7, height=1.5, most_columns=COLUMNS, extra=0.3)
    grid = (EDGES[1:] + EDGES[:-1]) / 2
    for channel, (ax, name) in enumerate(zip(axes, latents, strict=True)):
        mean, sd = means[:, channel], sds[:, channel]
        known = np.isfinite(mean) & np.isfinite(sd)
        counts = np.histogram(np.clip(mean[known], -4, 4), EDGES)[0]
        ax.stairs(_relative(counts), EDGES, fill=True, color=COLOURS[3], alpha=0.6, label="posterior means")
        mixture = np.diff(norm.cdf(EDGES[:, None], mean[known], np.maximum(sd[known], 1e-6)).sum(axis=1))
        ax.plot(grid, _relative(mixture), color=COLOURS[1], label="mixture of the posteriors")
        ax.plot(grid, _relative(norm.pdf(grid)), color=GREY, linestyle="--", linewidth=1.1, label="N(0, 1)")
        note = f"Moran's I {morans_i[channel]:.2f}\nsd {mean[known].std() if known.any() else np.nan:.2g}"
        ax.text(0.98, 0.98, note.replace("-", "−"), transform=ax.transAxes, ha="right", va="top", fontsize="small")
        ax.set(xlim=(-4, 4), ylim=(0, 1.25))
        ax.set_title(name, pad=3)
    hide_inner_ticks(axes, columns=COLUMNS)
    figure.supylabel("density / maximum")
    for ax in axes[-COLUMNS:]:
        ax.set_xlabel("latent")
    legend_below(figure, axes[:1])
    return figure, axes


def _relative(density: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    largest = density.max(initial=0)
    return density / largest if largest > 0 else np.zeros(len(density))
