"""Predicting the properties of every scale of a chain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule

from remanence.configuration.configuration import Configuration
from remanence.data.nested.opened_chain import OpenedChain
from remanence.errors import ConfigurationError
from remanence.models.nested_ae import NestedAE
from remanence.studies.chain.fit import FittedChain, fit_chain
from remanence.studies.chain.illustrate import illustrate_chain, illustrate_fits
from remanence.studies.chain.interpret import interpret
from remanence.studies.chain.log_model import log_chain
from remanence.studies.chain.report import print_report
from remanence.studies.chain.scores import ChainScores, score_chain
from remanence.studies.kind import MakeTrainer
from remanence.tracking.run import Run
from remanence.training.fit import fit_estimator
from remanence.training.fitter import Fitter
from remanence.training.options import Ensemble
from remanence.training.ranks import Ranks
from remanence.training.seen_rows import Seen, seen_by_members
from remanence.training.stacked_trainer import StackedTrainer
from remanence.training.trainer import build_stacked_trainer, check_stacked
from remanence.training.untrained_shapes import Shapes, stacked_shapes


class ChainStudy:
    """The study of a chain of scales.

    Args:
        data: scales with their rows and folds.
        cfg: checked configuration; ``trainer``, ``callbacks``, ``ensemble`` and ``seed`` are read.
    """

    def __init__(self, data: OpenedChain, cfg: Configuration) -> None:
        self.data, self.cfg = data, cfg

    @property
    def _ensemble(self) -> Ensemble:
        """How many networks a scale has; each of them predicts all its properties."""
        return replace(self.cfg.ensemble, per_target=False)

    def make_trainer(self, model: Any, ranks: Ranks) -> MakeTrainer:
        """Return what makes the stacked trainer."""
        if not isinstance(model, NestedAE):
            raise ConfigurationError(
                f"model: {type(model).__name__} is no chain of scales; take a nested_ae, other models stand beside it"
            )
        stacks = [(model.ending_in(name), rows) for name, rows in self.data.rows.items()]
        check_stacked(stacks, self.cfg.trainer, self._ensemble, ranks, seed=self.cfg.seed)
        return partial(
            build_stacked_trainer,
            self.cfg.trainer,
            self.cfg.callbacks,
            self._ensemble,
            seed=self.cfg.seed,
            batch_size=self.data.coarsest.batch_size,
            ranks=ranks,
            scale_on_all=self.data.scalers == "all",
        )

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Refuse a network that cannot be stacked."""
        if isinstance(baseline, LightningModule) and not callable(getattr(baseline, "row_loss", None)):
            kind = type(baseline).__name__
            raise ConfigurationError(f"baselines.{name}: {kind} has no row_loss(x, y) to be stacked with; leave it out")

    def untrained_shapes(self, model: NestedAE) -> dict[str, Shapes]:
        """Return the shapes of the stack of each scale."""
        seed = self.cfg.seed
        return {
            name: stacked_shapes(model.ending_in(name), rows, self._ensemble, seed=seed)
            for name, rows in self.data.rows.items()
        }

    def rows_seen(self) -> dict[tuple[str, str], list[Seen]]:
        """Return the rows of every member of each scale, which is known by its name and the content of its table."""
        return {
            (name, rows.source.digest): seen_by_members(rows, self._ensemble) for name, rows in self.data.rows.items()
        }

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether the training is still to begin."""
        return resume_from is None

    def fit(self, model: Any, trainer: Fitter | None, *, resume_from: Path | None = None) -> FittedChain:
        """Fit the chain, which finds its own checkpoints."""
        assert isinstance(trainer, StackedTrainer)  # see ``make_trainer``
        return fit_chain(model, self.data, trainer)

    def fit_baseline(self, model: Any, trainer: Fitter | None) -> FittedChain:
        """Fit a model to the rows of each scale by itself, with the inputs of all finer scales, on the same folds.

        A network that stands beside the chain, such as a single autoencoder, is not fitted to scales that stand on no
        other one: there it would be the chain's own network.
        """
        fits = {}
        for name, rows in self.data.rows.items():
            own = type(model)(**{**model.hparams, **rows.shape})
            if not isinstance(own, LightningModule):
                fits[name] = fit_estimator(own, rows)
            elif len(rows.inputs) > 1 and isinstance(trainer, StackedTrainer):
                fits[name] = trainer.for_baseline(rows).fit(own, rows)
        return FittedChain(fits, {})

    def score(self, fitted: FittedChain, references: Mapping[str, FittedChain]) -> ChainScores:
        """Return all final metrics, ``test/<scale>/mae`` and so on, and the tables of held-out rows and folds."""
        return score_chain(fitted, references, self.data)

    def show(
        self,
        tracked: Run,
        fitted: FittedChain,
        references: Mapping[str, FittedChain],
        scores: ChainScores,
        *,
        brief: bool,
    ) -> None:
        """Log tables and figures; ``brief``: parity and errors of the folds only, and no interpretation."""
        for name, table in scores.predictions.items():
            tracked.log_table(table, f"test_predictions_{name}")
        tracked.log_table(scores.fold_errors, "fold_errors")
        illustrate_fits(tracked, fitted, references, self.data, scores.metrics)
        if not brief:
            illustrate_chain(tracked, fitted, self.data)
            interpret(tracked, fitted, self.data)

    def log_model(self, tracked: Run, fitted: FittedChain) -> None:
        """Log the whole chain as one model."""
        log_chain(tracked, fitted, self.data)

    def report(self, tracked: Run, scores: ChainScores, baselines: Sequence[str], *, brief: bool) -> None:
        """Print every scale beside its baselines."""
        print_report(tracked, scores.metrics, baselines, self.data, brief=brief)
