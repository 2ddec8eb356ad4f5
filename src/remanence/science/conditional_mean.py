"""Mean of the other inputs when some are fixed, because ceramics never vary in one feature alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def conditional_mean(
    rows: NDArray[np.float64], fixed: Sequence[int], points: NDArray[np.float64], *, bandwidth: float = 0.25
) -> NDArray[np.float64]:
    """Return inputs in all columns for points that are given in some columns only.

    Args:
        rows: measured inputs, shape (rows, inputs).
        fixed: indices of the columns that ``points`` gives.
        points: values in the fixed columns, shape (points, len(fixed)).
        bandwidth: bandwidth of the Gaussian weights, in standard deviations of the fixed columns.

    Returns:
        inputs, shape (points, inputs): the given values in the fixed columns, and in the other columns the mean of the
        rows, weighted by their nearness to the point (Nadaraya and Watson).

    >>> rows = np.array([[0.0, 10.0], [1.0, 20.0]])
    >>> conditional_mean(rows, [0], np.array([[0.0], [1.0]])).round(1).tolist()
    [[0.0, 10.0], [1.0, 20.0]]
    """
    columns = list(fixed)
    deviation = rows[:, columns].std(axis=0)
    scale = bandwidth * np.where(deviation > 0, deviation, 1.0)
    distance = (((points[:, None, :] - rows[None, :, columns]) / scale) ** 2).sum(axis=2)  # (points, rows)
    weight = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / 2)
    full: NDArray[np.float64] = weight @ rows / weight.sum(axis=1, keepdims=True)
    full[:, columns] = points
    return full
