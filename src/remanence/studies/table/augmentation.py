"""The paper's augmentation: draw inputs, label them by the network itself, and train again on all rows."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pytorch_lightning import LightningModule
from scipy import stats

from remanence.data.opened_table import OpenedTable
from remanence.foundation.names import metric_names
from remanence.science.augmentation import augment
from remanence.training.fitted import Fitted
from remanence.training.options import Augmentation as Settings
from remanence.training.score import regression_metrics, target_names
from remanence.training.stacked.stacked_trainer import Drawn, StackedTrainer

Values = NDArray[np.float64]


@dataclass
class Augmentation:
    """The result of a second training run on augmented rows, beside the first."""

    base: Fitted
    """Fit of the first training run, on the measured rows only."""
    fitted: Fitted
    """Fit of the second training run, on measured and drawn rows."""
    before: Values
    """Measured inputs outside the first fold's test, shape (rows, inputs)."""
    after: Values
    """Measured inputs of ``before`` and the drawn inputs, shape (rows, inputs)."""
    tests: dict[str, float]
    """p values: ``shapiro_p/<input>`` of the measured inputs, ``ks_p/<input>`` of drawn against measured inputs."""


def fit_augmented(
    model: LightningModule, data: OpenedTable, trainer: StackedTrainer, settings: Settings
) -> Augmentation:
    """Train on the measured rows, draw new rows, label them by the mean of the networks, and train again on both.

    For each fold, rows are drawn around the measured rows outside the test and labelled by the ensemble of this fold,
    so that the second training gets nothing from the test. Drawn rows are only trained on, never used for validation.

    Args:
        model: untrained model.
        data: rows, and the folds that hold some of them out. z-scores are taken within ``data.groups``; without it,
            within the column ``series``; without this, over all rows.
        trainer: trainer of both training runs.
        settings: ``kind``, ``n_augmented``, ``sigma`` and ``seed``, see ``conf/augmentation``.
    """
    base = replace(trainer, report=None).fit(model, data)  # a search's objective is that of the second training
    groups = _groups(data)
    drawn = []
    for number, (fold, result) in enumerate(zip(data.folds, base.folds, strict=True)):
        rows = fold.fitting
        x, chosen = augment(data.x[rows], groups[rows], **{**vars(settings), "seed": settings.seed + number})
        drawn.append(Drawn(x, result.model.predict(x), rows[chosen]))
    before = data.x[data.folds[0].fitting]
    names = list(metric_names(data.columns.inputs).values())
    tests = {
        f"shapiro_p/{name}": float(stats.shapiro(column).pvalue) for name, column in zip(names, before.T, strict=True)
    }
    for name, measured, new in zip(names, before.T, drawn[0].x.T, strict=True):
        tests[f"ks_p/{name}"] = float(stats.ks_2samp(measured, new).pvalue)
    fitted = trainer.fit(model, data, drawn)
    return Augmentation(base, fitted, before, np.concatenate([before, drawn[0].x]), tests)


def agreement(first: Values, second: Values, data: OpenedTable) -> dict[str, float]:
    """Return how far the predictions of two models differ, in standard deviations of the measured target.

    Args:
        first: predictions of the first model for all rows, shape (rows, targets).
        second: predictions of the second model for all rows, shape (rows, targets).
        data: opened data, for the spread of the measured targets.
    """
    metrics: dict[str, float] = {}
    scale, names = data.y.std(axis=0), target_names(data.targets)
    for column, target in enumerate(data.targets):
        prefix = f"agreement/{names[target]}" if len(data.targets) > 1 else "agreement"
        values = regression_metrics(first[:, column] / scale[column], second[:, column] / scale[column])
        metrics |= {f"{prefix}/{key}": values[key] for key in ("r2", "rmse", "mae")}
    return metrics


def _groups(data: OpenedTable) -> NDArray[np.str_]:
    column = data.column(data.groups or "series")
    return np.full(len(data.x), "all") if column is None else column.astype(str).to_numpy(dtype=str)
