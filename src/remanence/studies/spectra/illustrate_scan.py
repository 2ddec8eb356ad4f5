"""The figures of a raw scan: bias waveform, one resonance with its fit, and maps of the fitted parameters.

A line or image has no bias: the maps are of the only resonance of each pixel, which a table lists as well.
"""

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.resonances import Resonances
from remanence.figures.spectra.band_excitation_fit import plot_band_excitation_fit
from remanence.figures.spectra.bias_waveform import plot_bias_waveform
from remanence.figures.spectra.sho_maps import plot_sho_maps
from remanence.figures.spectra.sho_profiles import plot_sho_profiles
from remanence.figures.style import unit_of
from remanence.science.band_excitation.phase import piezoresponse
from remanence.science.band_excitation.sho import sho_response
from remanence.studies.presentation import marked
from remanence.tracking.run import Run


def illustrate_scan(tracked: Run, data: OpenedSpectra, fitted: Resonances) -> None:
    """Draw the bias waveform and the resonance fits that the loops of a raw scan were computed from."""
    field = "both fields" if fitted.field == "both" else f"{fitted.field} field"
    shown = "one cycle" if fitted.loops == 1 else f"{fitted.loops} loops, one after the other"
    title = marked(f"{shown}, {field}", data)
    figure, _ = plot_bias_waveform(fitted.voltage, title=title, label=fitted.axis_label)
    tracked.log_figure(figure, "bias_waveform")
    pixel, step = fitted.example
    unit = unit_of(fitted.axis_label)  # the amplitude of an AC sweep may be in any
    at, most = (f"{volt:.3g} {unit}".strip() for volt in (fitted.voltage[step], fitted.voltage.max()))
    _draw_fit(tracked, data, fitted, f"pixel {pixel}, {at}: the fit of median R²")
    _draw_maps(tracked, data, fitted, int(np.argmax(fitted.voltage)), f"resonances at {most}; grey: bad fits")


def illustrate_line(tracked: Run, data: OpenedSpectra, fitted: Resonances) -> None:
    """Draw the resonance fits of a line or image, and log them as the table ``resonances``, a row for each pixel."""
    scene = data.scene
    assert scene is not None
    unit = unit_of(data.as_read.channels[0])
    tracked.log_parquet(resonance_table(fitted, scene.shape, unit), "resonances")
    _draw_fit(tracked, data, fitted, f"pixel {fitted.example[0]}: the fit of median R²", unit)
    title = "resonances; grey: bad fits"
    if scene.shape[0] > 1:
        _draw_maps(tracked, data, fitted, 0, title, unit)
        return
    title = "resonances; gaps: bad fits"
    profiles = [np.where(fitted.bad, np.nan, array)[scene.rows, 0] for array in _quantities(fitted)]
    label = f"amplitude ({unit})"
    figure, _ = plot_sho_profiles(*profiles, title=marked(title, data), amplitude_label=label, side=scene.side)
    tracked.log_figure(figure, "sho_profiles")


def resonance_table(fitted: Resonances, shape: tuple[int, int], unit: str) -> pd.DataFrame:
    """Return the only resonance of each pixel of a map of ``shape`` (rows, columns).

    Columns are the place in the map, the amplitude in ``unit``, the phase, frequency and quality factor, the
    piezoresponse A·cos(φ + θ) at the scan's rotation θ, R², and whether the fit is bad.
    """
    row, column = np.divmod(np.arange(len(fitted.r2)), shape[1])
    amplitude, phase, frequency, quality = (array[:, 0] for array in _quantities(fitted))
    return pd.DataFrame(
        {
            "row": row,
            "column": column,
            f"amplitude ({unit})": amplitude,
            "phase (rad)": phase,
            "resonance frequency (kHz)": frequency,
            "quality factor": quality,
            f"piezoresponse ({unit})": piezoresponse(amplitude, phase, fitted.rotation),
            "r2": fitted.r2[:, 0],
            "bad": fitted.bad[:, 0],
        }
    )


def _quantities(fitted: Resonances) -> list[NDArray[np.float64]]:
    return [fitted.amplitude, fitted.phase, fitted.frequency, fitted.quality_factor]


def _draw_fit(tracked: Run, data: OpenedSpectra, fitted: Resonances, title: str, unit: str = "arb. units") -> None:
    pixel, step = fitted.example
    values = [fitted.amplitude, fitted.frequency, fitted.quality_factor, fitted.phase]
    parameters = torch.tensor([[array[pixel, step] for array in values]], dtype=torch.float64)
    response = sho_response(parameters, torch.as_tensor(fitted.bins, dtype=torch.float64))[0].numpy()
    figure, _ = plot_band_excitation_fit(
        fitted.bins,
        fitted.spectrum,
        response,
        title=marked(title, data),
        note=f"R² {fitted.r2[pixel, step]:.3f}",
        amplitude_label=f"amplitude ({unit})",
    )
    tracked.log_figure(figure, "band_excitation_fit")


def _draw_maps(
    tracked: Run, data: OpenedSpectra, fitted: Resonances, step: int, title: str, unit: str = "arb. units"
) -> None:
    scene = data.scene
    assert scene is not None
    maps = [np.where(fitted.bad, np.nan, array)[scene.rows, step].reshape(scene.shape) for array in _quantities(fitted)]
    label = f"amplitude ({unit})"
    figure, _ = plot_sho_maps(*maps, title=marked(title, data), amplitude_label=label, side=scene.side)
    tracked.log_figure(figure, "sho_maps")
