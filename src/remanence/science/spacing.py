"""Which experiments are alike: those closer together than measured rows usually are."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from remanence.science.deviations import deviations

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEAST = 0.5
"""Distance below which two experiments are alike, as a part of the median distance of measured rows to the next one."""


def in_deviations(points: Values, measured: Values) -> tuple[Values, Values]:
    """Return points and measured rows (rows, inputs) in standard deviations of the measured ones.

    An input that is constant in them counts as a share of its value.
    """
    deviation, size = deviations(measured), np.abs(measured).max(axis=0)
    scale = np.where(deviation > 0, deviation, np.where(size > 0, size, 1.0))
    return points / scale, measured / scale


@dataclass(frozen=True)
class Spacing:
    """How far apart candidates are, so that a fine grid does not ask for one experiment five times."""

    points: Values
    """Candidates in standard deviations of the measured rows, shape (candidates, inputs)."""
    least: float
    """Distance below which two are alike."""
    repeated: Mask
    """Whether a measured row is closer than that, shape (candidates,)."""
    on_grid: bool = False
    """Whether the candidates are the steps of a grid: that two are neighbours says nothing but how fine it is."""

    @classmethod
    def of(cls, points: Values, measured: Values, *, on_grid: bool = False) -> Self:
        """Return the spacing of candidates (candidates, inputs) beside measured rows (rows, inputs).

        >>> points = np.array([[0.1], [1.5], [3.0]])
        >>> Spacing.of(points, np.array([[0.0], [0.0], [1.0], [2.0]])).repeated.tolist()
        [True, False, False]
        """
        scaled, rows = in_deviations(points, measured)
        distinct = np.unique(rows, axis=0)
        tree = cKDTree(distinct)
        least = LEAST * float(np.median(tree.query(distinct, k=2)[0][:, 1])) if len(distinct) > 1 else 0.0
        return cls(scaled, least, np.asarray(tree.query(scaled)[0] < least), on_grid)

    def distances(self, place: int) -> Values:
        """Return how far each candidate is from one of them, in standard deviations, shape (candidates,)."""
        return np.asarray(np.linalg.norm(self.points - self.points[place], axis=1))
