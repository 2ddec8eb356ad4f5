"""Scores over folds: metrics of a model and its baselines on held-out rows, and the table of predictions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from remanence.data.folded_rows import FoldedRows
from remanence.training.fitted import Fitted, FoldResult, held_out
from remanence.training.score import REPORTED, metric_name, score_folds, score_members
from remanence.training.statistics import compare_errors


def all_metrics(fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows) -> dict[str, float]:
    """Return the metrics of the model, of its members and of every baseline.

    ``baseline/<name>/mae_difference`` is the MAE of the model minus the MAE of the baseline on the same held-out rows;
    ``p_value`` is that of a paired test. If there are several targets, each has both metrics.
    """
    metrics = score_folds(fitted, data.targets, data.y)
    if fitted.members is not None:
        metrics |= score_members(fitted.members, data.targets)
    own = held_out(fitted.folds, data.y)
    for name, baseline in baselines.items():
        metrics |= {
            f"baseline/{name}/{key}": value for key, value in score_folds(baseline, data.targets, data.y).items()
        }
        other = held_out(baseline.folds, data.y)
        tested = np.isfinite(own[:, 0])
        for column, target in enumerate(data.targets):
            errors = [np.abs(values[tested, column] - data.y[tested, column]) for values in (own, other)]
            prefix = f"baseline/{name}/{metric_name(target)}" if len(data.targets) > 1 else f"baseline/{name}"
            metrics |= {f"{prefix}/{key}": value for key, value in compare_errors(*errors).items()}
    return {key: value for key, value in metrics.items() if np.isfinite(value)}


def prediction_table(fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows) -> pd.DataFrame:
    """Return the test rows as they were read, with prediction, interval, error and relative error of every target."""
    own = held_out(fitted.folds, data.y)
    tested = np.flatnonzero(np.isfinite(own[:, 0]))
    table = data.frame.iloc[tested].copy()
    table.insert(0, "row", tested)
    # each fold calibrates its own interval; a row in the test of several folds gets the mean of their widths
    width = np.mean([fold.half_width for fold in fitted.folds], axis=0)
    for column, target in enumerate(data.targets):
        predicted, actual = own[tested, column], data.y[tested, column]
        table[f"{target}_predicted"] = predicted
        if np.isfinite(width[column]):
            table[f"{target}_low"], table[f"{target}_high"] = predicted - width[column], predicted + width[column]
        table[f"{target}_error"] = predicted - actual
        table[f"{target}_relative_error"] = np.abs(predicted - actual) / np.where(actual == 0, np.nan, np.abs(actual))
    for name, baseline in baselines.items():
        other = held_out(baseline.folds, data.y)[tested]
        for column, target in enumerate(data.targets):
            table[f"{name}_{target}_predicted"] = other[:, column]
    return table


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
