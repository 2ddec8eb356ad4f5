"""Profiles of the parameters of the fitted oscillators along a line of pixels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.spectra.curves import channels_of, in_lines
from remanence.figures.style import COLOURS, few_ticks, new_panels


def plot_sho_profiles(
    amplitude: NDArray[np.float64],
    phase: NDArray[np.float64],
    resonance: NDArray[np.float64],
    quality: NDArray[np.float64],
    *,
    title: str,
    amplitude_label: str = "amplitude (arb. units)",
    side: float | None = None,
) -> tuple[Figure, list[Axes]]:
    """Draw amplitude, phase, resonance frequency and quality factor along a line, each on its own scale.

    Args:
        amplitude: amplitude of each pixel, shape (pixels,); pixels that are not finite leave a gap.
        phase: phase of each pixel in rad, shape (pixels,).
        resonance: resonance frequency of each pixel in kHz, shape (pixels,).
        quality: quality factor of each pixel, shape (pixels,).
        title: text above the panels.
        amplitude_label: name and unit of the amplitude.
        side: length of the line in µm; None counts the pixels.
    """
    labels = [amplitude_label, "phase (rad)", "resonance frequency (kHz)", "quality factor"]
    values = np.stack([amplitude, phase, resonance, quality], axis=-1)
    place = np.arange(len(values)) if side is None else np.linspace(0, side, len(values))
    figure, axes = new_panels(4, title=title, width=3.0, height=1.3, most_columns=2)
    for number, (ax, channel) in enumerate(zip(axes, channels_of(labels, values), strict=True)):
        line = values[:, number] * channel.factor
        ax.plot(place, line, color=COLOURS[0], marker=".", markersize=4, mew=0, linewidth=0.8)
        ax.set_ylabel(in_lines(channel.label, inches=1.3))
        if labels[number] == "phase (rad)":
            ax.set_ylim(-1.1 * np.pi, 1.1 * np.pi)
            ax.set_yticks([-np.pi, 0, np.pi], ["−π", "0", "π"])
        else:
            ax.set_ylim(*channel.limits)
            ax.yaxis.set_major_locator(few_ticks(4))
        if number >= 2:
            ax.set_xlabel("pixel" if side is None else "position (µm)")
    return figure, axes
