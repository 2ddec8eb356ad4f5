"""Novelty of a spectrum: how far it is from what a model can make, ranked among spectra that the model never saw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]

MOST = 10_000
"""Held-out spectra that are kept: with as many, the rank of a spectrum is known to .0001."""


def spectral_distance(made: Values, measured: Values) -> NDArray[np.float64]:
    """Return the root mean square difference of spectra, both (n, steps, channels), over steps and channels, (n,)."""
    difference = np.asarray(made, dtype=np.float64) - measured
    distance: NDArray[np.float64] = np.sqrt((difference**2).mean(axis=tuple(range(1, difference.ndim))))
    return distance


def calibrate(distances: Values) -> NDArray[np.float64]:
    """Return the distances (n,) of held-out spectra as ``novelty`` takes them: finite, sorted, at most ``MOST``."""
    known = np.asarray(distances, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known) > MOST:  # a random part keeps the rank exact, a regular one would not
        known = np.random.default_rng(0).choice(known, MOST, replace=False)
    return np.sort(known)


def novelty(distances: Values, calibration: Values) -> NDArray[np.float64]:
    """Return the novelty of spectra, from 0 (well known) to n / (n + 1) (farther than all n held-out spectra).

    It is one minus the conformal p-value: of spectra like the held-out ones, at most the share α has a novelty of 1 - α
    or more, whatever the model and the distribution of the distances are.

    Args:
        distances: distance of each spectrum from what the model makes of it, shape (m,).
        calibration: those of held-out spectra, sorted, shape (n,).

    Returns:
        novelty (m,); NaN where the distance is, or everywhere if nothing was held out.

    Source: Bates, Candès, Lei, Romano, Sesia, Testing for outliers with conformal p-values, 2023.

    >>> novelty(np.array([0.5, 2.5, 9.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [0.0, 0.5, 0.75]
    """
    if not len(calibration):
        return np.full(len(distances), np.nan)
    nearer = np.searchsorted(calibration, distances, side="left")
    return np.where(np.isfinite(distances), nearer / (len(calibration) + 1), np.nan)
