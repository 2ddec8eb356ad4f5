"""Which latents a β-VAE still uses, and the stage of the schedule at which the wanted number is left."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]


def kl_per_latent(mean: NDArray[Any], log_variance: NDArray[Any]) -> Values:
    """Return KL(N(mean, exp(log_variance)) || N(0, 1)) of each latent in nats, averaged over the rows.

    Args:
        mean: mean of the posterior, shape (n, latents).
        log_variance: log-variance of the posterior, shape (n, latents).

    Returns:
        divergence in nats, shape (latents,).

    Source: Kingma, Welling, Auto-encoding variational Bayes, 2014, appendix B.

    >>> kl_per_latent(np.array([[0.0, 2.0]]), np.zeros((1, 2))).tolist()
    [0.0, 2.0]
    """
    mu, log_var = np.asarray(mean, dtype=np.float64), np.asarray(log_variance, dtype=np.float64)
    kl: Values = (mu**2 + np.expm1(log_var) - log_var).mean(axis=0) / 2
    return kl


def active(kl: ArrayLike, threshold: float = 0.05) -> NDArray[np.bool_]:
    """Return which latents carry information about the spectrum: those with more than ``threshold`` nats.

    >>> active([3.1, 0.0004, 0.2]).tolist()
    [True, False, True]
    """
    return np.asarray(kl, dtype=np.float64) > threshold


def natural_number(counts: ArrayLike, *, latents: int | None = None) -> int:
    """Return the number of active units that persists over the longest uninterrupted stretch of stages.

    As β grows, latents that hold noise or redundant information are switched off one after the other. A number of
    active units that persists while β keeps growing is the number of factors in the data. Stages with all latents
    active (warm-up) or with none do not count. Of equally long stretches the earlier one, with more units, is taken.

    Args:
        counts: number of active units at the end of each stage, shape (stages,).
        latents: number of latents of the network; None takes the number of active units in the first stage.

    Returns:
        the number of active units; the largest of ``counts`` if no stretch counts.

    Raises:
        ValueError: if there are no stages.

    >>> natural_number([16, 16, 16, 9, 5, 5, 5, 4, 3, 3])
    5
    """
    units = np.asarray(counts, dtype=np.int64)
    if units.ndim != 1 or units.size == 0:
        raise ValueError(f"Expected `counts` of shape (stages,) with at least one stage, but got {units.shape}.")
    stretches = np.split(np.arange(units.size), np.flatnonzero(np.diff(units)) + 1)
    everything = units[0] if latents is None else latents
    lengths = {stretch[0]: len(stretch) for stretch in stretches if units[stretch[0]] not in (0, everything)}
    return int(units[max(lengths, key=lengths.__getitem__)] if lengths else units.max())


def choose_stage(counts: ArrayLike, errors: ArrayLike, wanted: int | None = None) -> int:
    """Return the index of the stage to keep, which has the wanted number of active units and the lowest error.

    If no stage has the wanted number, the nearest larger number is taken, because the weakest units can be masked
    afterwards. If there is no larger number either, the nearest smaller number is taken.

    Args:
        counts: number of active units at the end of each stage, shape (stages,).
        errors: reconstruction error of each stage, shape (stages,); stages whose error is not finite are skipped.
        wanted: wanted number of active units; None takes ``natural_number(counts)``.

    Raises:
        ValueError: if no stage has a finite error.

    >>> choose_stage([16, 8, 5, 5, 2], [0.01, 0.02, 0.04, 0.03, 0.2])
    3
    >>> choose_stage([16, 8, 5, 5, 2], [0.01, 0.02, 0.04, 0.03, 0.2], wanted=3)
    3
    """
    units, error = np.asarray(counts, dtype=np.int64), np.asarray(errors, dtype=np.float64)
    finite = np.isfinite(error)
    if units.shape != error.shape or not finite.any():
        raise ValueError(f"Expected a finite error for at least one of {units.size} stages, but got {error.tolist()}.")
    number = natural_number(units) if wanted is None else wanted
    enough = units[finite & (units >= number)]
    nearest = enough.min() if enough.size else units[finite].max()
    return int(np.where(finite & (units == nearest), error, np.inf).argmin())
