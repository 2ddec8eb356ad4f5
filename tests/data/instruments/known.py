"""What is known of the scans in this folder: the scripts write it, and the tests compare with it; numpy only.

A map of 4 rows and 5 columns, 0.5 µm apart. Each pixel switches as a play of half-width ``COERCIVE`` does, so that a
cycle of a quarter of the bias does not switch it.
"""

import numpy as np

ROWS, COLS, STEPS, BINS = 4, 5, 16, 24
PITCH = 0.5e-6
"""Distance of neighbouring pixels, m."""
FREQUENCY = 310e3 + 2e3 * np.arange(BINS)
"""Frequency of each bin, Hz."""
_row, _col = np.divmod(np.arange(ROWS * COLS), COLS)
COERCIVE = 5 + 0.25 * _col + 0.5 * _row
"""Coercive bias of each pixel in map order, V."""
SATURATION = (1 + 0.1 * _col - 0.05 * _row) * 1e-3
"""Response of each pixel far from switching, V."""
RESONANCE = 330e3 + 1e3 * _row - 0.5e3 * _col
"""Resonance frequency of each pixel, Hz."""
QUALITY = 40.0 + _col
PHASE = 0.4
"""Phase of the electronics, rad."""
FIELD_SLOPE = 0.02
"""Added in field, in units of the saturation, 1/V."""
SPIRAL = np.random.default_rng(14).permutation(ROWS * COLS)
"""Place in the map of each row of a file whose rows are permuted."""


def bias(maximum=16.0, steps=STEPS):
    """Return one cycle of the bias 0, maximum, -maximum, 0 in V, shape (steps,)."""
    return maximum * 4 * np.abs(((np.arange(steps) / steps - 0.25) % 1) - 0.5) - maximum


def loops(waveform, *, in_field=False, width=3.0):
    """Return the piezoresponse of each pixel in map order along a waveform of the bias, shape (pixels, steps), V."""
    state, out = -COERCIVE, []
    for volt in waveform:
        state = np.clip(state, volt - COERCIVE, volt + COERCIVE)
        out.append(np.tanh(state / width) + in_field * FIELD_SLOPE * volt)
    return SATURATION[:, None] * np.array(out).T


def resonances(piezoresponse):
    """Return the resonance frequency, which rises by half a kHz with the response, shape (pixels, steps), Hz."""
    return RESONANCE[:, None] + 500 * piezoresponse / SATURATION[:, None]


def spectra(piezoresponse, frequency=FREQUENCY, *, noise=1e-4, seed=14):
    """Return band-excitation spectra, shape (pixels, steps, bins), complex64.

    The oscillator is that of BGlib's ``SHOfunc``: A exp(iφ) f0² / (f² − i f f0 / Q − f0²).
    """
    f0, q = resonances(piezoresponse)[..., None], QUALITY[:, None, None]
    response = piezoresponse[..., None] * np.exp(1j * PHASE) * f0**2 / (frequency**2 - 1j * frequency * f0 / q - f0**2)
    rng = np.random.default_rng(seed)
    response = response + noise * (rng.standard_normal(response.shape) + 1j * rng.standard_normal(response.shape))
    return _short(response)


def _short(values):
    """Return complex64 with 12 bits behind the binary point, which packs well."""
    parts = np.ascontiguousarray(values, dtype=np.complex64).view(np.uint32)
    return ((parts + 0x400) & 0xFFFFF800).view(np.complex64)
