"""The resonances that were fitted to the band-excitation spectra of a scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Resonances:
    """Fitted resonances of every pixel, shape (pixels, steps); of several loops, the steps follow each other."""

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
    """Bias, V, shape (steps,); of a scan without a bias, the amplitude of the drive."""
    field: str
    """Whether the field was ``off`` or ``on`` while the response was measured, or ``both``."""
    spectrum: NDArray[np.complex128]
    """One measured spectrum as an example, shape (bins,): that with the median R² of its fit.

    In the sense of phase that was fitted.
    """
    bins: Values
    """Frequency of each bin, kHz, shape (bins,)."""
    example: tuple[int, int]
    """Pixel and step of the example spectrum."""
    conjugated: bool = False
    """Whether complex conjugates were fitted, because the instrument has the opposite phase sense."""
    loops: int = 1
    """Number of loops whose steps follow each other."""
    axis_label: str = "DC bias (V)"
    """Name and unit of ``voltage``."""

    @property
    def is_line(self) -> bool:
        """Whether each pixel has one resonance, as in a line or an image, and not one for each step of a loop."""
        return len(self.voltage) == 1
