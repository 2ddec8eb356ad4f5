"""Whether points lie outside the rows that a model was trained on."""

import numpy as np
from numpy.typing import NDArray

from remanence.science.training_region import TrainingRegion

Values = NDArray[np.float64]


def extrapolation(points: Values, trained: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Return the distance of each point to the nearest training row, and whether the point is an extrapolation.

    A point is an extrapolation if one of its features is beyond the range of the training rows, or if its distance to
    them exceeds their widest gap, see ``TrainingRegion``.

    Args:
        points: points to judge, shape (points, features).
        trained: training rows, at least one, shape (rows, features).

    Returns:
        Euclidean distance (points,) in z-scores of the training rows, where a constant feature counts 1 if it differs;
        and a mask (points,) that is True for extrapolations.

    >>> distance, outside = extrapolation(np.array([[1.5], [3.0]]), np.array([[0.0], [1.0], [2.0]]))
    >>> distance.round(2).tolist(), outside.tolist()
    ([0.61, 1.22], [False, True])
    """
    where = TrainingRegion.of(trained).locate(points)
    return where.distance, where.outside
