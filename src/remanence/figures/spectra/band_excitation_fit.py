"""One band-excitation spectrum and the oscillator that was fitted to it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.spectra.curves import channels_of
from remanence.figures.style import COLOURS, few_ticks, legend_below, new_panels


def plot_band_excitation_fit(
    frequency: NDArray[np.float64],
    response: NDArray[np.complex128],
    fit: NDArray[np.complex128],
    *,
    title: str,
    note: str = "",
    amplitude_label: str = "amplitude (arb. units)",
) -> tuple[Figure, list[Axes]]:
    """Draw amplitude and phase, of the measured response as points and of the fitted response as a line.

    Args:
        frequency: frequency of each bin in kHz, shape (bins,).
        response: measured response, shape (bins,); bins that are not finite are left out.
        fit: response of the fitted oscillator, shape (bins,).
        title: text above the panels.
        note: text in the corner of the amplitude panel, such as resonance frequency, quality factor and R².
        amplitude_label: name and unit of the amplitude.
    """
    figure, axes = new_panels(2, title=title, width=2.4, height=2.0, extra=0.3)
    turn = np.exp(-1j * _middle(fit))  # puts the branch cut of the phase opposite to the mean phase
    (channel,) = channels_of([amplitude_label], np.abs(np.stack([response, fit]))[..., None])
    points: dict[str, Any] = {"color": COLOURS[0], "marker": ".", "markersize": 4, "mew": 0, "linestyle": ""}
    line: dict[str, Any] = {"color": COLOURS[1], "linewidth": 1.4}
    for name, values, look in (("measured", response, points), ("fit", fit, line)):
        axes[0].plot(frequency, np.abs(values) * channel.factor, label=name, **look)
        axes[1].plot(frequency, np.angle(values * turn) - np.angle(turn), **look)
    axes[0].set_ylabel(channel.label)
    axes[0].set_ylim(0, 1.25 * channel.limits[1])
    axes[1].set_ylabel("phase (rad)")
    for ax in axes:
        ax.set_xlabel("frequency (kHz)")
        ax.yaxis.set_major_locator(few_ticks())
    axes[0].text(0.97, 0.97, note, transform=axes[0].transAxes, ha="right", va="top", fontsize="small")
    legend_below(figure, axes)
    return figure, axes


def _middle(response: NDArray[np.complex128]) -> float:
    """Return the phase of the sum of the finite values, 0 if there are none."""
    return float(np.angle(response[np.isfinite(response)].sum()))
