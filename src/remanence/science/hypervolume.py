"""How much of the space of several goals is reached: the measure by which one set of trade-offs beats another."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def hypervolume(points: Values, reference: Values) -> float:
    """Return the volume that at least one of the points dominates, above a reference point.

    Args:
        points: values of each goal, higher is better, shape (points, goals).
        reference: values below which nothing counts, shape (goals,).

    Source: Zitzler, Thiele, Lect. Notes Comput. Sci. 1498, 292 (1998); sliced along the last goal.

    >>> hypervolume(np.array([[2.0, 1.0], [1.0, 3.0]]), np.zeros(2))
    4.0
    """
    front = nondominated(points[(points > reference).all(axis=1)])
    if not len(front):
        return 0.0
    if front.shape[1] == 1:
        return float(front.max() - reference[0])
    order = np.argsort(-front[:, -1], kind="stable")
    heights = np.append(front[order, -1], reference[-1])
    slices = [
        (heights[place] - heights[place + 1]) * hypervolume(front[order[: place + 1], :-1], reference[:-1])
        for place in range(len(order))
        if heights[place] > heights[place + 1]
    ]
    return float(sum(slices))


def volume_gained(candidates: Values, front: Values, reference: Values) -> Values:
    """Return by how much each candidate alone would enlarge the volume that is dominated, shape (candidates,).

    Args:
        candidates: values of each goal, shape (candidates, goals).
        front: values that are reached already, shape (points, goals).
        reference: values below which nothing counts, shape (goals,).

    >>> volume_gained(np.array([[3.0, 2.0], [1.0, 1.0]]), np.array([[2.0, 1.0], [1.0, 3.0]]), np.zeros(2)).tolist()
    [3.0, 0.0]
    """
    gained = np.zeros(len(candidates))
    for place, candidate in enumerate(candidates):
        if (candidate > reference).all() and not (front >= candidate).all(axis=1).any():
            gained[place] = np.prod(candidate - reference) - hypervolume(np.minimum(front, candidate), reference)
    return gained


def nondominated(points: Values) -> Values:
    """Return the points that no other point beats or equals in every goal, each once, shape (kept, goals).

    >>> nondominated(np.array([[1.0, 1.0], [2.0, 1.0], [0.0, 3.0]])).tolist()
    [[0.0, 3.0], [2.0, 1.0]]
    """
    unique = np.unique(points, axis=0)
    kept = [not ((unique >= point).all(axis=1) & (unique > point).any(axis=1)).any() for point in unique]
    return np.asarray(unique[np.array(kept, dtype=bool)])
