"""Branches of an axis: a bias that is swept down and up again has two."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def branches(axis: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the number of the branch of each step, and the direction in which its branch is swept, 1 or -1.

    A branch ends where the direction changes, with the step that turns. Equal values continue a branch.

    Args:
        axis: value of each step, shape (steps,).

    Returns:
        branch and direction of each step, both of shape (steps,).

    >>> number, direction = branches([2, 1, 0, 1, 2])
    >>> number.tolist(), direction.tolist()
    ([0, 0, 0, 1, 1], [-1.0, -1.0, -1.0, 1.0, 1.0])
    """
    change = np.sign(np.diff(np.asarray(axis, dtype=np.float64)))
    if not change.any():
        return np.zeros(len(change) + 1, dtype=np.intp), np.ones(len(change) + 1)
    moving = np.flatnonzero(change)
    last = np.searchsorted(moving, np.arange(len(change)), side="right") - 1  # the last change up to each step
    change = change[moving[np.maximum(last, 0)]]
    direction = np.concatenate([change[:1], change])  # the first step belongs to the branch that follows
    number = np.concatenate([[0], np.cumsum(direction[1:] != direction[:-1])]).astype(np.intp)
    return number, direction
