"""One run: fit a model and its baselines to the same rows, score them alike, log what they leave."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pytorch_lightning import Trainer
from torch import nn

from remanence.data.nbbt import NBBT
from remanence.data.table import Table
from remanence.errors import ConfigurationError
from remanence.illustrate import illustrate_augmentation, illustrate_campaign, illustrate_errors, illustrate_fit
from remanence.results import all_metrics, architecture, augmentation_metrics, lph_correlations, prediction_table
from remanence.tracking.logged_model import log_model
from remanence.tracking.run import Run
from remanence.training.augmentation import fit_augmented
from remanence.training.fit import fit
from remanence.training.fitted import Fitted
from remanence.training.importance import integrated_gradients, permutation_importance
from remanence.training.stacked_trainer import StackedTrainer


def run(
    data: Table,
    model: Any,
    trainer: Trainer | StackedTrainer,
    *,
    tracked: Run,
    baselines: Mapping[str, Any],
    augmentation: Mapping[str, Any] | None = None,
    brief: bool = False,
    resume_from: Path | None = None,
) -> dict[str, float]:
    """Fit, test on rows held out, draw, and log the model once.

    Args:
        data: opened.
        model: a network or an estimator, untrained; both go the same way.
        trainer: used by networks only.
        tracked: where everything is logged.
        baselines: name to model; logged as ``baseline/<name>/test/r2`` and so on.
        augmentation: settings of a second training on drawn rows, see ``conf/augmentation``; None for none.
        brief: draw parity and losses only, and leave the importance of the inputs out.
        resume_from: checkpoint of an interrupted training by Lightning.

    Returns:
        all final metrics.
    """
    began = time.perf_counter()
    augmented = None
    if augmentation is None:
        fitted = fit(model, data, trainer, resume_from=resume_from)
    else:
        if not isinstance(trainer, StackedTrainer):
            raise ConfigurationError("augmentation: needs a network with stacked members; add ensemble=stacked")
        augmented = fit_augmented(model, data, trainer, augmentation)
        fitted = augmented.fitted
    if fitted.epochs and not fitted.history:  # Lightning's losses are with the run, those before a resume too
        fitted.history = {key: tracked.history(key) for key in ("train/loss", "val/loss")}
    tracked.client.set_tag(tracked.id, "remanence.fit_seconds", f"{time.perf_counter() - began:.2f}")
    references = {name: fit(baseline, data) for name, baseline in baselines.items()}
    metrics = all_metrics(fitted, references, data)
    if augmented is not None:
        metrics |= augmentation_metrics(augmented, data)
    tracked.log_metrics(metrics, step=fitted.epochs)
    predictions = prediction_table(fitted, references, data)
    tracked.log_table(predictions, "test_predictions")
    if fitted.members is not None:
        tracked.log_table(fitted.members, "members")
    illustrate_fit(tracked, fitted, data, metrics)
    if not brief:
        _explain(tracked, fitted, data, predictions)
        if augmented is not None:
            illustrate_augmentation(tracked, augmented, data)
        if isinstance(data, NBBT):
            tracked.log_table(lph_correlations(data), "lph_correlations")
            illustrate_campaign(tracked, data)
    log_model(tracked, fitted.model, data.columns, data.frame.iloc[data.fold.test[:3]], step=fitted.epochs)
    return metrics


def _explain(tracked: Run, fitted: Fitted, data: Table, predictions: pd.DataFrame) -> None:
    """Log what the model leans on, where it errs, and what it is made of."""
    importance = {"permutation": permutation_importance(fitted, data)}
    if isinstance(fitted.model, nn.Module):
        importance["integrated_gradients"] = integrated_gradients(fitted.model, data)
    importance = {name: table for name, table in importance.items() if len(table)}
    for name, table in importance.items():
        tracked.log_table(table, f"importance_{name}")
    tracked.log_table(architecture(fitted.model), "architecture")
    illustrate_errors(tracked, fitted, data, predictions, importance)
