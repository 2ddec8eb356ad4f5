"""Scores over folds: metrics of a model and its baselines on held-out rows, and the table of predictions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.folded_rows import FoldedRows
from remanence.foundation.names import free_names
from remanence.training.fitted import Fitted, FoldResult, held_out
from remanence.training.score import REPORTED, score_folds, score_members, target_names
from remanence.training.statistics import compare_errors


def all_metrics(fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows) -> dict[str, float]:
    """Return the metrics of the model, of its members and of every baseline.

    ``baseline/<name>/mae_difference`` is the MAE of the model minus the MAE of the baseline on the same held-out rows;
    ``p_value`` is that of a paired test. If there are several targets, each has both metrics.
    """
    metrics = score_folds(fitted, data.targets, data.y)
    if fitted.members is not None:
        metrics |= score_members(fitted.members, data.targets)
    own, names = held_out(fitted.folds, data.y), target_names(data.targets)
    for name, baseline in baselines.items():
        metrics |= {
            f"baseline/{name}/{key}": value for key, value in score_folds(baseline, data.targets, data.y).items()
        }
        other = held_out(baseline.folds, data.y)
        tested = np.isfinite(own[:, 0])
        for column, target in enumerate(data.targets):
            errors = [np.abs(values[tested, column] - data.y[tested, column]) for values in (own, other)]
            prefix = f"baseline/{name}/{names[target]}" if len(data.targets) > 1 else f"baseline/{name}"
            metrics |= {f"{prefix}/{key}": value for key, value in compare_errors(*errors).items()}
    return {key: value for key, value in metrics.items() if np.isfinite(value)}


def prediction_table(fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows) -> pd.DataFrame:
    """Return the test rows as they were read, with prediction, interval, error and relative error of every target.

    The number of the row comes first and the other columns last; one whose name the rows have already gets a number
    behind its name, such as ``row_2``.
    """
    own = held_out(fitted.folds, data.y)
    tested = np.flatnonzero(np.isfinite(own[:, 0]))
    added: list[tuple[str, NDArray[np.float64]]] = []
    # each fold calibrates its own interval; a row in the test of several folds gets the mean of their widths
    width = np.mean([fold.half_width for fold in fitted.folds], axis=0)
    for column, target in enumerate(data.targets):
        predicted, actual = own[tested, column], data.y[tested, column]
        added.append((f"{target}_predicted", predicted))
        if np.isfinite(width[column]):
            added += [(f"{target}_low", predicted - width[column]), (f"{target}_high", predicted + width[column])]
        added.append((f"{target}_error", predicted - actual))
        added.append((f"{target}_relative_error", relative_error(predicted, actual)))
    for name, baseline in baselines.items():
        other = held_out(baseline.folds, data.y)[tested]
        for column, target in enumerate(data.targets):
            added.append((f"{name}_{target}_predicted", other[:, column]))
    row, *names = free_names(["row", *(name for name, _ in added)], data.frame.columns)
    rows = data.frame.iloc[tested]
    own_columns = pd.DataFrame(np.stack([values for _, values in added], axis=1), columns=names, index=rows.index)
    return pd.concat([pd.DataFrame({row: tested}, index=rows.index), rows, own_columns], axis=1)


def relative_error(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the absolute error of each row over the measured value; NaN where that is 0."""
    error: NDArray[np.float64] = np.abs(predicted - actual) / np.where(actual == 0, np.nan, np.abs(actual))
    return error


def stand_in(data: FoldedRows, seed: int, model: Any = None) -> Fitted:
    """Return a fit with arbitrary predictions, intervals and members: its scores have the names of a real fit's.

    Args:
        data: rows and folds.
        seed: seed of the predictions; those of a baseline must differ from those of the model.
        model: the model to keep.
    """
    random = np.random.default_rng(seed)
    spread = data.y.std(axis=0) + 1e-9
    width = spread.copy()
    folds = []
    for fold in data.folds:
        parts = {"train": fold.train, "val": fold.validation, "test": fold.test}
        predicted = {
            part: (rows, data.y[rows] + spread * random.normal(size=data.y[rows].shape)) for part, rows in parts.items()
        }
        folds.append(FoldResult(model, {part: each for part, each in predicted.items() if len(each[0])}, width))
    members = pd.DataFrame({"target": data.targets, "fold": 0, "validated_on": 0, "val_loss": 0.0})
    for key in REPORTED:
        members[f"test_{key}"] = 0.5
    return Fitted(model, folds, width, members=members)
