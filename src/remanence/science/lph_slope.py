"""Local polar heterogeneity (LPH): the slope of the permittivity against the logarithm of frequency."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class LPHFit:
    """Least-squares lines through spectra of the relative permittivity; every field has the shape (spectra,)."""

    lph_slope: NDArray[np.float64]
    """-d(eps_r)/d(ln f), per ln Hz; positive for a relaxor, whose permittivity falls with frequency."""
    standard_error: NDArray[np.float64]
    """Standard error of ``lph_slope``, per ln Hz."""
    intercept: NDArray[np.float64]
    """Fitted eps_r at ``reference_frequency``."""
    r2: NDArray[np.float64]
    """Share of the variance of eps_r that the line explains."""
    reference_frequency: float
    """Lowest measured frequency in Hz."""


def fit_lph_slope(frequency: ArrayLike, permittivity: ArrayLike) -> LPHFit:
    """Fit ``eps_r = intercept - lph_slope * ln(f / f_0)`` to each spectrum.

    Args:
        frequency: frequency in Hz, positive, shape (points,), at least three distinct values.
        permittivity: relative permittivity, shape (points,) or (spectra, points).

    Raises:
        ValueError: if the shapes do not fit together or a frequency is not positive.

    Source: the piezoceramics paper, Fig. 1(a, b).

    >>> frequency = np.geomspace(1e3, 1e6, 7)
    >>> fit = fit_lph_slope(frequency, 1500 - 40 * np.log(frequency / 1e3))
    >>> round(float(fit.lph_slope[0]), 6), round(float(fit.intercept[0]), 6)
    (40.0, 1500.0)
    """
    f = np.asarray(frequency, dtype=np.float64)
    spectra = np.atleast_2d(np.asarray(permittivity, dtype=np.float64))  # (spectra, points)
    if f.ndim != 1 or spectra.shape[1] != f.size:
        raise ValueError(f"Expected `permittivity` with {f.size} points per spectrum, but got shape {spectra.shape}.")
    if f.size < 3 or np.unique(f).size < 3 or not (f > 0).all():
        raise ValueError("Expected `frequency` to hold at least three distinct positive values.")

    log_f = np.log(f / f.min())
    centred = log_f - log_f.mean()
    spread = float(centred @ centred)
    gradient = (spectra @ centred) / spread  # (spectra,)
    intercept = spectra.mean(axis=1) - gradient * log_f.mean()
    residual = spectra - intercept[:, None] - gradient[:, None] * log_f
    residual_sum = (residual**2).sum(axis=1)
    total_sum = ((spectra - spectra.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    return LPHFit(
        lph_slope=-gradient,
        standard_error=np.sqrt(residual_sum / (f.size - 2) / spread),
        intercept=intercept,
        r2=np.divide(total_sum - residual_sum, total_sum, out=np.ones_like(total_sum), where=total_sum > 0),
        reference_frequency=float(f.min()),
    )
