"""Result of a fit, the same for every model: predictions for rows it trained on and for held-out rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.splits import Rows
from remanence.models.spread import predict_with_spread
from remanence.science.training_region import TrainingRegion, Whereabouts
from remanence.training.intervals import Intervals

Values = NDArray[np.float64]


class Model(Protocol):
    """What every fitted model on a table can do."""

    hparams: Any
    """Arguments that build the model again."""

    def predict(self, x: Values) -> Values:
        """Predict targets (rows, n_targets) from inputs (rows, n_features), both in physical units."""
        ...


@dataclass
class FoldResult:
    """One outer fold: predictions for its parts, and the model that predicted the test rows."""

    model: Model
    predicted: dict[str, tuple[Rows, Values]]
    """Part (``train``, ``val`` or ``test``) to its rows and their predictions (rows, targets). No model has trained on
    the rows that it predicts for ``val`` and ``test``."""
    half_width: Values
    """Half width of the interval of each test row, in the order of ``predicted["test"]``, shape (rows, targets); NaN
    where there is no interval."""
    validated_spread: Values | None = None
    """Standard deviation of each prediction of ``val``, shape (rows, targets), where models have one."""
    scores: list[Values] = field(default_factory=list)
    """For each target, what the intervals were calibrated on: errors of held-out rows, in expected errors, sorted."""
    sizes: Values | None = None
    """Expected error of each test row, shape (rows, targets); times a factor, it is the half width."""


@dataclass
class Fitted:
    """All outer folds, and the model to keep."""

    model: Model
    folds: list[FoldResult]
    members: pd.DataFrame | None = None
    """One row per member of the ensembles."""
    history: dict[str, tuple[NDArray[np.int64], Values]] = field(default_factory=dict)
    """Name of a loss to its epochs (epochs,) and its values (epochs,) or (epochs, members)."""
    best_epoch: int | None = None
    epochs: int = 0
    """Number of epochs trained; 0 for a model without a training loop."""
    stack: int = 1
    """Number of runs whose networks were trained as one."""
    stacked: Any = None
    """All members of all folds as one network, in the order of ``members``; None where nothing was stacked."""
    coverage: float = 0.9
    """Nominal coverage of the intervals."""
    region: TrainingRegion | None = None
    """Where the rows are that ``model`` was fitted to."""
    intervals: Intervals | None = None
    """Intervals of ``model``; None if it has none, or one of constant width that it knows itself."""

    def predict_with_half_width(self, x: Values) -> tuple[Values, Values]:
        """Return predictions of ``model`` and the half widths of their intervals, see ``predict_with_half_width``."""
        where = None if self.region is None or self.intervals is None else self.region.locate(x)
        return predict_with_half_width(self.model, x, self.intervals, where)


def predict_with_half_width(
    model: Model, x: Values, intervals: Intervals | None = None, where: Whereabouts | None = None
) -> tuple[Values, Values]:
    """Return predictions of a model and the half widths of their intervals, both of shape (rows, targets).

    Args:
        model: fitted model; if it has intervals of its own, it has a method ``half_width``.
        x: inputs of the rows, shape (rows, inputs).
        intervals: intervals that were calibrated for the model.
        where: where the rows are, seen from those that it was fitted to.

    Returns:
        both in the units of the targets; a half width is NaN where the model has no interval, infinity where the rows
        were too few for one.
    """
    if intervals is not None and where is not None:
        predicted, spread = predict_with_spread(model, x)
        return predicted, intervals.half_width(predicted, where.distance, where.excess, spread)
    predicted = model.predict(x)
    return predicted, own_half_width(model, x, predicted)


def own_half_width(model: Model, x: Values, predicted: Values) -> Values:
    """Return the half width of the interval that a model knows itself, shape (rows, targets); NaN if it knows none.

    Args:
        model: fitted model; where it has a method ``half_width``, that has the same arguments and the same result.
        x: inputs of the rows, shape (rows, inputs).
        predicted: its predictions for them, shape (rows, targets).
    """
    own: Callable[[Values, Values], Values] | None = getattr(model, "half_width", None)
    return np.full(predicted.shape, np.nan) if own is None else own(x, predicted)


def held_out(folds: Sequence[FoldResult], y: Values) -> Values:
    """Return the prediction of each row by models that did not train on it, averaged over repeated folds.

    Args:
        folds: all outer folds.
        y: measured targets, shape (rows, targets); only the shape is used.

    Returns:
        predictions, shape (rows, targets); NaN for rows that no fold tests.
    """
    return _mean_over_folds([fold.predicted["test"] for fold in folds], y)


def held_out_half_width(folds: Sequence[FoldResult], y: Values) -> Values:
    """Return the half width of the interval of each row, averaged over the folds that test it.

    Each fold calibrates its own intervals.

    Args:
        folds: all outer folds.
        y: measured targets, shape (rows, targets); only the shape is used.

    Returns:
        half widths, shape (rows, targets); NaN for rows that no fold tests, and where a fold has no interval.
    """
    return _mean_over_folds([(fold.predicted["test"][0], fold.half_width) for fold in folds], y)


def _mean_over_folds(tested: Iterable[tuple[Rows, Values]], y: Values) -> Values:
    total, count = np.zeros_like(y), np.zeros((len(y), 1))
    for rows, values in tested:
        total[rows] += values
        count[rows] += 1
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
