"""The intrinsic dimension of spectra: how many numbers tell neighbouring ones apart."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

TOGETHER = 100
"""Spectra among which neighbours are looked for.

Nearest among thousands, measured spectra differ by details and by noise that is not white; among a hundred they differ
by what varies most from spectrum to spectrum.
"""
GROUPS = 100
"""Most groups of spectra that are looked at: their mean is then known to a few hundredths."""
BASIS = 2000
"""Most spectra from which the components above the noise are found."""
TRUSTED = 0.9
"""Share of the ratios that is fitted; the longest ones come from spectra at the edge of what was measured."""


@dataclass(frozen=True)
class IntrinsicDimension:
    """An estimate of the number of dimensions, and its standard error over groups of spectra (nan of one group)."""

    value: float
    error: float

    def number(self, latents: int) -> int | None:
        """Return the nearest number of latents, at least 1 and at most ``latents``; None if there is no estimate."""
        return min(max(1, round(self.value)), latents) if math.isfinite(self.value) else None


def intrinsic_dimension(spectra: NDArray[Any], *, together: int = TOGETHER, seed: int = 0) -> IntrinsicDimension:
    """Estimate the intrinsic dimension of spectra from the distances to their two nearest neighbours.

    Where n spectra lie evenly on a surface of d dimensions, the ratio r of the second distance to the first follows
    P(r > t) = t⁻ᵈ, whatever the density. Its tail is censored. First, principal components that white noise would give
    as well are left out, because such noise has as many dimensions as steps; it is told from the smaller half of the
    components, so that spectra need more than twice as many steps as dimensions. The spectra are divided into random
    groups, and neighbours are looked for within each: the size of the groups sets the scale at which dimensions are
    counted. Of five dimensions and more, a hundred spectra show too few: 4.6 of five, about 8 of ten.

    Args:
        spectra: spectra, shape (n, …).
        together: number of spectra in a group.
        seed: seed of the division into groups.

    Returns:
        the estimate over all groups; nan if fewer than three spectra differ.

    Source: Facco, d'Errico, Rodriguez, Laio, Estimating the intrinsic dimension of datasets by a minimal neighborhood
    information, Sci. Rep. 7, 12140 (2017), with its decimation; Gavish, Donoho, The optimal hard threshold for singular
    values is 4/√3, IEEE Trans. Inf. Theory 60, 5040 (2014). Maximum likelihood of the censored ratios is ours.

    >>> rng = np.random.default_rng(0)
    >>> plane = rng.normal(size=(1000, 2)) @ rng.normal(size=(2, 20))
    >>> intrinsic_dimension(plane).number(latents=16)
    2
    """
    values = np.asarray(spectra, dtype=np.float64).reshape(len(spectra), math.prod(np.shape(spectra)[1:]))
    values = values[np.random.default_rng(seed).permutation(len(values))]
    values = _above_noise(values) if values.size else values
    groups = max(1, len(values) // together)
    ratios = [_ratios(values[first::groups]) for first in range(min(groups, GROUPS))]
    each = np.array([_dimension(some) for some in ratios])
    each = each[np.isfinite(each)]
    error = float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else math.nan
    return IntrinsicDimension(_dimension(np.concatenate(ratios)), error)


def _above_noise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scores (n, k) on the principal components whose singular values are above those of white noise.

    If none is, all are taken: the spectra vary in every direction alike, and what is noise cannot be told.
    """
    centred = values - values.mean(axis=0)
    some = centred[:BASIS]
    sizes, components = np.linalg.svd(some, full_matrices=False)[1:]
    ratio = min(some.shape) / max(some.shape)
    threshold = (0.56 * ratio**3 - 0.95 * ratio**2 + 1.82 * ratio + 1.43) * np.median(sizes)  # their equation 5
    above = int((sizes > threshold).sum()) or len(sizes)
    scores: NDArray[np.float64] = centred @ components[:above].T
    return scores


def _ratios(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log(second / first distance) of each row that has two neighbours; equal rows are counted once."""
    different = np.unique(values, axis=0)
    if len(different) < 3:
        return np.empty(0)
    distances = cdist(different, different)
    np.fill_diagonal(distances, np.inf)
    nearest = np.partition(distances, 1, axis=1)[:, :2]
    kept = nearest[:, 0] > 0  # rows that differ by less than the distances resolve
    ratios: NDArray[np.float64] = np.log(nearest[kept, 1] / nearest[kept, 0])
    return ratios


def _dimension(log_ratios: NDArray[np.float64]) -> float:
    """Return the maximum-likelihood rate of exponentially distributed values, of which the largest are censored."""
    count = math.ceil(TRUSTED * len(log_ratios))
    if not count:
        return math.nan
    fitted = np.sort(log_ratios)[:count]
    total = float(fitted.sum() + (len(log_ratios) - count) * fitted[-1])
    return count / total if total > 0 else math.nan
