"""Whether a map holds structure or noise: spatial autocorrelation, and the posterior of inactive channels."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest, norm

from remanence.science.unmixing.active_units import kl_per_latent

Values = NDArray[np.float64]


@dataclass(frozen=True)
class MoranI:
    """Spatial autocorrelation of a map, and what a random rearrangement of its pixels would give."""

    i: float
    """1 where neighbours are alike, near ``expected`` for noise, negative where they alternate."""
    expected: float
    """-1 / (n - 1)."""
    variance: float
    """Under randomisation, that is, of the same values at shuffled pixels."""
    p_value: float
    """Two-sided, by the normal approximation."""


def morans_i(values: NDArray[Any], *, neighbours: Literal["rook", "queen"] = "rook") -> MoranI:
    """Return Moran's I of a map with equal weights for all pairs of neighbours.

    Args:
        values: shape (rows, columns); NaN marks masked pixels, which have no neighbours.
        neighbours: ``rook`` shares an edge, ``queen`` an edge or a corner.

    Returns:
        NaN in every field for a constant map, or one with fewer than four pixels or without neighbours.

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

    # sums over the symmetric weight matrix of zeros and ones
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

    Distances are Kolmogorov and Smirnov's, 0 to 1. They come without p-values: neighbouring pixels are not
    independent, and for thousands of them every departure is significant.
    """

    kl: Values
    """Nats, averaged over the pixels; 0 for a channel that is switched off."""
    spread_of_means: Values
    """Standard deviation over the pixels of the posterior means; near 0 for a channel that is switched off."""
    posterior_deviation: Values
    """Standard deviation of the posterior itself, averaged over the pixels; near 1 for one that is switched off."""
    means_distance: Values
    """Of the means to N(0, 1): small for an active channel that fills the prior, .5 for one that is switched off."""
    shape_distance: Values
    """Of the z-scored means to N(0, 1): whether the map of the means is Gaussian noise, whatever its amplitude. NaN
    where the means are constant."""
    sample_distance: Values
    """Of samples of all pixels' posteriors together to N(0, 1): the decoder's view."""


def posterior_against_normal(mean: NDArray[Any], log_variance: NDArray[Any]) -> PosteriorAgainstNormal:
    """Compare the posteriors of all pixels with the prior, latent by latent.

    Args:
        mean: of the posterior, shape (n, latents).
        log_variance: of the posterior, shape (n, latents).
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
    """Return the distance of the mixture of the pixels' normal distributions, from its exact distribution function."""
    distance = np.zeros(mean.shape[1])
    for z in np.linspace(-5, 5, 201):
        mixture = norm.cdf((z - mean) / deviation).mean(axis=0)  # (latents,)
        distance = np.maximum(distance, np.abs(mixture - norm.cdf(z)))
    return distance


def _overlap(shift: tuple[int, int]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the pixels that have a neighbour at ``shift``, and those neighbours."""
    here = tuple(slice(max(-step, 0), -step if step > 0 else None) for step in shift)
    there = tuple(slice(max(step, 0), step if step < 0 else None) for step in shift)
    return here, there  # type: ignore[return-value]
