"""Whether points lie outside the rows that a model was trained on."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

Values = NDArray[np.float64]


def extrapolation(points: Values, trained: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Return the distance of each point to the nearest training row, and whether the point is an extrapolation.

    A point is an extrapolation if one of its features is beyond the range of the training rows, or if its distance to
    them exceeds their widest gap. The widest gap is the longest edge of the minimum spanning tree of the rows, because
    replicates of a composition lie close together and a point between two compositions is no extrapolation.

    Args:
        points: points to judge, shape (points, features).
        trained: training rows, at least one, shape (rows, features).

    Returns:
        Euclidean distance (points,) in z-scores of the training rows, where a constant feature keeps its unit; and a
        mask (points,) that is True for extrapolations.

    >>> distance, outside = extrapolation(np.array([[1.5], [3.0]]), np.array([[0.0], [1.0], [2.0]]))
    >>> distance.round(2).tolist(), outside.tolist()
    ([0.61, 1.22], [False, True])
    """
    deviation = trained.std(axis=0)
    # rounding may give a constant feature a tiny deviation
    scale = np.where(deviation > 1e-12 * np.abs(trained).max(axis=0), deviation, 1.0)
    rows: Values = np.unique(trained / scale, axis=0)
    beyond = (points < trained.min(axis=0) - 1e-9 * scale) | (points > trained.max(axis=0) + 1e-9 * scale)
    distance: Values = cKDTree(rows).query(points / scale)[0]
    return distance, beyond.any(axis=1) | (distance > _widest_gap(rows))


def _widest_gap(rows: Values) -> float:
    return float(minimum_spanning_tree(squareform(pdist(rows))).max()) if len(rows) > 1 else 0.0
