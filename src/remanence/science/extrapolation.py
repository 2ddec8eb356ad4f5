"""Whether a model is asked about rows like those it has seen."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

Values = NDArray[np.float64]


def extrapolation(points: Values, trained: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Return how far each point is from the nearest training row, and whether it is outside the training rows.

    A point is outside where it is beyond the training rows in a feature, or farther from them than the widest gap
    between them: the longest edge of the tree that connects all rows. Replicates of a composition lie close together,
    and the way from one composition to the next is no extrapolation.

    Args:
        points: shape (points, features).
        trained: at least one row, shape (rows, features).

    Returns:
        Euclidean distance (points,) in z-scores of the training rows, a constant feature taken as it is; and a mask
        (points,).

    >>> distance, outside = extrapolation(np.array([[1.5], [3.0]]), np.array([[0.0], [1.0], [2.0]]))
    >>> distance.round(2).tolist(), outside.tolist()
    ([0.61, 1.22], [False, True])
    """
    deviation = trained.std(axis=0)
    # a constant feature may differ from its own mean by rounding
    scale = np.where(deviation > 1e-12 * np.abs(trained).max(axis=0), deviation, 1.0)
    rows: Values = np.unique(trained / scale, axis=0)
    beyond = (points < trained.min(axis=0) - 1e-9 * scale) | (points > trained.max(axis=0) + 1e-9 * scale)
    distance: Values = cKDTree(rows).query(points / scale)[0]
    return distance, beyond.any(axis=1) | (distance > _widest_gap(rows))


def _widest_gap(rows: Values) -> float:
    return float(minimum_spanning_tree(squareform(pdist(rows))).max()) if len(rows) > 1 else 0.0
