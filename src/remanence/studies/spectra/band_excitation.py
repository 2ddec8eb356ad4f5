"""The figures of a raw scan: bias waveform, one resonance with its fit, and maps of the fitted parameters."""

import numpy as np
import torch

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.resonances import Resonances
from remanence.figures.spectra.band_excitation_fit import plot_band_excitation_fit
from remanence.figures.spectra.bias_waveform import plot_bias_waveform
from remanence.figures.spectra.sho_maps import plot_sho_maps
from remanence.science.band_excitation.sho import sho_response
from remanence.studies.presentation import marked
from remanence.tracking.run import Run


def illustrate_scan(tracked: Run, data: OpenedSpectra, fitted: Resonances) -> None:
    """Draw the bias waveform and the resonance fits that the loops of a raw scan were computed from."""
    scene = data.scene
    assert scene is not None
    field = "both fields" if fitted.field == "both" else f"{fitted.field} field"
    shown = "one cycle" if fitted.loops == 1 else f"{fitted.loops} loops, one after the other"
    title = marked(f"{shown}, {field}", data)
    figure, _ = plot_bias_waveform(fitted.voltage, title=title, label=fitted.axis_label)
    tracked.log_figure(figure, "bias_waveform")
    pixel, step = fitted.example
    values = [fitted.amplitude, fitted.frequency, fitted.quality_factor, fitted.phase]
    parameters = torch.tensor([[array[pixel, step] for array in values]], dtype=torch.float64)
    response = sho_response(parameters, torch.as_tensor(fitted.bins, dtype=torch.float64))[0].numpy()
    figure, _ = plot_band_excitation_fit(
        fitted.bins,
        fitted.spectrum,
        response,
        title=marked(f"pixel {pixel}, {fitted.voltage[step]:.3g} V: the fit of median R²", data),
        note=f"R² {fitted.r2[pixel, step]:.3f}",
    )
    tracked.log_figure(figure, "band_excitation_fit")
    highest = int(np.argmax(fitted.voltage))
    maps = [
        np.where(fitted.bad, np.nan, array)[scene.rows, highest].reshape(scene.shape)
        for array in (fitted.amplitude, fitted.phase, fitted.frequency, fitted.quality_factor)
    ]
    title = marked(f"resonances at {fitted.voltage[highest]:.3g} V; grey: bad fits", data)
    figure, _ = plot_sho_maps(*maps, title=title, side=scene.side)
    tracked.log_figure(figure, "sho_maps")
