"""Whether a map holds structure or noise: spatial autocorrelation, and posteriors compared with the prior."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest, norm

from remanence.science.unmixing.active_units import kl_per_latent

Values = NDArray[np.float64]


@dataclass(frozen=True)
class MoranI:
    """Spatial autocorrelation of a map, and its distribution over random rearrangements of the pixels."""

    i: float
    """Moran's I: 1 if neighbours are equal, near ``expected`` for noise, negative if neighbours alternate."""
    expected: float
    """Expected I of randomly rearranged pixels, -1 / (n - 1)."""
    variance: float
    """Variance of I under randomisation, that is, for the same values at shuffled pixels."""
    p_value: float
    """Two-sided p-value by the normal approximation."""


def morans_i(values: NDArray[Any], *, neighbours: Literal["rook", "queen"] = "rook") -> MoranI:
    """Return Moran's I of a map with equal weights for all pairs of neighbours.

    Args:
        values: map, shape (rows, columns); NaN marks masked pixels, which have no neighbours.
        neighbours: ``rook`` for pixels that share an edge, ``queen`` for pixels that share an edge or a corner.

    Returns:
        NaN in every field if the map is constant, has fewer than four pixels, or has no neighbours.

    Raises:
        ValueError: if ``values`` is not two-dimensional.

    Source: Cliff, Ord, Spatial processes, 1981, equations 1.44 and 2.27 (variance under randomisation).

    >>> stripes = np.tile([0.0, 1.0], (6, 3))
    >>> morans_i(stripes, neighbours="queen").i < 0 < morans_i(np.sort(stripes, axis=1)).i
    True
    """
    grid = np.asarray(values, dtype=np.float64)
    if grid.ndim != 2:
        raise ValueError(f"Expected `values` of shape (rows, columns), but got {grid.shape}.")
    known = np.isfinite(grid)
    n = int(known.sum())
    z = np.where(known, grid - grid[known].mean() if n else 0.0, 0.0)
    shifts = [(0, 1), (1, 0), *([(1, 1), (1, -1)] if neighbours == "queen" else [])]
    degree = np.zeros(grid.shape)
    products = pairs = 0.0
    for shift in shifts:
        here, there = _overlap(shift)
        both = known[here] & known[there]
        degree[here] += both
        degree[there] += both
        products += float((z[here] * z[there])[both].sum())
        pairs += float(both.sum())
    squares = float((z**2).sum())
    if n < 4 or pairs == 0 or np.ptp(grid[known]) == 0:
        return MoranI(np.nan, np.nan, np.nan, np.nan)

    # s0, s1 and s2 are sums over the symmetric weight matrix of zeros and ones
    s0, s1, s2 = 2 * pairs, 4 * pairs, 4 * float((degree**2).sum())
    kurtosis = n * float((z**4).sum()) / squares**2
    i = n * 2 * products / (s0 * squares)
    expected = -1 / (n - 1)
    normal_part = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    kurtosis_part = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (normal_part - kurtosis_part) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    score = abs(i - expected) / np.sqrt(variance) if variance > 0 else np.nan
    return MoranI(i, expected, variance, float(2 * norm.sf(score)))


@dataclass(frozen=True)
class PosteriorAgainstNormal:
    """How far the posterior of each latent is from the prior N(0, 1); every field has the shape (latents,).

    Distances are Kolmogorov and Smirnov's, from 0 to 1. They have no p-values, because neighbouring pixels are not
    independent, and with thousands of pixels every difference is significant.
    """

    kl: Values
    """KL divergence from the prior in nats, averaged over the pixels; 0 for a latent that is switched off."""
    spread_of_means: Values
    """Standard deviation over the pixels of the posterior means; near 0 for a latent that is switched off."""
    posterior_deviation: Values
    """Standard deviation of the posterior, averaged over the pixels; near 1 for a latent that is switched off."""
    means_distance: Values
    """Distance of the posterior means to N(0, 1).

    It is small for an active latent that fills the prior, and .5 for a latent that is switched off.
    """
    shape_distance: Values
    """Distance of the z-scored posterior means to N(0, 1).

    It tells whether the map of the means is Gaussian noise of any amplitude. NaN where the means are constant.
    """
    sample_distance: Values
    """Distance to N(0, 1) of the mixture of the posteriors of all pixels, from which the decoder's samples come."""


def posterior_against_normal(mean: NDArray[Any], log_variance: NDArray[Any]) -> PosteriorAgainstNormal:
    """Compare the posteriors of all pixels with the prior, for each latent.

    Args:
        mean: mean of the posterior, shape (n, latents).
        log_variance: log-variance of the posterior, shape (n, latents).
    """
    mu, log_var = np.asarray(mean, dtype=np.float64), np.asarray(log_variance, dtype=np.float64)
    deviation, spread = np.exp(log_var / 2), mu.std(axis=0)
    scored = np.divide(mu - mu.mean(axis=0), spread, out=np.full_like(mu, np.nan), where=np.ptp(mu, axis=0) > 0)
    return PosteriorAgainstNormal(
        kl=kl_per_latent(mu, log_var),
        spread_of_means=spread,
        posterior_deviation=deviation.mean(axis=0),
        means_distance=_distance_to_normal(mu),
        shape_distance=_distance_to_normal(scored),
        sample_distance=_mixture_distance(mu, deviation),
    )


def _distance_to_normal(columns: Values) -> Values:
    return np.array([kstest(column, "norm").statistic if np.isfinite(column).all() else np.nan for column in columns.T])


def _mixture_distance(mean: Values, deviation: Values) -> Values:
    """Return the distance (latents,) to N(0, 1) of the mixture of the pixels' normal distributions.

    It is computed from the exact distribution function of the mixture.
    """
    distance = np.zeros(mean.shape[1])
    for z in np.linspace(-5, 5, 201):
        mixture = norm.cdf((z - mean) / deviation).mean(axis=0)  # (latents,)
        distance = np.maximum(distance, np.abs(mixture - norm.cdf(z)))
    return distance


def _overlap(shift: tuple[int, int]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the slices of the pixels that have a neighbour at ``shift``, and of these neighbours."""
    here = tuple(slice(max(-step, 0), -step if step > 0 else None) for step in shift)
    there = tuple(slice(max(step, 0), step if step < 0 else None) for step in shift)
    return here, there  # type: ignore[return-value]
