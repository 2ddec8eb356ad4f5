"""One run: fit a model and its baselines to the same rows, score them alike, log what they leave."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pytorch_lightning import LightningModule, Trainer

from remanence.data.table import Table
from remanence.figures.loss_curves import plot_loss_curves
from remanence.figures.parity import plot_parity
from remanence.tracking.logged_model import log_model
from remanence.tracking.run import Run
from remanence.training.checkpoint import Checkpoint
from remanence.training.fit import Model, fit
from remanence.training.score import metric_name, score

PARTS = {"train": "train", "validation": "val", "test": "test"}
"""Part of the data to prefix of its metrics."""


def run(
    data: Table,
    model: Model,
    trainer: Trainer,
    *,
    tracked: Run,
    baselines: Mapping[str, Model],
    resume_from: Path | None = None,
) -> dict[str, float]:
    """Fit, test on the best weights, draw, and log the model once.

    Args:
        data: opened.
        model: a network or an estimator; both go the same way.
        trainer: used by networks only.
        tracked: where everything is logged.
        baselines: name to model; logged as ``baseline/<name>/test/r2`` and so on.
        resume_from: checkpoint of an interrupted training.

    Returns:
        all final metrics.
    """
    began = time.perf_counter()
    fit(model, data, trainer, resume_from=resume_from)
    tracked.client.set_tag(tracked.id, "remanence.fit_seconds", f"{time.perf_counter() - began:.2f}")
    predicted = {part: model.predict(data.part(part)[0]) for part in PARTS}
    metrics = _score(data, predicted)
    columns = {"": predicted["test"]}
    for name, baseline in baselines.items():
        fit(baseline, data)
        held_out = {part: baseline.predict(data.part(part)[0]) for part in PARTS}
        metrics |= {f"baseline/{name}/{key}": value for key, value in _score(data, held_out).items()}
        columns[f"{name}_"] = held_out["test"]
    tracked.log_metrics(metrics, step=trainer.current_epoch)
    tracked.log_table(_predictions(data, columns), "test_predictions")
    _draw(data, predicted, metrics, model, trainer, tracked)
    log_model(tracked, model, data.columns, data.frame.iloc[data.fold.test[:3]], step=trainer.current_epoch)
    return metrics


def _score(data: Table, predicted: Mapping[str, np.ndarray]) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for part, prefix in PARTS.items():
        metrics |= score(prefix, data.targets, data.part(part)[1], predicted[part])
    return metrics


def _predictions(data: Table, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the test rows as read, with what each model predicts for them."""
    table = data.frame.iloc[data.fold.test].copy()
    table.insert(0, "row", data.fold.test)
    for prefix, values in columns.items():
        for index, target in enumerate(data.targets):
            table[f"{prefix}{target}_predicted"] = values[:, index]
    return table


def _draw(
    data: Table,
    predicted: Mapping[str, np.ndarray],
    metrics: Mapping[str, float],
    model: Model,
    trainer: Trainer,
    tracked: Run,
) -> None:
    marked = " (synthetic data)" if data.synthetic else ""
    for index, target in enumerate(data.targets):
        name = metric_name(target)
        prefix = f"test/{name}" if len(data.targets) > 1 else "test"
        figure, _ = plot_parity(
            {prefix: data.part(part)[1][:, index] for part, prefix in PARTS.items()},
            {prefix: predicted[part][:, index] for part, prefix in PARTS.items()},
            label=data.columns.label(target),
            title=f"{type(model).__name__}{marked}",
            note=f"test R² {metrics[f'{prefix}/r2']:.3f}\nRMSE {metrics[f'{prefix}/rmse']:.3g}",
        )
        tracked.log_figure(figure, f"parity_{name}")
    if isinstance(model, LightningModule):
        checkpoint = next(callback for callback in trainer.callbacks if isinstance(callback, Checkpoint))  # type: ignore[attr-defined]
        curves = {key: tracked.history(key) for key in ("train/loss", "val/loss")}
        figure, _ = plot_loss_curves(
            {key: curve for key, curve in curves.items() if len(curve[0])},
            best_epoch=checkpoint.best_epoch,
            title=f"{type(model).__name__}{marked}",
        )
        tracked.log_figure(figure, "loss_curves")
