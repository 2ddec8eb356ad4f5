"""How well an embedding holds known factors, and whether each channel of the embedding holds one factor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information
from sklearn.neighbors import KNeighborsRegressor

from remanence.science.unmixing.error_statistics import NEIGHBOURS, explained_by

Values = NDArray[np.float64]
MOST_ROWS = 3000
BINS = 20
ROTATIONS = 8
"""Number of random rotations behind the yardstick; of three factors, its standard error is about .05."""


@dataclass(frozen=True)
class Agreement:
    """Scores by name, and the matrices (channels, factors) from which they are computed."""

    scores: dict[str, float]
    """Score by name: ``knn_r2/<factor>``, ``linear_r2/<factor>``, ``correlation/<factor>`` (largest over the channels),
    ``mig/<factor>``, and over all factors ``mig``, ``disentanglement``, ``completeness`` and ``informativeness``.
    1 is perfect."""
    correlation: Values
    """Pearson's correlation; 0 for a constant channel."""
    mutual_information: Values
    """Mutual information as a share of the entropy of the factor."""
    importance: Values
    """Importance of each channel in a random forest that predicts the factor; columns sum to 1."""


def agreement(
    embedding: NDArray[Any],
    factors: NDArray[Any],
    *,
    names: Sequence[str],
    learn_from: tuple[NDArray[Any], NDArray[Any]] | None = None,
    seed: int = 0,
) -> Agreement:
    """Compare an embedding with the factors that generated the spectra.

    - R² by the five nearest neighbours and by linear regression measures how much of a factor the embedding holds. By
      default, both are cross-validated, with distances in the unscaled embedding, where an inactive latent hardly
        counts. With ``learn_from``, both learn from those pixels and are scored on the rows of ``embedding``. Distances
        are then in standard deviations of the channels, and R² is not limited by how sparsely rows fill the embedding.
    - MIG (mutual information gap) is, for each factor, the difference in mutual information between the two channels
      that share most information with the factor, as shares of the entropy of the factor, see ``mutual_information``.
    - DCI (disentanglement, completeness, informativeness) uses the importances of the channels for each factor. A
      channel is disentangled if it matters for one factor only. A factor is complete if one channel suffices for it.
      Informativeness is the out-of-bag R².

    Args:
        embedding: embedding of the spectra, active channels only, shape (n, channels); at most 3000 rows are drawn.
        factors: factors that generated the spectra, shape (n, factors).
        names: names of the factors, for the keys of the scores.
        learn_from: embedding (m, channels) and factors (m, factors) of other pixels, such as the training pixels.
        seed: seed of drawn rows, folds and trees.

    Raises:
        ValueError: if shapes and names do not fit together, a factor is constant, or ``learn_from`` has other columns.

    Source: Chen, Li, Grosse, Duvenaud, Isolating sources of disentanglement in VAEs, 2018, equation 6 (MIG);
    Eastwood, Williams, A framework for the quantitative evaluation of disentangled representations, 2018 (DCI, here
    with R² instead of a normalised error).
    """
    z, known = np.asarray(embedding, dtype=np.float64), np.asarray(factors, dtype=np.float64)
    if z.ndim != 2 or known.shape != (len(z), len(names)):
        raise ValueError(f"Expected `factors` of shape ({len(z)}, {len(names)}), but got {known.shape}.")
    constant = [name for name, column in zip(names, known.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise ValueError(f"Expected every factor to vary, but {constant[0]} is constant.")
    rows = np.random.default_rng(seed).permutation(len(z))[:MOST_ROWS]
    z, known = z[rows], known[rows]

    held = _cross_validated(z, known, seed) if learn_from is None else _learnt(z, known, learn_from)
    correlation = _correlation(z, known)
    information = mutual_information(z, known)
    gaps = _gaps(information)
    importance, informativeness = _importance(z, known, seed)
    scores: dict[str, float] = {}
    for index, name in enumerate(names):
        scores[f"knn_r2/{name}"], scores[f"linear_r2/{name}"] = held[:, index].tolist()
        scores[f"correlation/{name}"] = float(np.abs(correlation[:, index]).max())
        scores[f"mig/{name}"] = float(gaps[index])
    scores["mig"] = float(gaps.mean())
    scores["disentanglement"] = _disentanglement(importance)
    scores["completeness"] = float(concentration(importance).mean())
    scores["informativeness"] = informativeness
    return Agreement(scores, correlation, information, importance)


def mutual_information(embedding: Values, factors: Values) -> Values:
    """Return the mutual information (channels, factors) of channels and factors as a share of the factor's entropy.

    Channels and factors are divided into 20 bins of equal counts. What they share on average after all permutations of
    the rows is subtracted, from the entropy as well: independent columns have 0 and equal ones 1, whatever the number
    of rows. Without it, independent columns of 300 rows would share 21 %, and of 1000 rows 6 %.

    Source: Vinh, Epps, Bailey, Information theoretic measures for clusterings comparison, 2010, equation 24 (the
    expectation).
    """
    z_bins, factor_bins = _binned(embedding), _binned(factors)
    return np.array([[_share(channel, factor) for factor in factor_bins.T] for channel in z_bins.T])


def rotated_factors(factors: NDArray[Any], *, seed: int = 0) -> dict[str, float]:
    """Return ``mig`` and ``disentanglement`` of the factors themselves, turned at random: the mean of eight rotations.

    It is what a perfect embedding scores whose axes mean nothing, and hence what disentanglement is to be compared
    with: 0 is not reached by any such embedding of few factors.

    Args:
        factors: factors that generated the spectra, shape (n, factors); at most 3000 rows are drawn.
        seed: seed of drawn rows, rotations and trees.
    """
    known = np.asarray(factors, dtype=np.float64)
    rng = np.random.default_rng(seed)
    known = known[rng.permutation(len(known))[:MOST_ROWS]]
    deviation = known.std(axis=0)
    normal = (known - known.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    found = []
    for _ in range(ROTATIONS):
        turned = normal @ np.linalg.qr(rng.normal(size=(known.shape[1],) * 2))[0]
        importance, _ = _importance(turned, known, seed)
        found.append((_gaps(mutual_information(turned, known)).mean(), _disentanglement(importance)))
    mig, disentanglement = np.mean(found, axis=0)
    return {"mig": float(mig), "disentanglement": float(disentanglement)}


def concentration(weights: Values) -> Values:
    """Return the concentration of each column of non-negative weights: 1 for one non-zero entry, 0 for equal entries.

    The concentration is 1 minus the entropy in units of its maximum. A column of zeros gives 0.

    >>> concentration(np.array([[1.0, 1.0], [0.0, 1.0]])).tolist()
    [1.0, 0.0]
    """
    if len(weights) == 1:
        return np.ones(weights.shape[1])
    total = weights.sum(axis=0)
    share = np.divide(weights, total, out=np.full_like(weights, 1 / len(weights)), where=total > 0)
    entropy = -(share * np.log(share, out=np.zeros_like(share), where=share > 0)).sum(axis=0)
    concentrated: Values = 1 - entropy / np.log(len(weights))
    return concentrated


def _cross_validated(z: Values, factors: Values, seed: int) -> Values:
    """Return the cross-validated R² of each factor by nearest neighbours and linear regression, shape (2, factors)."""
    return np.array(
        [[explained_by(factor, z, method=method, seed=seed) for factor in factors.T] for method in ("knn", "linear")]
    )


def _learnt(z: Values, factors: Values, learn_from: tuple[NDArray[Any], NDArray[Any]]) -> Values:
    """Return R² (2, factors) of nearest neighbours and linear regression that learn from other pixels."""
    others, causes = (np.asarray(values, dtype=np.float64) for values in learn_from)
    if others.shape != (len(others), z.shape[1]) or causes.shape != (len(others), factors.shape[1]):
        raise ValueError(
            f"Expected `learn_from` of shapes (m, {z.shape[1]}) and (m, {factors.shape[1]}), "
            f"but got {others.shape} and {causes.shape}."
        )
    deviation = others.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1)
    regressors = KNeighborsRegressor(NEIGHBOURS), LinearRegression()
    predicted = [regressor.fit(others / scale, causes).predict(z / scale) for regressor in regressors]
    return np.array([r2_score(factors, each, multioutput="raw_values") for each in predicted])


def _correlation(z: Values, factors: Values) -> Values:
    scores = []
    for columns in (z, factors):
        centred, deviation = columns - columns.mean(axis=0), columns.std(axis=0)
        scores.append(np.divide(centred, deviation, out=np.zeros_like(columns), where=deviation > 0))
    matrix: Values = scores[0].T @ scores[1] / len(z)
    return matrix


def _gaps(information: Values) -> Values:
    """Return the difference between the best and the second channel for each factor."""
    second, first = np.sort(np.vstack([np.zeros_like(information[:1]), information]), axis=0)[-2:]
    gaps: Values = first - second
    return gaps


def _disentanglement(importance: Values) -> float:
    share = importance.sum(axis=1) / importance.sum()  # a channel that matters for no factor does not count
    return float(share @ concentration(importance.T))


def _importance(z: Values, factors: Values, seed: int) -> tuple[Values, float]:
    """Return the importances (channels, factors) and the mean out-of-bag R²."""
    importances, r2 = [], []
    for factor in factors.T:
        forest = RandomForestRegressor(50, min_samples_leaf=3, oob_score=True, random_state=seed).fit(z, factor)
        importances.append(forest.feature_importances_)
        r2.append(forest.oob_score_)
    return np.stack(importances, axis=1), float(np.mean(r2))


def _binned(columns: Values) -> NDArray[np.intp]:
    """Return the bin of each value among the quantiles of its column; equal values share a bin."""
    edges = np.quantile(columns, np.linspace(0, 1, BINS + 1)[1:-1], axis=0)
    return np.stack(
        [np.searchsorted(edge, column, side="right") for edge, column in zip(edges.T, columns.T, strict=True)], axis=1
    )


def _share(channel: NDArray[np.intp], factor: NDArray[np.intp]) -> float:
    """Return the mutual information of two columns of bins, adjusted for chance, over the entropy of the factor."""
    counts = contingency_matrix(channel, factor, sparse=True)
    by_chance = expected_mutual_information(counts, len(factor))
    entropy = _entropy(factor)
    shared = _entropy(channel) + entropy - _entropy(BINS * channel + factor)
    return max(0.0, shared - by_chance) / (entropy - by_chance) if entropy > by_chance else 0.0


def _entropy(labels: NDArray[np.intp]) -> float:
    """Return the entropy in nats."""
    share = np.unique(labels, return_counts=True)[1] / labels.size
    return float(-(share * np.log(share)).sum())
