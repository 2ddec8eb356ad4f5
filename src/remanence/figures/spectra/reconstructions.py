"""The best, the median and the worst reconstruction."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from remanence.figures.maps import PAGE
from remanence.figures.spectra.curves import Channel, channels_of, draw_spectra, in_lines
from remanence.figures.style import COLOURS, GREY, common_limits, legend_below, new_figure, wrapped

FLAT = 5.0
"""Ratio of the ranges of two pixels above which common limits would make one of them flat."""


def plot_reconstructions(
    measured: NDArray[np.float64],
    reconstructed: dict[str, NDArray[np.float64]],
    errors: dict[str, NDArray[np.float64]],
    *,
    axis: NDArray[np.float64],
    axis_label: str,
    channels: Sequence[str],
    title: str,
    ranked_by: str | None = None,
) -> tuple[Figure, list[Axes]]:
    """Draw measured and reconstructed spectra of three pixels: the best, the median and the worst of one model.

    A single model has one row per channel. If there are several models, each has one row with all channels in it, and
    its name above the row. All panels of a channel have the same limits, unless one pixel would make another one flat:
    then each has its own. The error of a pixel, over all channels, is written above its panel.

    Args:
        measured: measured spectra in physical units, shape (pixels, steps, channels).
        reconstructed: reconstructed spectra of each model by its name, in the same shape. At least one.
        errors: for each model, by its name, the mean squared error of each pixel, shape (pixels,); pixels whose error
            is not finite are never shown.
        axis: value of each step, such as the bias, shape (steps,).
        axis_label: name and unit of the axis.
        channels: name and unit of each channel.
        title: text above the panels.
        ranked_by: name of the model whose errors choose the pixels; None takes the first model.

    Raises:
        ValueError: if no error of that model is finite.
    """
    pixels = _best_median_worst(errors[ranked_by or next(iter(errors))])
    chosen = list(pixels.values())
    drawn = channels_of(channels, measured[chosen], *(spectra[chosen] for spectra in reconstructed.values()))
    shown = {
        pixel: _own_limits(drawn, measured[pixel], *(s[pixel] for s in reconstructed.values())) for pixel in chosen
    }
    shared = [not _flat([shown[pixel][c] for pixel in chosen]) for c in range(len(channels))]
    models = list(reconstructed)
    columns = len(pixels) * (1 if len(models) == 1 else len(channels))
    rows = len(models) * len(channels) * len(pixels) // columns
    width = min(2.1, PAGE / columns)
    height = max(1.4, 0.8 * width)
    figure, axes = new_figure(width, height, columns=columns, rows=rows)
    places = [(model, c, rank) for model in models for c in range(len(channels)) for rank in pixels]
    for place, (ax, (model, c, rank)) in enumerate(zip(axes, places, strict=True)):
        pixel = pixels[rank]
        colour = COLOURS[(1 + models.index(model)) % len(COLOURS)]
        channel = drawn[c] if shared[c] else shown[pixel][c]
        draw_spectra(ax, axis, measured[None, pixel, :, c], channel, colours=GREY, linewidth=1.8, alpha=0.6)
        draw_spectra(ax, axis, reconstructed[model][None, pixel, :, c], channel, colours=colour, linewidth=0.9)
        ax.tick_params(labelleft=rank == "best" or not shared[c], labelbottom=place >= len(axes) - columns)
        if rank == "best":
            ax.set_ylabel(in_lines(drawn[c].label, inches=height), fontsize="small")
        if place >= len(axes) - columns:
            ax.set_xlabel(axis_label, fontsize="small")
        heads = [f"{rank}: pixel {pixel}"] if place < columns else []
        if c == 0:
            error = f"MSE {errors[model][pixel]:.2g}"
            is_named = rank == "best" and len(models) > 1  # more models than colours may be there
            heads.append(wrapped(f"{model}: {error}", inches=width - 0.2, size="small") if is_named else error)
        ax.set_title("\n".join(heads), fontsize="small", pad=3)
    figure.align_ylabels(axes)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    lines: dict[str, Artist] = {"measured": Line2D([], [], color=GREY, linewidth=1.8, alpha=0.6)}
    for number, model in enumerate(models, start=1):
        lines[model] = Line2D([], [], color=COLOURS[number % len(COLOURS)])
    legend_below(figure, axes, lines)
    return figure, axes


def _own_limits(drawn: Sequence[Channel], *spectra: NDArray[np.float64]) -> list[Channel]:
    """Return the channels with the limits that the spectra (steps, channels) of one pixel need, in the same units."""
    limits = [common_limits(*(values[:, c] * each.factor for values in spectra)) for c, each in enumerate(drawn)]
    return [replace(each, limits=own) for each, own in zip(drawn, limits, strict=True)]


def _flat(pixels: Sequence[Channel]) -> bool:
    """Return whether one pixel's values span so much more than another's that this would be a line."""
    spans = [channel.limits[1] - channel.limits[0] for channel in pixels]
    return max(spans) > FLAT * min(spans)


def _best_median_worst(errors: NDArray[np.float64]) -> dict[str, int]:
    """Return the pixels with the smallest, the lower median and the largest error."""
    order = np.argsort(np.where(np.isfinite(errors), errors, np.inf), kind="stable")
    known = int(np.isfinite(errors).sum())
    if not known:
        raise ValueError("Expected argument `errors` to hold a finite value, but got none.")
    return {"best": int(order[0]), "median": int(order[(known - 1) // 2]), "worst": int(order[known - 1])}
