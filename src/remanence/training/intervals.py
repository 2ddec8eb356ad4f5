"""Intervals of a model, each of its own width: what is learnt from held-out rows, and what is stored with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from remanence.science.conformal import conformal_half_width, least_rows
from remanence.science.expected_error import ExpectedError
from remanence.science.training_region import TrainingRegion

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """Rows with predictions by a model that was not trained on them, and where they are, seen from that model."""

    rows: NDArray[np.intp]
    """Numbers of the rows, shape (rows,)."""
    predicted: Values
    """Predictions, shape (rows, targets)."""
    distance: Values
    """Distance to the nearest training row, shape (rows,)."""
    excess: Values
    """How far a row is outside the training rows, see ``science.training_region.Whereabouts``, shape (rows,)."""
    spread: Values | None = None
    """Standard deviation of the predictions, shape (rows, targets); None if the model has none."""

    @classmethod
    def of(
        cls, rows: NDArray[np.intp], x: Values, predicted: Values, region: TrainingRegion, spread: Values | None
    ) -> Self:
        """Locate rows of shape (rows, inputs) in the region that a model was trained in."""
        where = region.locate(x)
        return cls(rows, predicted, where.distance, where.excess, spread)

    def chosen(self, mask: NDArray[np.bool_]) -> "Evidence":
        """Return some of the rows."""
        spread = None if self.spread is None else self.spread[mask]
        return Evidence(self.rows[mask], self.predicted[mask], self.distance[mask], self.excess[mask], spread)

    @classmethod
    def together(cls, parts: Sequence["Evidence"]) -> "Evidence":
        """Return the rows of several models; they have a spread if all models have one."""
        spreads = [part.spread for part in parts if part.spread is not None]
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.predicted for part in parts]),
            np.concatenate([part.distance for part in parts]),
            np.concatenate([part.excess for part in parts]),
            np.concatenate(spreads) if len(spreads) == len(parts) else None,
        )


@dataclass(frozen=True)
class Calibration:
    """Intervals of one target: the error expected of a row, times what covers the wanted share of the held-out rows."""

    expected: ExpectedError
    scores: Values
    """Errors of the held-out rows in expected errors, sorted, shape (rows,)."""
    typical: float
    """Standard uncertainty of a typical measurement, in the unit of the target."""

    @classmethod
    def of(cls, held: Evidence, measured: Values, target: int, uncertainty: Values | None) -> Self:
        """Calibrate on held-out rows, at least one.

        Args:
            held: the rows.
            measured: measured targets of all rows of the table, shape (all rows, targets).
            target: number of the target.
            uncertainty: standard uncertainties of all rows, in the same shape, NaN where unknown; None if all are.
        """
        predicted, spread = held.predicted[:, target], None if held.spread is None else held.spread[:, target]
        errors = measured[held.rows, target] - predicted
        given = None if uncertainty is None else np.nan_to_num(uncertainty[held.rows, target])
        typical = 0.0 if given is None else float(np.median(given))
        expected = ExpectedError.fit(errors, predicted, held.distance, held.excess, spread)
        sizes = expected.of(predicted, held.distance, held.excess, spread)
        if given is not None:
            sizes = _less_sure(sizes, given, typical)
        return cls(expected, np.sort(np.abs(errors) / sizes), typical)

    def sizes(self, held: Evidence, target: int, uncertainty: Values | None = None) -> Values:
        """Return the error that is expected of each row, shape (rows,), in the unit of the target.

        A row that was measured less surely than a typical one is expected to have a larger error.

        Args:
            held: rows that are predicted.
            target: number of the target.
            uncertainty: as in ``of``; None if the rows are not measured.
        """
        spread = None if held.spread is None else held.spread[:, target]
        sizes = self.expected.of(held.predicted[:, target], held.distance, held.excess, spread)
        if uncertainty is None:
            return sizes
        return _less_sure(sizes, np.nan_to_num(uncertainty[held.rows, target]), self.typical)

    def factor(self, coverage: float) -> float:
        """Return how many expected errors the half width is; infinity if there are too few held-out rows."""
        return conformal_half_width(self.scores, coverage)


def _less_sure(sizes: Values, uncertainty: Values, typical: float) -> Values:
    further = np.maximum(uncertainty**2 - typical**2, 0.0)
    wider: Values = np.sqrt(sizes**2 + further)
    return wider


@dataclass(frozen=True)
class Intervals:
    """Intervals of a model that is stored; all values are plain."""

    coverage: float
    """Nominal coverage."""
    expected: list[ExpectedError]
    """The error that is expected of a row, for each target."""
    factors: list[float | None]
    """How many expected errors the half width of each target is; None for infinity, because JSON has none."""
    rows: int
    """Number of held-out rows that the intervals are calibrated on."""

    @classmethod
    def of(cls, calibrations: Sequence[Calibration], coverage: float) -> Self:
        """Return what is stored of the calibrations of all targets."""
        factors = [calibration.factor(coverage) for calibration in calibrations]
        return cls(
            coverage,
            [calibration.expected for calibration in calibrations],
            [factor if np.isfinite(factor) else None for factor in factors],
            len(calibrations[0].scores),
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the intervals that ``to_dict`` turned into plain values."""
        return cls(**{**values, "expected": [ExpectedError.from_dict(each) for each in values["expected"]]})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def told_endless(self) -> str:
        """Return what a user is told if an interval has no end; empty if all have one."""
        if None not in self.factors:
            return ""
        there = f"there {'is' if self.rows == 1 else 'are'} {self.rows}"
        needed = least_rows(self.coverage)
        return f"intervals of {self.coverage:.0%} have no end: {needed} held-out rows are needed, {there}"

    def half_width(self, predicted: Values, distance: Values, excess: Values, spread: Values | None) -> Values:
        """Return the half width of the interval of each prediction, shape (rows, targets), in the targets' units.

        Args:
            predicted: predictions, shape (rows, targets).
            distance: distance of each row to the nearest training row, shape (rows,).
            excess: how far each row is outside the training rows, shape (rows,).
            spread: standard deviation of the predictions, shape (rows, targets); None if the model has none.
        """
        return np.stack(
            [
                expected.of(predicted[:, target], distance, excess, None if spread is None else spread[:, target])
                * (np.inf if factor is None else factor)
                for target, (expected, factor) in enumerate(zip(self.expected, self.factors, strict=True))
            ],
            axis=1,
        )
