"""What a fit leaves, whatever was fitted: predictions for rows that were trained on and for rows that were not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.splits import Rows

Values = NDArray[np.float64]


class Model(Protocol):
    """What every model on tables can do once it is fitted."""

    hparams: Any
    """Arguments that rebuild it."""

    def predict(self, x: Values) -> Values:
        """Predict targets (rows, n_targets) from inputs (rows, n_features), both in physical units."""
        ...


@dataclass
class FoldResult:
    """One outer fold: predictions of its parts, and the model that made those of the test."""

    model: Model
    predicted: dict[str, tuple[Rows, Values]]
    """``train``, ``val`` and ``test`` to rows and predictions (rows, targets). No model has trained on the rows that
    it predicts for ``val`` and ``test``."""
    half_width: Values
    """Of the interval of each target, shape (targets,); NaN where it is unavailable."""


@dataclass
class Fitted:
    """All outer folds, and the model to keep."""

    model: Model
    folds: list[FoldResult]
    half_width: Values
    """Of the intervals of ``model``, shape (targets,)."""
    members: pd.DataFrame | None = None
    """One row per member of the ensembles."""
    history: dict[str, tuple[NDArray[np.int64], Values]] = field(default_factory=dict)
    """Name of a loss to epochs (epochs,) and values (epochs,) or (epochs, members)."""
    best_epoch: int | None = None
    epochs: int = 0
    """Epochs trained; 0 without a training loop."""
    stacked: Any = None
    """All members of all folds as one network, in the order of ``members``; None where nothing was stacked."""


def held_out(folds: Sequence[FoldResult], y: Values) -> Values:
    """Return each row's prediction by models that never saw it, averaged over repeated folds.

    Args:
        folds: all outer folds.
        y: measured targets, for the shape (rows, targets).

    Returns:
        shape (rows, targets); NaN for rows that no fold tests.
    """
    total, count = np.zeros_like(y), np.zeros((len(y), 1))
    for fold in folds:
        rows, values = fold.predicted["test"]
        total[rows] += values
        count[rows] += 1
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
