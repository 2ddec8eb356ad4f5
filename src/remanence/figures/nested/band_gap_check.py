"""The band gap that the chain predicts for devices, against the band gap that was measured on them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.nested.expected_shape import expect_shape
from remanence.figures.style import COLOURS, GREY, common_limits, legend_below, new_figure, wrapped

SMALLEST = 9.0  # points², area of the marker of one device
LARGEST = 160.0


def plot_measured_gap(
    measured: NDArray[np.float64],
    predicted: NDArray[np.float64],
    *,
    half_width: float | None,
    title: str,
    note: str = "",
    coverage: float = 0.9,
) -> tuple[Figure, Axes]:
    """Draw predicted PBE gap against measured gap, with the line of equality and the least-squares line.

    Devices of the same composition and gap share one marker, whose area grows with the square root of their number.

    Args:
        measured: experimental gap in eV, shape (rows,).
        predicted: predicted gap in eV, shape (rows,). Rows with a predicted or measured gap that is not finite are
            left out.
        half_width: half-width of the prediction interval in eV, drawn as a band around the line of equality. The
            interval of a marker inside this band contains the measured gap. None draws no band.
        title: text above the axes.
        note: text in the lower right corner, such as the mean absolute error.
        coverage: nominal coverage of the interval, between 0 and 1.
    """
    expect_shape("measured", measured, (None,))
    expect_shape("predicted", predicted, np.shape(measured))
    pairs = np.stack([measured, predicted], axis=1).astype(np.float64)
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    places, counts = np.unique(pairs.round(4), axis=0, return_counts=True)
    figure, (ax,) = new_figure(4.4, 4.4)
    limits = common_limits(pairs)
    line = np.array(limits)
    ax.plot(line, line, color=GREY, linewidth=1, label="equal", zorder=1)
    if half_width is not None and np.isfinite(half_width):
        ax.fill_between(
            line,
            line - half_width,
            line + half_width,
            color=GREY,
            alpha=0.18,
            linewidth=0,
            label=f"{100 * coverage:g} % interval",
            zorder=0,
        )
    if len(np.unique(pairs[:, 0])) > 1:
        slope, intercept = np.polyfit(pairs[:, 0], pairs[:, 1], 1)
        offset = (pairs[:, 1] - pairs[:, 0]).mean()
        ends = np.array([pairs[:, 0].min(), pairs[:, 0].max()])
        text = f"fit: slope {slope:.2f}, mean offset {offset:+.2f} eV".replace("-", "−")
        ax.plot(ends, slope * ends + intercept, color=COLOURS[1], label=text, zorder=3)
    most = int(counts.max(initial=1))
    order = np.argsort(-counts, kind="stable")  # small markers are drawn on top of large ones
    _draw_devices(ax, places[order], counts[order], most)
    for count in sorted({int(counts.min(initial=most)), most}):
        devices = f"{count} device{'s' * (count != 1)}"
        _draw_devices(ax, np.empty((0, 2)), np.array([count]), most).set_label(devices)
    ax.set(xlim=limits, ylim=limits, aspect="equal", xlabel="measured gap (eV)", ylabel="predicted PBE gap (eV)")
    ax.set_title(wrapped(title, inches=figure.get_figwidth() - 0.6))
    ax.text(0.97, 0.04, note, transform=ax.transAxes, ha="right", va="bottom", fontsize="small")
    legend_below(figure, [ax])
    return figure, ax


def _draw_devices(ax: Axes, places: NDArray[np.float64], counts: NDArray[np.int64], most: int) -> PathCollection:
    """Draw markers whose area is proportional to √n, so that 800 devices do not hide their neighbours."""
    areas = SMALLEST + (np.sqrt(counts) - 1) * (LARGEST - SMALLEST) / max(np.sqrt(most) - 1, 10.0)
    return ax.scatter(
        places[:, 0], places[:, 1], s=areas, color=COLOURS[0], alpha=0.6, edgecolor="white", linewidths=0.4, zorder=2
    )
