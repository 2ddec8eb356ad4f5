"""Scores over folds: metrics of a model and its baselines on held-out rows, and the table of predictions."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from remanence.data.folded_rows import FoldedRows
from remanence.data.splits import Fold
from remanence.foundation.names import free_names
from remanence.training.fitted import Fitted, FoldResult, held_out, held_out_half_width
from remanence.training.fold_comparison import corrected_t_test, holm, overlap
from remanence.training.score import REPORTED, score_folds, score_members, target_names

DIGITS = 16
"""Digits of the digest that tells whether two folds hold out the same rows."""


def all_metrics(fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows) -> dict[str, float]:
    """Return the metrics of the model, of its members and of every baseline.

    ``baseline/<name>/mae_difference`` is the mean over folds of the MAE of the model minus that of the baseline, and
    ``p`` is that of its test, corrected for the training rows that folds share and for the number of baselines; it is
    missing with a single fold. If there are several targets, each has both, the first one under the plain name as well.
    ``p_value`` is the name that earlier releases gave to the p of another test.
    """
    metrics = score_folds(fitted, data.targets, data.y)
    if fitted.members is not None:
        metrics |= score_members(fitted.members, data.targets)
    for name, baseline in baselines.items():
        own = score_folds(baseline, data.targets, data.y)
        metrics |= {f"baseline/{name}/{key}": value for key, value in own.items()}
    for target, compared in _compared(fitted, baselines, data).items():
        for name, values in compared.items():
            metrics |= {f"baseline/{name}/{target}{key}": value for key, value in values.items()}
    return {key: value for key, value in metrics.items() if np.isfinite(value)}


def _compared(
    fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows
) -> dict[str, dict[str, dict[str, float]]]:
    """Return, for each target's part of a metric's name, the comparison with each baseline."""
    compared: dict[str, dict[str, dict[str, float]]] = {}
    names, ratio = target_names(data.targets), overlap(data.folds)
    for column, target in enumerate(data.targets):
        own = fold_errors(fitted, data, column)
        others = {name: fold_errors(baseline, data, column) for name, baseline in baselines.items()}
        p_values = holm({name: corrected_t_test(own, errors, ratio) for name, errors in others.items()})
        values = {
            name: {"mae_difference": float((own - errors).mean()), "p": p_values[name], "p_value": p_values[name]}
            for name, errors in others.items()
        }
        parts = [""] * (column == 0) + [f"{names[target]}/"] * (len(data.targets) > 1)
        compared |= dict.fromkeys(parts, values)
    return compared


def fold_errors(fitted: Fitted, data: FoldedRows, column: int) -> NDArray[np.float64]:
    """Return the mean absolute error of one target on the rows that each fold holds out, shape (folds,)."""
    held = [fold.predicted["test"] for fold in fitted.folds]
    return np.array([np.abs(values[:, column] - data.y[rows, column]).mean() for rows, values in held])


def fold_error_table(models: Mapping[str, Fitted], data: FoldedRows) -> pd.DataFrame:
    """Return how each model errs in each fold, with what tells whether another run has held out the same rows.

    Args:
        models: the fit of each model by its name, that of the run first.
        data: rows and folds.

    Returns:
        a row for each target, model and fold: ``target``, ``model``, ``fold``, ``mae``, the numbers of rows ``tested``
        and ``fitted``, and ``rows``, a digest of the places of the tested rows in the file and of what was measured.
    """
    digests = [_digest(data, fold) for fold in data.folds]
    rows = [
        {
            "target": target,
            "model": model,
            "fold": number,
            "mae": error,
            "tested": len(fold.test),
            "fitted": len(fold.fitting),
            "rows": digests[number],
        }
        for column, target in enumerate(data.targets)
        for model, fitted in models.items()
        for number, (fold, error) in enumerate(zip(data.folds, fold_errors(fitted, data, column), strict=True))
    ]
    return pd.DataFrame(rows)


def _digest(data: FoldedRows, fold: Fold) -> str:
    """Return a digest of the rows that a fold tests; equal inputs or columns are no part of it."""
    rows = np.sort(fold.test)
    digest = hashlib.sha256(repr(data.frame.index[rows].tolist()).encode())
    digest.update(np.ascontiguousarray(data.y[rows], dtype=np.float64).data)
    return digest.hexdigest()[:DIGITS]


def prediction_table(fitted: Fitted, baselines: Mapping[str, Fitted], data: FoldedRows) -> pd.DataFrame:
    """Return the test rows as they were read, with prediction, interval, error and relative error of every target.

    A target whose cells are text, such as 345±5, is the number that was taken, with its uncertainty in a column of its
    own. The number of the row comes first and the other columns last; one whose name the rows have already gets a
    number behind its name, such as ``row_2``.
    """
    own = held_out(fitted.folds, data.y)
    tested = np.flatnonzero(np.isfinite(own[:, 0]))
    added: list[tuple[str, NDArray[np.float64]]] = []
    half_width = held_out_half_width(fitted.folds, data.y)[tested]
    rows = data.frame.iloc[tested].copy(deep=False)
    for column, target in enumerate(data.targets):
        predicted, actual = own[tested, column], data.y[tested, column]
        if not is_numeric_dtype(rows[target]):
            rows[target] = actual
            if data.uncertainty is not None:
                added.append((f"{target}_uncertainty", data.uncertainty[tested, column]))
        added.append((f"{target}_predicted", predicted))
        if np.isfinite(width := half_width[:, column]).any():
            added += [(f"{target}_low", predicted - width), (f"{target}_high", predicted + width)]
        added.append((f"{target}_error", predicted - actual))
        added.append((f"{target}_relative_error", relative_error(predicted, actual)))
    for name, baseline in baselines.items():
        other = held_out(baseline.folds, data.y)[tested]
        for column, target in enumerate(data.targets):
            added.append((f"{name}_{target}_predicted", other[:, column]))
    row, *names = free_names(["row", *(name for name, _ in added)], data.frame.columns)
    own_columns = pd.DataFrame(np.stack([values for _, values in added], axis=1), columns=names, index=rows.index)
    return pd.concat([pd.DataFrame({row: tested}, index=rows.index), rows, own_columns], axis=1)


def relative_error(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the absolute error of each row over the measured value; NaN where that is 0."""
    error: NDArray[np.float64] = np.abs(predicted - actual) / np.where(actual == 0, np.nan, np.abs(actual))
    return error


def stand_in(data: FoldedRows, seed: int) -> Fitted:
    """Return a fit with arbitrary predictions, intervals and members: its scores have the names of a real fit's.

    Args:
        data: rows and folds.
        seed: seed of the predictions; those of a baseline must differ from those of the model.
    """
    model: Any = None  # nobody predicts with it
    random = np.random.default_rng(seed)
    spread = data.y.std(axis=0) + 1e-9
    folds = []
    for fold in data.folds:
        parts = {"train": fold.train, "val": fold.validation, "test": fold.test}
        predicted = {
            part: (rows, data.y[rows] + spread * random.normal(size=data.y[rows].shape)) for part, rows in parts.items()
        }
        folds.append(
            FoldResult(
                model,
                {part: each for part, each in predicted.items() if len(each[0])},
                np.tile(spread, (len(fold.test), 1)),
            )
        )
    members = pd.DataFrame({"target": data.targets, "fold": 0, "validated_on": 0, "val_loss": 0.0})
    for key in REPORTED:
        members[f"test_{key}"] = 0.5
    return Fitted(model, folds, members=members)
