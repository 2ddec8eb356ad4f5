"""Resonances fitted to the band-excitation spectra of a scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Resonances:
    """Fitted resonances of one loop of every pixel; every array has the shape (pixels, steps)."""

    amplitude: Values
    """Unit of the spectra."""
    phase: Values
    """rad."""
    frequency: Values
    """kHz."""
    quality_factor: Values
    r2: Values
    bad: NDArray[np.bool_]
    """Fits that cannot be trusted."""
    rotation: float
    """θ of P = A·cos(φ + θ), rad, one for the scan."""
    voltage: Values
    """V, shape (steps,)."""
    field: str
    """``off`` or ``on`` while the response was measured."""
    spectrum: NDArray[np.complex128]
    """One measured spectrum as an example, shape (bins,): the fit of median R²."""
    bins: Values
    """kHz, shape (bins,)."""
    example: tuple[int, int]
    """Its pixel and step."""
