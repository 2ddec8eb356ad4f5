"""Where the rows that a model was trained on are, and how far from them a point is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from remanence.science.deviations import deviations

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_ROWS = 2000
"""Largest number of training rows that distances are measured to; of more, as many are drawn at random."""
EQUAL = 1e-10
"""Half the squared distance below which a point equals a row; rounding gives up to 1e-14."""
CHUNK = 2000
"""Number of points that are compared with the rows at once."""


@dataclass(frozen=True)
class Whereabouts:
    """Where points are, seen from the rows that a model was trained on."""

    distance: Values
    """Euclidean distance of each point to the nearest row in z-scores of the rows, shape (points,); an input that is
    constant in the rows counts 1 where it differs."""
    beyond: Mask
    """Whether a point has an input that is beyond the range of the rows, shape (points, inputs)."""
    far: Mask
    """Whether the distance exceeds the widest gap between the rows, shape (points,)."""
    unseen: Mask
    """Whether no row has this combination of categories, shape (points,)."""
    excess: Values
    """How far outside a point is, shape (points,): how far beyond the ranges of the rows, as a share of these ranges,
    and by which share its distance exceeds the widest gap. 0 inside; at least 1 for an unseen combination."""

    @property
    def outside(self) -> Mask:
        """Whether a prediction for the point is an extrapolation, shape (points,)."""
        return self.beyond.any(axis=1) | self.far | self.unseen


@dataclass(frozen=True)
class TrainingRegion:
    """The rows that a model was trained on, as far as it takes to judge how far away a point is.

    The widest gap is the longest edge of the minimum spanning tree of the rows: replicates of a composition lie close
    together, and a point between two compositions is no extrapolation.
    """

    rows: Values
    """Distinct rows, at most ``MOST_ROWS``, shape (rows, inputs)."""
    low: Values
    """Smallest value of each input, shape (inputs,)."""
    high: Values
    """Largest value of each input, shape (inputs,)."""
    scale: Values
    """Standard deviation of each input, 0 for a constant input, shape (inputs,)."""
    gap: float
    """Widest gap between the rows, in z-scores."""
    categories: NDArray[np.intp]
    """Numbers of the inputs that stand for categories, shape (categories,)."""
    combinations: Values
    """Values of these inputs in the rows, each combination once, shape (combinations, categories)."""

    @classmethod
    def of(cls, rows: Values, categories: Sequence[int] = ()) -> Self:
        """Describe where ``rows``, at least one, of shape (rows, inputs) are.

        Args:
            rows: rows that a model was trained on.
            categories: numbers of the inputs that stand for categories, of all features together.
        """
        kept = rows
        if len(rows) > MOST_ROWS:
            kept = rows[np.random.default_rng(0).choice(len(rows), MOST_ROWS, replace=False)]
        kept = np.unique(kept, axis=0)
        chosen, combinations = np.array(categories, dtype=np.intp), np.empty((0, 0))
        if chosen.size > 0:
            combinations = rows[np.unique(_as_whole(rows[:, chosen]), return_index=True)[1]][:, chosen]
        region = cls(kept, rows.min(axis=0), rows.max(axis=0), deviations(rows), 0.0, chosen, combinations)
        return replace(region, gap=_widest_gap(region._scaled(kept)))

    def locate(self, points: Values) -> Whereabouts:
        """Return where points of shape (points, inputs) are.

        >>> where = TrainingRegion.of(np.array([[0.0], [1.0], [2.0]])).locate(np.array([[1.5], [3.0]]))
        >>> where.distance.round(2).tolist(), where.outside.tolist(), where.excess.round(2).tolist()
        ([0.61, 1.22], [False, True], [0.0, 0.5])
        """
        _, distance = self.nearest(points)
        width = self.high - self.low
        slack = 1e-9 * np.where(self.scale > 0, width, np.abs(self.low))  # rounding moves a point at the end of a range
        overshoot = np.maximum(np.maximum(self.low - slack - points, points - self.high - slack), 0.0)
        share = np.where(self.scale > 0, overshoot / np.where(self.scale > 0, width, 1.0), overshoot > 0)
        unseen = np.zeros(len(points), dtype=np.bool_)
        if self.categories.size > 0:
            unseen = ~np.isin(_as_whole(points[:, self.categories]), _as_whole(self.combinations))
        far = distance > self.gap * (1 + 1e-9)
        excess = np.linalg.norm(share, axis=1) + np.where(far, distance / (self.gap or 1.0) - (self.gap > 0), 0.0)
        return Whereabouts(
            distance=distance,
            beyond=overshoot > 0,
            far=far,
            unseen=unseen,
            excess=np.where(unseen, np.maximum(excess, 1.0), excess),
        )

    def nearest(self, points: Values, *, apart: bool = False) -> tuple[NDArray[np.intp], Values]:
        """Return the number of the nearest of ``rows`` for each point, and the distance to it, each of shape (points,).

        Args:
            points: shape (points, inputs).
            apart: whether a row that equals the point is passed over.
        """
        rows, scaled = self._scaled(self.rows), self._scaled(points)
        number = np.empty(len(points), dtype=np.intp)
        squares = (rows**2).sum(axis=1) / 2
        for start in range(0, len(points), CHUNK):
            part = scaled[start : start + CHUNK]
            half = squares - part @ rows.T  # (chunk, rows): half the squared distance, up to a number of each point
            if apart:
                half[half + (part**2).sum(axis=1, keepdims=True) / 2 < EQUAL] = np.inf
            number[start : start + CHUNK] = half.argmin(axis=1)
        distance: Values = np.linalg.norm(scaled - rows[number], axis=1)
        return number, distance

    def _scaled(self, points: Values) -> Values:
        """Return points in z-scores, up to a shift; of a constant input, whether and in which direction it differs."""
        shifted = points - self.low
        differs = np.abs(shifted) > 1e-9 * np.abs(self.low)
        scaled: Values = np.where(
            self.scale > 0, shifted / np.where(self.scale > 0, self.scale, 1.0), np.sign(shifted) * differs
        )
        return scaled


def _as_whole(rows: Values) -> NDArray[np.void]:
    """Return each row as one value, shape (rows,); adding 0 makes a negative zero positive."""
    whole = np.ascontiguousarray(rows + 0.0)
    return whole.view(np.dtype((np.void, whole.dtype.itemsize * whole.shape[1])))[:, 0]


def _widest_gap(rows: Values) -> float:
    # the last step of single linkage is the longest edge of the minimum spanning tree
    return float(linkage(rows, method="single")[-1, 2]) if len(rows) > 1 else 0.0
