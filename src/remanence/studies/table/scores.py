"""Scores of the fits of a table: metrics of the model and its baselines, and held-out predictions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from remanence.data.opened_table import OpenedTable
from remanence.foundation.names import NETWORK
from remanence.studies.fold_scores import all_metrics, fold_error_table, prediction_table
from remanence.studies.model_metrics import logged_metrics, model_table
from remanence.studies.table.augmentation import Augmentation, agreement
from remanence.studies.table.fit import TableFit
from remanence.training.correlations import correlations
from remanence.training.fitted import Fitted
from remanence.training.score import score_folds, target_names

COMPOSITION = ["series", "x", "dopant"]
"""Columns of the simulated campaign that name a composition of a series."""


@dataclass(frozen=True)
class TableScores:
    """The scores of a model and its baselines."""

    metrics: dict[str, float]
    predictions: pd.DataFrame
    """Table of the held-out rows with prediction, interval and error of every target."""
    models: pd.DataFrame
    """All metrics of the model and its baselines, see ``model_table``."""
    fold_errors: pd.DataFrame
    """Errors of the model and its baselines in each fold, see ``fold_error_table``."""
    first_target: str | None
    """Name in metrics of the first of several targets."""

    def logged(self, objectives: Collection[str]) -> dict[str, float]:
        """Return the metrics that the run logs, see ``logged_metrics``."""
        return logged_metrics(self.metrics, first_target=self.first_target, objectives=objectives)


def score_table(fitted: TableFit, references: Mapping[str, TableFit], data: OpenedTable) -> TableScores:
    """Score the model of a run beside its baselines."""
    metrics = all_metrics(fitted, references, data) | noise_floors(data)
    if fitted.augmentation is not None:
        metrics |= augmentation_metrics(fitted.augmentation, data)
    if fitted.network is not None:
        metrics |= network_metrics(fitted.network, data)
    first = target_names(data.targets)[data.targets[0]] if len(data.targets) > 1 else None
    predictions = prediction_table(fitted, references, data)
    errors = fold_error_table({"this run": fitted, **references}, data)
    return TableScores(metrics, predictions, model_table(metrics, list(references)), errors, first)


def network_metrics(network: Fitted, data: OpenedTable) -> dict[str, float]:
    """Return the test metrics of the networks inside a blend, ``test/network/r2`` and so on."""
    scores = score_folds(network, data.targets, data.y)
    own = {key.removeprefix("test/"): value for key, value in scores.items() if key.startswith("test/")}
    return {f"test/{NETWORK}/{key}": value for key, value in own.items() if np.isfinite(value)}


def noise_floors(data: OpenedTable) -> dict[str, float]:
    """Return ``test/noise_floor`` of each target, in its unit, if there are rows with equal inputs."""
    floors, names = data.equal.noise_floor(data.y), target_names(data.targets)
    metrics = {"test/noise_floor": float(floors[0])}
    if len(names) > 1:
        metrics |= {f"test/{names[name]}/noise_floor": float(floors[column]) for column, name in enumerate(names)}
    return {key: value for key, value in metrics.items() if np.isfinite(value)}


def augmentation_metrics(augmented: Augmentation, data: OpenedTable) -> dict[str, float]:
    """Return the first network's metrics under ``base/``, its agreement with the second, and the tests of the rows."""
    base = {f"base/{key}": value for key, value in score_folds(augmented.base, data.targets, data.y).items()}
    agreed = agreement(augmented.base.model.predict(data.x), augmented.fitted.model.predict(data.x), data)
    tests = {f"augmentation/{key}": value for key, value in augmented.tests.items()}
    return {key: value for key, value in {**base, **agreed, **tests}.items() if np.isfinite(value)}


def lph_correlations(data: OpenedTable) -> pd.DataFrame:
    """Correlate LPHslope with eps_r and d33 over all compositions, whichever property the model predicts.

    A composition counts once, by the means of its replicates: these share what is to be correlated, so that a p value
    over ceramics would shrink with their number alone.
    """
    measured = data.frame[[*COMPOSITION, "lph_slope", "eps_r", "d33"]]
    means = measured.groupby(COMPOSITION, sort=False).mean()
    properties = {name: means[name].to_numpy(dtype=float) for name in ("eps_r", "d33")}
    return correlations(means["lph_slope"].to_numpy(dtype=float), properties)


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
