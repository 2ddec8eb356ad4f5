"""Loops of piezoresponse and resonance frequency from fitted resonances, whoever fitted them."""

import numpy as np
from numpy.typing import NDArray

from remanence.science.band_excitation.phase import piezoresponse

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

CHANNELS = ("piezoresponse (arb. units)", "resonance frequency (kHz)")


def loops_of_fits(
    amplitude: Values, phase: Values, frequency: Values, bad: Mask, *, rotation: float, max_bad: float, number: int = 1
) -> Values:
    """Return loops from fitted resonances; bad fits are interpolated along the loop, masked pixels are NaN.

    Args:
        amplitude: fitted amplitudes, one loop after the other, shape (pixels, loops · steps).
        phase: fitted phases, rad, likewise.
        frequency: resonance frequencies, kHz, likewise.
        bad: which fits cannot be trusted, likewise.
        rotation: angle θ of P = A·cos(φ + θ), rad.
        max_bad: largest share of bad fits of a pixel that is not masked.
        number: number of loops.

    Returns:
        loops of shape (pixels, steps, channels), with the two channels of the first loop first.
    """
    values = np.stack([piezoresponse(amplitude, phase, rotation), frequency], axis=-1)
    masked = masked_pixels(bad, max_bad)
    values[bad] = np.nan
    for loop in np.split(values, number, axis=1):  # views
        interpolate(loop, ~masked)
    values[masked] = np.nan
    return loops_as_channels(values, number)


def masked_pixels(bad: Mask, max_bad: float) -> Mask:
    """Return which pixels have too many bad fits to be used, shape (pixels,); ``bad`` is (pixels, steps)."""
    masked: Mask = bad.mean(axis=1) > max_bad
    return masked


def channel_names(loops: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the channels, those of the first loop first; of several loops each says which it is."""
    return tuple(", ".join(part for part in (channel, loop) if part) for loop in loops for channel in CHANNELS)


def loops_as_channels(values: Values, number: int) -> Values:
    """Return loops that follow each other, (pixels, loops · steps, channels), as (pixels, steps, loops · channels)."""
    if number == 1:
        return values
    pixels, steps, channels = values.shape
    apart = values.reshape(pixels, number, steps // number, channels)
    return apart.transpose(0, 2, 1, 3).reshape(pixels, steps // number, number * channels)


def interpolate(loops: Values, pixels: Mask) -> None:
    """Fill the gaps in the loops of ``pixels`` in place, by interpolation along the steps of the closed cycle."""
    steps = np.arange(loops.shape[1])
    for pixel in np.flatnonzero(pixels & np.isnan(loops).any(axis=(1, 2))):
        known = np.isfinite(loops[pixel]).all(axis=1)
        for channel in range(loops.shape[2]):
            loops[pixel, ~known, channel] = np.interp(
                steps[~known], steps[known], loops[pixel, known, channel], period=len(steps)
            )
