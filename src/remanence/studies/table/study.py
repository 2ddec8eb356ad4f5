"""The study of a table: predicting properties of its rows."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.utilities.model_helpers import is_overridden
from torch import nn

from remanence.configuration.configuration import Configuration
from remanence.data.columns import Columns
from remanence.data.many_rows import many_fits
from remanence.data.opened_table import OpenedTable
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.foundation.threads import one_blas_thread
from remanence.studies.card import Cards
from remanence.studies.kind import MakeTrainer
from remanence.studies.known_rows import ROWS, KnownRows, told_fitted_before
from remanence.studies.row_scores import say
from remanence.studies.table.augmentation import fit_augmented
from remanence.studies.table.blend import blend_fits, check_blend, left_out
from remanence.studies.table.cards import table_cards
from remanence.studies.table.fit import TableFit
from remanence.studies.table.importance import integrated_gradients, permutation_importance
from remanence.studies.table.log_model import log_table_model
from remanence.studies.table.logged_model import TableModel
from remanence.studies.table.other_inputs import other_inputs
from remanence.studies.table.report import print_report
from remanence.studies.table.scores import TableScores, architecture, lph_correlations, score_table
from remanence.tracking.campaign import MEASURED_TAG, measured_tag
from remanence.tracking.run import Run
from remanence.training.calibrate import calibrate
from remanence.training.fit import SMALL, fit
from remanence.training.fitter import Fitter
from remanence.training.initial_weights import AUGMENTED, NETWORK, STACK
from remanence.training.ranks import Ranks
from remanence.training.score import check_lengths
from remanence.training.seen_rows import Seen, seen_by_members
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.trainer import (
    LightningFitter,
    build_stacked_trainer,
    build_trainer,
    check_row_loss,
    check_sharded,
    check_stacked,
    is_several,
    no_trainer,
)
from remanence.training.untrained_shapes import Shapes, shapes, stacked_shapes


class TableStudy:
    """The study of a table.

    Args:
        data: rows, and the folds that hold some of them out.
        cfg: checked configuration; ``trainer``, ``callbacks``, ``ensemble``, ``augmentation``, ``blend``
            and ``seed`` are read.
    """

    def __init__(self, data: OpenedTable, cfg: Configuration) -> None:
        self.data, self.cfg = data, cfg
        check_lengths(data.targets, cfg.baselines)
        check_blend(cfg.blend, list(cfg.baselines))
        self.augmentation = None if cfg.augmentation.kind == "none" else cfg.augmentation

    @property
    def _is_stacked(self) -> bool:
        """Whether the networks of this run are stacked, because there are several members or outer folds."""
        return is_several(self.cfg.ensemble) or len(self.data.folds) > 1

    @property
    def _others_choose(self) -> bool:
        """Whether no member's epoch is chosen by the rows that it validates."""
        return self.cfg.ensemble.epochs == "others" and self.cfg.ensemble.folds > 1

    def make_trainer(self, model: Any, ranks: Ranks) -> MakeTrainer:
        """Return the function that makes the trainer: stacked for several members or folds, else Lightning's."""
        cfg = self.cfg
        if isinstance(model, LightningModule) and self._is_stacked:
            check_stacked([(model, self.data)], cfg.trainer, cfg.ensemble, ranks, seed=cfg.seed)
            members = cfg.ensemble.folds * cfg.ensemble.repeats
            if said := many_fits(len(self.data.x), folds=len(self.data.folds), members=members):
                console.print(said)
            return partial(
                build_stacked_trainer,
                cfg.trainer,
                cfg.callbacks,
                cfg.ensemble,
                batch_size=self.data.batch_size,
                seed=cfg.seed,
                ranks=ranks,
            )
        if self.augmentation is not None:
            raise ConfigurationError("augmentation: needs a network with stacked members; add ensemble=stacked")
        if not isinstance(model, LightningModule):
            return no_trainer
        if not is_overridden("training_step", model):
            raise ConfigurationError(
                f"ensemble: {type(model).__name__} has no training_step, so it is trained as stacked members only; "
                "add ensemble=stacked"
            )
        check_sharded(cfg.trainer)

        def build(**tracked: Any) -> LightningFitter:
            return LightningFitter(build_trainer(cfg.trainer, cfg.callbacks, ranks=ranks, **tracked))

        return build

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Refuse a baseline network if the model is not stacked, because both use the same trainer."""
        if not isinstance(baseline, LightningModule):
            return
        check_row_loss(f"baselines.{name}", baseline, instead="leave it out")
        if not (self._is_stacked and isinstance(model, LightningModule)):
            raise ConfigurationError(
                f"baselines.{name}: {type(baseline).__name__} is a network, and stands only beside one with "
                f"stacked members; add ensemble=stacked and a network as model, or leave it out with ~baselines.{name}"
            )

    def untrained_shapes(self, model: Any) -> dict[str, Shapes]:
        """Return the shapes of the weights of the stack, or of the single network."""
        if self._is_stacked:
            return {STACK: stacked_shapes(model, self.data, self.cfg.ensemble, seed=self.cfg.seed)}
        return {NETWORK: shapes(model.state_dict())}

    def rows_seen(self) -> dict[tuple[str, str], list[Seen]]:
        """Return the rows that every member sees."""
        return {("", ""): seen_by_members(self.data, self.cfg.ensemble)}

    def other_inputs(self, described: Mapping[str, Any]) -> str:
        """Return in words which inputs a logged model has not, and which it has beyond those of the table."""
        return other_inputs(Columns(**described["columns"]).inputs, self.data.columns.inputs)

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether the last training has not begun yet; with augmentation, that is the one on drawn rows."""
        if resume_from is None or self.augmentation is None:
            return resume_from is None
        return not resume_from.with_name(f"{AUGMENTED}.ckpt").is_file()

    def fit(self, model: Any, trainer: Fitter | None, *, resume_from: Path | None = None) -> TableFit:
        """Fit the model to the rows outside the test of every fold."""
        if self.augmentation is not None and isinstance(trainer, StackedTrainer):
            augmentation = fit_augmented(model, self.data, trainer, self.augmentation)
            return self._calibrated(TableFit.of(augmentation.fitted, augmentation))
        used = trainer.trainer if isinstance(trainer, LightningFitter) else trainer
        assert used is None or isinstance(used, Trainer | StackedTrainer)  # see ``make_trainer``
        return self._calibrated(TableFit.of(fit(model, self.data, used, resume_from=resume_from)))

    def _calibrated(self, fitted: TableFit) -> TableFit:
        """Return the fit with intervals; those of one width are the members' own, and a single network has none."""
        if self.cfg.ensemble.intervals == "constant" and is_several(self.cfg.ensemble):
            return fitted
        data = self.data
        return calibrate(
            fitted,
            data,
            coverage=self.cfg.ensemble.coverage,
            categories=data.columns.category_places,
            uncertainty=data.uncertainty,
            validated=self._others_choose if fitted.members is not None else not fitted.epochs,
        )

    def fit_baseline(self, model: Any, trainer: Fitter | None) -> TableFit:
        """Fit a baseline to the same rows; a baseline network uses a trainer like that of the run's own model."""
        if isinstance(model, LightningModule) and isinstance(trainer, StackedTrainer):
            return TableFit.of(trainer.for_baseline(self.data).fit(model, self.data))
        return TableFit.of(fit(model, self.data))

    def blended(self, fitted: TableFit, references: Mapping[str, TableFit]) -> TableFit:
        """Return the blend of the fit with the baselines that ``blend`` names."""
        is_network = isinstance(fitted.model, nn.Module)
        if line := left_out(self.cfg.blend, references, is_network=is_network):
            say(line)
        if not is_network:
            return fitted
        inner = self.cfg.ensemble.folds if fitted.members is not None else 1
        with one_blas_thread() if len(self.data.x) <= SMALL else nullcontext():
            blend = blend_fits(fitted, references, self.data, self.cfg.blend, inner=inner)
        return fitted if blend is fitted else self._calibrated(blend)

    def score(self, fitted: TableFit, references: Mapping[str, TableFit]) -> TableScores:
        """Return the metrics of the model and its baselines, and the table of held-out predictions."""
        return score_table(fitted, references, self.data)

    def show(
        self, tracked: Run, fitted: TableFit, references: Mapping[str, TableFit], scores: TableScores, *, brief: bool
    ) -> None:
        """Log tables and figures; if ``brief``, log parity plots and losses only, without importance of the inputs."""
        with importing():  # of what draws, which a training begins without
            from remanence.studies.calibration import illustrate_intervals
            from remanence.studies.table.explorer import log_explorer
            from remanence.studies.table.illustrate import illustrate_augmentation, illustrate_campaign, illustrate_fit

        if fitted.epochs and not fitted.history:  # the run has Lightning's losses, also from before a resume
            fitted = replace(fitted, history={key: tracked.history(key) for key in ("train/loss", "val/loss")})
        tracked.client.set_tag(tracked.id, MEASURED_TAG, measured_tag(self.data.y, self.data.targets))
        KnownRows.of(self.data, fitted.folds).log(tracked, ROWS)
        tracked.log_table(scores.predictions, "test_predictions")
        tracked.log_table(scores.fold_errors, "fold_errors")
        if references:
            tracked.log_table(scores.models, "models")
        if fitted.members is not None:
            tracked.log_table(fitted.members, "members")
        illustrate_fit(tracked, fitted, self.data, scores.metrics)
        illustrate_intervals(tracked, fitted, self.data, brief=brief)
        if brief:
            return
        if fitted.intervals is not None and (line := fitted.intervals.told_endless()):
            say(line)
        self._explain(tracked, fitted)
        log_explorer(tracked, fitted, self.data)
        if fitted.augmentation is not None:
            illustrate_augmentation(tracked, fitted.augmentation, self.data)
        if self.data.campaign is not None:
            tracked.log_table(lph_correlations(self.data), "lph_correlations")
            illustrate_campaign(tracked, self.data, self.data.campaign)

    def cards(self, fitted: TableFit, references: Mapping[str, TableFit], scores: TableScores) -> Cards:
        """Return the sections of the model card and of the data card."""
        return table_cards(fitted, references, scores.metrics, self.data, self.cfg)

    def log_model(self, tracked: Run, fitted: TableFit) -> None:
        """Log the model with the meaning of its columns."""
        example = self.data.plain.iloc[self.data.fold.test[:3]]
        logged = TableModel(fitted.model, self.data.columns, fitted.region, fitted.intervals)
        log_table_model(tracked, logged, example, step=fitted.epochs)

    def report(self, tracked: Run, scores: TableScores, baselines: Sequence[str], *, brief: bool) -> None:
        """Print the metrics of the model and its baselines."""
        print_report(
            tracked,
            scores.metrics,
            baselines,
            self.data,
            coverage=self.cfg.ensemble.coverage,
            brief=brief,
            fitted_before="" if brief else told_fitted_before(tracked, ROWS, self.data),
        )

    def _explain(self, tracked: Run, fitted: TableFit) -> None:
        """Log the importance of the inputs, the errors, and the architecture of the model."""
        from remanence.studies.table.illustrate import illustrate_errors

        importance = {"permutation": permutation_importance(fitted, self.data)}
        alone = fitted.network or fitted
        if isinstance(alone.model, nn.Module):
            importance["integrated_gradients"] = integrated_gradients(alone.model, self.data)
        importance = {name: table for name, table in importance.items() if len(table)}
        for name, table in importance.items():
            tracked.log_table(table, f"importance_{name}")
        tracked.log_table(architecture(alone.model), "architecture")
        illustrate_errors(tracked, fitted, self.data, importance)
