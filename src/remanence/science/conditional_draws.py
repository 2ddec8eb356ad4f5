"""What the other inputs may be where some are fixed, because ceramics never vary in one input alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtri

MOST_KNOTS = 25
"""Largest number of values of a single fixed input that are taken one by one; more values are put into bins."""
NEIGHBOURS = 8
"""Number of nearest settings of several fixed inputs that the others are taken from."""
SMALLEST = 0.1
"""Distance within which settings count alike, in median distances between neighbouring settings."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Values that the other inputs may have at each point."""

    values: Values
    """Shape (points, draws, others)."""
    weights: Values
    """Shape (points, draws); the weights of a point add up to 1."""

    @property
    def mean(self) -> Values:
        """Mean of each of the other inputs, shape (points, others)."""
        return averaged(self.values, self.weights)[0]


def averaged(made: Values, weights: Values) -> tuple[Values, Values]:
    """Return mean and standard deviation, over the draws of each point, of what a model makes of them.

    Args:
        made: values for all draws of the first point, then for those of the next one, shape (points * draws, values).
        weights: shape (points, draws); the weights of a point add up to 1.

    Returns:
        mean and standard deviation, both of shape (points, values).
    """
    made = np.asarray(made, dtype=float).reshape(*weights.shape, -1)
    made = np.where(weights[:, :, None] > 0, made, 0.0)  # an interval without an end counts where it is drawn
    mean = np.einsum("pd,pdv->pv", weights, made)
    deviation = np.subtract(made, mean[:, None], out=np.zeros_like(made), where=np.isfinite(mean)[:, None])
    return mean, np.sqrt(np.einsum("pd,pdv->pv", weights, deviation**2))


def widened(half_width: Values, spread: Values, coverage: float = 0.9) -> Values:
    """Return half widths of intervals that also hold the spread of what was averaged over.

    Both are taken as independent, normal errors.

    Args:
        half_width: half width of each interval, any shape.
        spread: standard deviation of what was averaged over, same shape.
        coverage: share of the errors that the intervals hold, between 0 and 1.

    >>> float(widened(np.array(3.0), np.array(4 / 1.645)).round(3))
    5.0
    """
    return np.asarray(np.hypot(half_width, ndtri((1 + coverage) / 2) * spread))


def conditional_draws(
    fixed: Values, others: Values, points: Values, *, draws: int = 16, whole: Sequence[int] = ()
) -> Draws:
    """Return what the other inputs may be at points that are given in the fixed inputs only.

    With one fixed input, the means of the others run straight from one of its measured values to the next one, so that
    they pass through the means of the data; if there are many values, neighbouring ones are taken together. Around
    them, the others scatter as they do in the rows. With several fixed inputs, the others are those of the rows with
    the nearest settings, weighted by nearness (Shepard, 1968).

    Args:
        fixed: fixed inputs of the measured rows, shape (rows, fixed).
        others: other inputs of the measured rows, shape (rows, others).
        points: values of the fixed inputs, shape (points, fixed).
        draws: largest number of draws at each point, at least 2.
        whole: columns of ``others`` that have no values between those of the rows, such as those of a category.

    >>> rows = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([[10.0], [12.0], [20.0], [22.0]])
    >>> conditional_draws(*rows, np.array([[0.0], [0.5], [9.0]])).mean.ravel().tolist()
    [11.0, 16.0, 21.0]
    """
    varied = np.flatnonzero(np.ptp(np.concatenate([fixed, points]), axis=0) > 0)
    if len(varied) == 1:
        return _between_knots(fixed[:, varied[0]], others, points[:, varied[0]], draws=draws, whole=whole)
    if not len(varied):  # every row is as near as any other
        fixed, points, varied = np.zeros((len(fixed), 1)), np.zeros((len(points), 1)), np.array([0])
    deviation = fixed[:, varied].std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    return _near_settings(fixed[:, varied] / scale, others, points[:, varied] / scale, draws=draws)


