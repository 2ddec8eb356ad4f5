"""The resonances that were fitted to the band-excitation spectra of a scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Resonances:
    """Fitted resonances of one loop of every pixel; every array has the shape (pixels, steps)."""

    amplitude: Values
    """Fitted amplitude, in the unit of the spectra."""
    phase: Values
    """Phase, rad."""
    frequency: Values
    """Resonance frequency, kHz."""
    quality_factor: Values
    r2: Values
    bad: NDArray[np.bool_]
    """Which fits cannot be trusted."""
    rotation: float
    """Angle θ of P = A·cos(φ + θ), rad; the whole scan has one."""
    voltage: Values
    """Bias, V, shape (steps,)."""
    field: str
    """Whether the field was ``off`` or ``on`` while the response was measured."""
    spectrum: NDArray[np.complex128]
    """One measured spectrum as an example, shape (bins,): that with the median R² of its fit."""
    bins: Values
    """Frequency of each bin, kHz, shape (bins,)."""
    example: tuple[int, int]
    """Pixel and step of the example spectrum."""
