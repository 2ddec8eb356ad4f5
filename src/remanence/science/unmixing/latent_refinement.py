"""Refining the latents of an encoder towards those that reconstruct a spectrum best."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
STEP = 1e-2
"""Step of the finite differences, in standard deviations of the prior."""
TOGETHER = 256
"""Latents that are decoded at a time: a decoder takes about as long for one as for a few dozen."""


def refine_latents(
    decode: Callable[[Values], NDArray[Any]],
    latents: NDArray[Any],
    spectra: NDArray[Any],
    *,
    active: NDArray[np.bool_],
    steps: int = 3,
    prior: float = 1e-4,
) -> Values:
    """Return latents after Gauss-Newton steps towards the least squared error of each spectrum.

    An encoder predicts the latents of spectra outside its training less well. The projection of PCA, with which it is
    compared, is the best one by construction. A step that does not lower the error of a spectrum is rejected.

    Args:
        decode: function from latents (n, latents) to spectra (n, steps, channels).
        latents: latents to begin with, shape (n, latents).
        spectra: spectra to reconstruct, shape (n, steps, channels), in the units of ``decode``.
        active: whether each latent may move, shape (latents,).
        steps: number of steps; each costs one decoding for each active latent and one more.
        prior: weight of the prior N(0, 1), which regularises directions that the spectrum does not determine.

    Returns:
        refined latents, shape (n, latents).

    Source: semi-amortised inference, Kim et al., ICML 2018; damped as by Levenberg and Marquardt.

    >>> decode = lambda z: (z @ np.array([[1.0, 2.0, 0.0]]))[:, :, None]
    >>> spectrum = np.array([[[3.0], [6.0], [0.0]]])
    >>> refine_latents(decode, np.zeros((1, 1)), spectrum, active=np.array([True])).round(2).tolist()
    [[3.0]]
    """
    z, wanted = np.array(latents, dtype=np.float64), _flat(spectra)
    moving = np.flatnonzero(active)
    if not len(z) or not len(moving):
        return z
    made = _flat(decode(z))
    error = ((made - wanted) ** 2).mean(axis=1)
    damping = np.full(len(z), 1e-3)
    for _ in range(steps):
        jacobian = np.stack([(each - made) / STEP for each in _moved(decode, z, moving)], axis=2)  # (n, values, moving)
        curvature = np.einsum("nvi,nvj->nij", jacobian, jacobian)
        descent = np.einsum("nvi,nv->ni", jacobian, wanted - made)
        ridge = damping[:, None] * np.einsum("nii->ni", curvature) + prior
        curvature += ridge[:, :, None] * np.eye(len(moving))
        tried = z.copy()
        tried[:, moving] += np.linalg.solve(curvature, descent[:, :, None])[:, :, 0]
        remade = _flat(decode(tried))
        tried_error = ((remade - wanted) ** 2).mean(axis=1)
        better = tried_error < error
        z[better], made[better], error[better] = tried[better], remade[better], tried_error[better]
        damping = np.where(better, damping / 3, damping * 10)
    return z


def _moved(decode: Callable[[Values], NDArray[Any]], z: Values, moving: NDArray[np.intp]) -> list[Values]:
    """Return the decoded spectra (n, values) after a small step of each latent that moves."""
    at_a_time = max(1, TOGETHER // len(z))
    made: list[Values] = []
    for first in range(0, len(moving), at_a_time):
        some = moving[first : first + at_a_time]
        moved = np.concatenate([z + STEP * (np.arange(z.shape[1]) == latent) for latent in some])
        made += np.split(_flat(decode(moved)), len(some))
    return made


def _flat(spectra: NDArray[Any]) -> Values:
    return np.asarray(spectra, dtype=np.float64).reshape(len(spectra), math.prod(np.shape(spectra)[1:]))
