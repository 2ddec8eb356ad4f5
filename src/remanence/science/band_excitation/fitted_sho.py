"""Parameters of harmonic oscillators fitted to spectra, and the band of frequencies that they were fitted in."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALLEST_STEP = 1e-3
"""Step in w₀/γ and ln γ at which a fit has converged.

Each step is many times smaller than the step before, so the remaining error is far below the noise.
"""

NARROWEST = 1e-4
"""Least γ, in half bands; a line much narrower than one bin cannot be told from a spike."""


@dataclass(frozen=True)
class ShoFit:
    """Parameters of `sho_response` for each spectrum; every field has the shape (spectra,)."""

    amplitude: NDArray[np.float64]
    """Amplitude A in the unit of the spectra; the response at resonance is A Q."""
    resonance_frequency: NDArray[np.float64]
    """Resonance frequency f₀ in the unit of the frequencies."""
    quality_factor: NDArray[np.float64]
    phase: NDArray[np.float64]
    """Phase in radians, from -π to π."""
    r2: NDArray[np.float64]
    """Share of the variance of the complex spectrum that the fit explains; NaN without variance."""
    converged: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    """Whether a fit is not usable.

    The spectrum is not finite or has no variance, the fit did not converge or has a low `r2`, or the resonance is
    outside the band or wider than the band.
    """


@dataclass(frozen=True)
class Band:
    """The frequencies of the bins in the numbers that the fit computes with.

    With w = (f² - f_c²) / (2 f_c h), for a band of centre f_c and half width h, `sho_response` is c b with
    b = 1 / (w - w₀ - iγg), g = f / f_c and γ = f₀ / (2Qh). All these numbers are of order one, so single precision is
    enough.
    """

    centre: float
    half_width: float
    w: NDArray[np.float64]
    g: NDArray[np.float64]

    @classmethod
    def of(cls, frequency: ArrayLike) -> Self:
        """Return the band of the bins at ``frequency`` (bins,).

        Raises:
            ValueError: if they are not at least four positive values that span a band.
        """
        axis: NDArray[Any] = np.asarray(frequency, dtype=np.float64)
        if axis.ndim != 1 or axis.size < 4 or not (axis > 0).all() or axis.min() == axis.max():
            raise ValueError("Expected `frequency` to be at least four positive values that span a band.")
        centre, half_width = float(axis.max() + axis.min()) / 2, float(np.ptp(axis)) / 2
        return cls(centre, half_width, (axis - centre) * (axis + centre) / (2 * centre * half_width), axis / centre)
