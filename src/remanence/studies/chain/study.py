"""Predicting the properties of every scale of a chain."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule

from remanence.data.nested.chain import Chain
from remanence.errors import ConfigurationError
from remanence.models.nested_ae import NestedAE
from remanence.studies.chain.fit import FittedChain, fit_chain
from remanence.studies.chain.illustrate import illustrate_chain, illustrate_fits
from remanence.studies.chain.interpret import interpret
from remanence.studies.chain.log_model import log_chain
from remanence.studies.chain.report import print_report
from remanence.studies.chain.scores import chain_metrics, fold_table, prediction_tables
from remanence.tracking.run import Run
from remanence.training.fit import fit_estimator
from remanence.training.fitted import Fitted
from remanence.training.stacked_trainer import StackedTrainer


class Nested:
    """The study of a ``Chain``.

    Args:
        data: opened.
        tracked: the run, where everything is logged.
    """

    def __init__(self, data: Chain, tracked: Run) -> None:
        self.data, self.tracked = data, tracked
        self.trainer: StackedTrainer | None = None

    def fit(self, model: Any, trainer: Any, *, resume_from: Path | None = None) -> FittedChain:
        """Fit the chain of the run; ``fit_baseline`` fits the others. It finds its own checkpoints."""
        if not isinstance(model, NestedAE) or not isinstance(trainer, StackedTrainer):
            raise ConfigurationError("model: a chain of tables needs a nested_ae; other models stand beside it")
        self.trainer = trainer
        return fit_chain(model, self.data, trainer)

    def fit_baseline(self, model: Any) -> dict[str, Fitted]:
        """Fit a model to the rows of each scale by itself, with the inputs of all finer scales, on the same folds.

        Returns:
            scale to its fit; of a single autoencoder without the finest scales, of which a chain is one as well.
        """
        fits = {}
        for name, level in self.data.levels.items():
            own = type(model)(**{**model.hparams, **level.shape})
            if not isinstance(own, LightningModule):
                fits[name] = fit_estimator(own, level)
            elif len(level.inputs) > 1:
                assert self.trainer is not None  # the run's own model is fitted first
                fits[name] = self.trainer.for_baseline(level).fit(own, level)
        return fits

    def score(self, fitted: FittedChain, references: Mapping[str, Mapping[str, Fitted]]) -> dict[str, float]:
        """Return all final metrics, ``test/<scale>/mae`` and so on."""
        return chain_metrics(fitted, references, self.data)

    def show(
        self,
        fitted: FittedChain,
        references: Mapping[str, Mapping[str, Fitted]],
        metrics: Mapping[str, float],
        *,
        brief: bool,
    ) -> None:
        """Log tables and figures; ``brief``: parity and errors of the folds only, and no interpretation."""
        for name, table in prediction_tables(fitted, references, self.data).items():
            self.tracked.log_table(table, f"test_predictions_{name}")
        self.tracked.log_table(fold_table(fitted, references, self.data), "fold_errors")
        illustrate_fits(self.tracked, fitted, references, self.data, metrics)
        if not brief:
            illustrate_chain(self.tracked, fitted, self.data)
            interpret(self.tracked, fitted, self.data)

    def log_model(self, fitted: FittedChain) -> None:
        """Log the whole chain as one model."""
        log_chain(self.tracked, fitted, self.data)

    def report(self, metrics: Mapping[str, float], baselines: list[str], *, brief: bool) -> None:
        """Print every scale beside its baselines."""
        print_report(self.tracked, metrics, baselines, self.data, brief=brief)
