"""Calibration of intervals on rows that no model has trained on, nor chosen its weights by."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from remanence.data.folded_rows import FoldedRows
from remanence.models.spread import spread_of
from remanence.science.training_region import TrainingRegion
from remanence.training.fitted import Fitted, FoldResult, Values
from remanence.training.intervals import Calibration, Evidence, Intervals

F = TypeVar("F", bound=Fitted)

MOST_ROWS = 5000
"""Largest number of held-out rows that a calibration takes; of more, as many are drawn at random."""


def calibrate(
    fitted: F,
    data: FoldedRows,
    *,
    coverage: float,
    categories: Sequence[int] = (),
    uncertainty: Values | None = None,
    validated: bool = True,
) -> F:
    """Return a fit whose folds and whose model have intervals, each row one of its own width.

    The half width is the error expected of the row (``science.expected_error``), times the factor that covers the
    wanted share of held-out rows. With several folds, those of a fold's test are calibrated on the rows that the other
    folds hold out, and those of the kept model on all of them: such rows have chosen neither weights nor epochs, and
    they are predicted by as many members, and are as far from the training rows, as the rows of the test. With a single
    fold, they are calibrated on the rows of its part ``val``.

    Args:
        fitted: fit of a model.
        data: rows, and the folds that hold some of them out.
        coverage: nominal coverage.
        categories: numbers of the inputs that stand for categories.
        uncertainty: standard uncertainty of each target of each row, shape (rows, targets), NaN where unknown; a row
            that was measured less surely than the others has a wider interval. None if none is known.
        validated: whether the part ``val`` may calibrate; it may not if its error chose the epoch.
    """
    regions = [TrainingRegion.of(data.x[fold.fitting], categories) for fold in data.folds]
    whole = regions[0] if len(regions) == 1 else TrainingRegion.of(data.x, categories)
    tested = [_tested(fold, region, data) for fold, region in zip(fitted.folds, regions, strict=True)]
    if len(tested) > 1:
        held = [_others(tested, number, len(data.x)) for number in range(len(tested))]
        kept = _each_once(tested, len(data.x))
    else:
        kept = _validated(fitted.folds[0], regions[0], data, categories) if validated else None
        held = [kept]
    folds, intervals = [], None
    for fold, test, evidence in zip(fitted.folds, tested, held, strict=True):
        if evidence is None:
            folds.append(fold)
            continue
        calibrations = _calibrations(evidence, data, uncertainty)
        sizes = np.stack(
            [each.sizes(test, target, uncertainty) for target, each in enumerate(calibrations)], axis=1
        )  # (test rows, targets)
        factors = np.array([each.factor(coverage) for each in calibrations])
        folds.append(
            replace(fold, half_width=factors * sizes, scores=[each.scores for each in calibrations], sizes=sizes)
        )
    if kept is not None:
        intervals = Intervals.of(_calibrations(kept, data, uncertainty), coverage)
    return replace(fitted, folds=folds, coverage=coverage, region=whole, intervals=intervals)


def _calibrations(held: Evidence, data: FoldedRows, uncertainty: Values | None) -> list[Calibration]:
    if len(held.rows) > MOST_ROWS:
        drawn = np.zeros(len(held.rows), dtype=np.bool_)
        drawn[np.random.default_rng(0).choice(len(held.rows), MOST_ROWS, replace=False)] = True
        held = held.chosen(drawn)
    return [Calibration.of(held, data.y, target, uncertainty) for target in range(len(data.targets))]


def _tested(fold: FoldResult, region: TrainingRegion, data: FoldedRows) -> Evidence:
    rows, predicted = fold.predicted["test"]
    x = data.x[rows]
    return Evidence.of(rows, x, predicted, region, spread_of(fold.model, x))


def _others(tested: Sequence[Evidence], number: int, rows: int) -> Evidence | None:
    """Return the rows that other folds than ``number`` test, none of them in its own test; None if there is none."""
    order = [*tested[number + 1 :], *tested[:number]]
    return _each_once(order, rows, without=tested[number].rows)


def _each_once(tested: Sequence[Evidence], rows: int, without: NDArray[np.intp] | None = None) -> Evidence | None:
    """Return the tested rows, each by the first fold that tests it: repetitions of a row are no further evidence."""
    wanted = np.ones(rows, dtype=np.bool_)
    if without is not None:
        wanted[without] = False
    parts = []
    for part in tested:
        own = wanted[part.rows]
        if own.any():
            parts.append(part.chosen(own))
            wanted[part.rows] = False
    return Evidence.together(parts) if parts else None


def _validated(
    fold: FoldResult, region: TrainingRegion, data: FoldedRows, categories: Sequence[int]
) -> Evidence | None:
    """Return the rows of the part ``val``; None if there is none."""
    rows, predicted = fold.predicted.get("val", (np.empty(0, dtype=np.intp), np.empty((0, len(data.targets)))))
    if not len(rows):
        return None
    trained = fold.predicted["train"][0]
    if len(np.intersect1d(rows, trained)):  # members take turns: each row is validated by those that left it out
        distance = region.nearest(data.x[rows], apart=True)[1]
        return Evidence(rows, predicted, distance, np.zeros(len(rows)), fold.validated_spread)
    return Evidence.of(
        rows, data.x[rows], predicted, TrainingRegion.of(data.x[trained], categories), fold.validated_spread
    )
