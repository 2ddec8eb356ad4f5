"""Predicting properties of a table's rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pytorch_lightning import Trainer
from torch import nn

from remanence.data.nbbt import NBBT
from remanence.data.table import Table
from remanence.studies.table.augmentation import Augmentation, fit_augmented
from remanence.studies.table.illustrate import (
    illustrate_augmentation,
    illustrate_campaign,
    illustrate_errors,
    illustrate_fit,
)
from remanence.studies.table.importance import integrated_gradients, permutation_importance
from remanence.studies.table.report import print_report
from remanence.studies.table.scores import (
    all_metrics,
    architecture,
    augmentation_metrics,
    lph_correlations,
    prediction_table,
)
from remanence.tracking.logged_model import log_model
from remanence.tracking.run import Run
from remanence.training.fit import fit
from remanence.training.fitted import Fitted
from remanence.training.stacked_trainer import StackedTrainer


class Regression:
    """The study of a ``Table``.

    Args:
        data: opened.
        tracked: the run, where everything is logged.
        augmentation: settings of a second training on drawn rows, see ``conf/augmentation``; None for none.
    """

    def __init__(self, data: Table, tracked: Run, *, augmentation: Mapping[str, Any] | None = None) -> None:
        self.data, self.tracked, self.augmentation = data, tracked, augmentation
        self.augmented: Augmentation | None = None

    def fit(self, model: Any, trainer: Trainer | StackedTrainer | None, *, resume_from: Path | None = None) -> Fitted:
        """Fit the model of the run; ``fit_baseline`` fits the others."""
        if self.augmentation is None:
            fitted = fit(model, self.data, trainer, resume_from=resume_from)
        else:
            assert isinstance(trainer, StackedTrainer)  # see ``choose_trainer``
            self.augmented = fit_augmented(model, self.data, trainer, self.augmentation)
            fitted = self.augmented.fitted
        return fitted

    def fit_baseline(self, model: Any) -> Fitted:
        """Fit a model without a training loop to the same rows."""
        return fit(model, self.data)

    def score(self, fitted: Fitted, references: Mapping[str, Fitted]) -> dict[str, float]:
        """Return all final metrics."""
        metrics = all_metrics(fitted, references, self.data)
        if self.augmented is not None:
            metrics |= augmentation_metrics(self.augmented, self.data)
        return metrics

    def show(
        self, fitted: Fitted, references: Mapping[str, Fitted], metrics: Mapping[str, float], *, brief: bool
    ) -> None:
        """Log tables and figures; ``brief``: parity and losses only, and no importance of the inputs."""
        if fitted.epochs and not fitted.history:  # Lightning's losses are with the run, those before a resume too
            fitted.history = {key: self.tracked.history(key) for key in ("train/loss", "val/loss")}
        predictions = prediction_table(fitted, references, self.data)
        self.tracked.log_table(predictions, "test_predictions")
        if fitted.members is not None:
            self.tracked.log_table(fitted.members, "members")
        illustrate_fit(self.tracked, fitted, self.data, metrics)
        if brief:
            return
        self._explain(fitted, predictions)
        if self.augmented is not None:
            illustrate_augmentation(self.tracked, self.augmented, self.data)
        if isinstance(self.data, NBBT):
            self.tracked.log_table(lph_correlations(self.data), "lph_correlations")
            illustrate_campaign(self.tracked, self.data)

    def log_model(self, fitted: Fitted) -> None:
        """Log the model with the meaning of its columns."""
        example = self.data.frame.iloc[self.data.fold.test[:3]]
        log_model(self.tracked, fitted.model, self.data.columns, example, step=fitted.epochs)

    def report(self, metrics: Mapping[str, float], baselines: list[str], *, brief: bool) -> None:
        """Print the network beside its baselines."""
        print_report(self.tracked, metrics, baselines, self.data, brief=brief)

    def _explain(self, fitted: Fitted, predictions: pd.DataFrame) -> None:
        """Log what the model leans on, where it errs, and what it is made of."""
        importance = {"permutation": permutation_importance(fitted, self.data)}
        if isinstance(fitted.model, nn.Module):
            importance["integrated_gradients"] = integrated_gradients(fitted.model, self.data)
        importance = {name: table for name, table in importance.items() if len(table)}
        for name, table in importance.items():
            self.tracked.log_table(table, f"importance_{name}")
        self.tracked.log_table(architecture(fitted.model), "architecture")
        illustrate_errors(self.tracked, fitted, self.data, predictions, importance)
