"""Result of a fit, the same for every model: predictions for rows it trained on and for held-out rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.splits import Rows

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
    """Half width of the interval of each target, shape (targets,); NaN where there is no interval."""


@dataclass
class Fitted:
    """All outer folds, and the model to keep."""

    model: Model
    folds: list[FoldResult]
    half_width: Values
    """Half width of the intervals of ``model``, shape (targets,)."""
    members: pd.DataFrame | None = None
    """One row per member of the ensembles."""
    history: dict[str, tuple[NDArray[np.int64], Values]] = field(default_factory=dict)
    """Name of a loss to its epochs (epochs,) and its values (epochs,) or (epochs, members)."""
    best_epoch: int | None = None
    epochs: int = 0
    """Number of epochs trained; 0 for a model without a training loop."""
    stacked: Any = None
    """All members of all folds as one network, in the order of ``members``; None where nothing was stacked."""


def held_out(folds: Sequence[FoldResult], y: Values) -> Values:
    """Return the prediction of each row by models that did not train on it, averaged over repeated folds.

    Args:
        folds: all outer folds.
        y: measured targets, shape (rows, targets); only the shape is used.

    Returns:
        predictions, shape (rows, targets); NaN for rows that no fold tests.
    """
    total, count = np.zeros_like(y), np.zeros((len(y), 1))
    for fold in folds:
        rows, values = fold.predicted["test"]
        total[rows] += values
        count[rows] += 1
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
