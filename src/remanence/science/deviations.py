"""Standard deviations of columns, in which rounding does not count."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def deviations(values: Values) -> Values:
    """Return the standard deviation of each column, shape (columns,); exactly 0 for a column of equal values.

    The mean of equal values is rounded, which would give them a tiny deviation.

    Args:
        values: shape (rows, columns), or (rows,) for a single column.

    >>> deviations(np.array([[0.1, 1.0], [0.1, 3.0], [0.1, 2.0]])).round(3).tolist()
    [0.0, 0.816]
    """
    deviation = values.std(axis=0)
    return np.asarray(np.where(deviation <= 1e-12 * np.abs(values).max(axis=0), 0.0, deviation))