def _between_knots(fixed: Values, others: Values, points: Values, *, draws: int, whole: Sequence[int]) -> Draws:
    bins = _bins(fixed)
    centres = np.array([fixed[rows].mean() for rows in bins])
    means = np.stack([others[rows].mean(axis=0) for rows in bins])  # (bins, others)
    drawn, weight = _drawn(bins, others, max(draws // 2, 1), whole)  # (bins, draws, others), (bins, draws)
    right = np.clip(np.searchsorted(centres, points), 1, max(len(bins) - 1, 1))
    left, right = right - 1, np.minimum(right, len(bins) - 1)
    width = np.where(right > left, centres[right] - centres[left], 1.0)
    part = np.clip((points - centres[left]) / width, 0, 1)[:, None]
    shift = means[right] - means[left]  # (points, others)
    shift[:, list(whole)] = 0.0
    values = np.concatenate(
        [drawn[left] + (part * shift)[:, None], drawn[right] - ((1 - part) * shift)[:, None]], axis=1
    )
    return Draws(values, np.concatenate([(1 - part) * weight[left], part * weight[right]], axis=1))


def _bins(fixed: Values) -> list[NDArray[np.intp]]:
    """Return the rows of each bin; rows with one value are always in one bin."""
    order = np.argsort(fixed, kind="stable")
    values, starts = np.unique(fixed[order], return_index=True)
    if len(values) > MOST_KNOTS:
        wanted = np.linspace(0, len(fixed), MOST_KNOTS, endpoint=False)
        starts = np.unique(starts[np.searchsorted(starts, wanted).clip(max=len(starts) - 1)])
    return np.split(order, starts[1:])


def _drawn(bins: list[NDArray[np.intp]], others: Values, most: int, whole: Sequence[int]) -> tuple[Values, Values]:
    """Return rows of each bin around its mean, and their weights, which are 0 for repetitions that fill up."""
    values, weights = np.zeros((len(bins), most, others.shape[1])), np.zeros((len(bins), most))
    for place, rows in enumerate(bins):
        chosen = _evenly(rows, others, most)
        shift = others[rows].mean(axis=0) - others[chosen].mean(axis=0)
        shift[list(whole)] = 0.0
        values[place] = others[np.resize(chosen, most)] + shift
        weights[place, : len(chosen)] = 1 / len(chosen)
    return values, weights


def _evenly(rows: NDArray[np.intp], others: Values, most: int) -> NDArray[np.intp]:
    """Return at most ``most`` of the rows, evenly over the first of the other inputs."""
    if len(rows) <= most:
        return rows
    ordered = rows[np.argsort(others[rows, 0], kind="stable")]
    return np.asarray(ordered[((np.arange(most) + 0.5) * len(rows) / most).astype(int)])


def _near_settings(fixed: Values, others: Values, points: Values, *, draws: int) -> Draws:
    settings, of_row = np.unique(fixed, axis=0, return_inverse=True)
    rows = np.split(np.argsort(of_row.ravel(), kind="stable"), np.cumsum(np.bincount(of_row.ravel()))[:-1])
    near = min(NEIGHBOURS, draws, len(settings))
    each = draws if len(settings) == 1 else max(draws // near, 1)
    drawn, weight = np.zeros((len(settings), each, others.shape[1])), np.zeros((len(settings), each))
    for place, own in enumerate(rows):
        chosen = _evenly(own, others, each)
        drawn[place] = others[np.resize(chosen, each)]
        weight[place, : len(chosen)] = len(own) / len(chosen)
    tree = cKDTree(settings)
    distance, places = tree.query(points, k=list(range(1, near + 1)))  # (points, near)
    apart = np.median(tree.query(settings, k=[2])[0]) if len(settings) > 1 else 1.0
    nearness = 1 / (distance**2 + (SMALLEST * apart) ** 2)
    weights = (nearness[:, :, None] * weight[places]).reshape(len(points), -1)
    return Draws(drawn[places].reshape(len(points), -1, others.shape[1]), weights / weights.sum(axis=1, keepdims=True))
