"""Scores of the fits of a table: metrics of the model and its baselines, and held-out predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from remanence.data.opened_table import OpenedTable
from remanence.studies.fold_scores import all_metrics, prediction_table
from remanence.studies.table.augmentation import Augmentation, agreement
from remanence.studies.table.fit import TableFit
from remanence.training.score import score_folds
from remanence.training.statistics import correlations


@dataclass(frozen=True)
class TableScores:
    """The scores of a model and its baselines."""

    metrics: dict[str, float]
    predictions: pd.DataFrame
    """Table of the held-out rows with prediction, interval and error of every target."""


def score_table(fitted: TableFit, references: Mapping[str, TableFit], data: OpenedTable) -> TableScores:
    """Score the model of a run beside its baselines."""
    metrics = all_metrics(fitted, references, data)
    if fitted.augmentation is not None:
        metrics |= augmentation_metrics(fitted.augmentation, data)
    return TableScores(metrics, prediction_table(fitted, references, data))


def augmentation_metrics(augmented: Augmentation, data: OpenedTable) -> dict[str, float]:
    """Return the first network's metrics under ``base/``, its agreement with the second, and the tests of the rows."""
    base = {f"base/{key}": value for key, value in score_folds(augmented.base, data.targets, data.y).items()}
    agreed = agreement(augmented.base.model.predict(data.x), augmented.fitted.model.predict(data.x), data)
    tests = {f"augmentation/{key}": value for key, value in augmented.tests.items()}
    return {key: value for key, value in {**base, **agreed, **tests}.items() if np.isfinite(value)}


def lph_correlations(data: OpenedTable) -> pd.DataFrame:
    """Correlate LPHslope with eps_r and d33 over all samples, whichever property the model predicts."""
    properties = {name: data.frame[name].to_numpy(dtype=float) for name in ("eps_r", "d33")}
    return correlations(data.frame["lph_slope"].to_numpy(dtype=float), properties)


def architecture(model: Any) -> pd.DataFrame:
    """Return one row per part of a model that has weights: name, kind, shapes and number of weights of all members."""
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
