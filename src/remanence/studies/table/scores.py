"""From a fit to what a run shows: metrics of the model and its baselines, and the table of held-out predictions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from remanence.data.nbbt import NBBT
from remanence.data.table import Table
from remanence.studies.table.augmentation import Augmentation, agreement
from remanence.training.fitted import Fitted, held_out
from remanence.training.score import metric_name, score_folds, score_members
from remanence.training.statistics import compare_errors, correlations


def all_metrics(fitted: Fitted, baselines: Mapping[str, Fitted], data: Table) -> dict[str, float]:
    """Return the metrics of the model, those of its members, and those of every baseline beside it.

    ``baseline/<name>/mae_difference`` is the model's MAE minus the baseline's on the same held-out rows, with the
    ``p_value`` of a paired test; with several targets per target.
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


def prediction_table(fitted: Fitted, baselines: Mapping[str, Fitted], data: Table) -> pd.DataFrame:
    """Return the tested rows as read, with prediction, interval, error and relative error of every target."""
    own = held_out(fitted.folds, data.y)
    tested = np.flatnonzero(np.isfinite(own[:, 0]))
    table = data.frame.iloc[tested].copy()
    table.insert(0, "row", tested)
    # each fold calibrates its own interval; a row that several folds test gets their mean
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


def augmentation_metrics(augmented: Augmentation, data: Table) -> dict[str, float]:
    """Return the base network's metrics under ``base/``, its agreement with the second, and the tests of the rows."""
    base = {f"base/{key}": value for key, value in score_folds(augmented.base, data.targets, data.y).items()}
    agreed = agreement(augmented.base.model.predict(data.x), augmented.fitted.model.predict(data.x), data)
    tests = {f"augmentation/{key}": value for key, value in augmented.tests.items()}
    return {key: value for key, value in {**base, **agreed, **tests}.items() if np.isfinite(value)}


def lph_correlations(data: NBBT) -> pd.DataFrame:
    """Correlate the LPHslope of every sample with eps_r and d33, whatever the model predicts."""
    properties = {name: data.frame[name].to_numpy(dtype=float) for name in ("eps_r", "d33")}
    return correlations(data.frame["lph_slope"].to_numpy(dtype=float), properties)


def architecture(model: Any) -> pd.DataFrame:
    """Return one row per part of a model with weights: name, kind, shapes and number of weights; of all members."""
    if not isinstance(model, nn.Module):
        return pd.DataFrame([{"part": type(model).__name__, "kind": "estimator", "shape": "", "weights": ""}])
    rows = []
    for name, module in model.named_modules():
        weights = list(module.parameters(recurse=False))
        if weights or (name and not list(module.children()) and not list(module.buffers(recurse=False))):
            shapes = ", ".join("×".join(map(str, weight.shape)) for weight in weights)
            count = sum(weight.numel() for weight in weights)
            rows.append({"part": name, "kind": type(module).__name__, "shape": shapes, "weights": count})
    return pd.DataFrame(rows)
