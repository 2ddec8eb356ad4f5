"""The study of a chain: predicting the properties of every scale."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule

from remanence.configuration.configuration import Configuration
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.errors import ConfigurationError
from remanence.foundation.cores import own_cores
from remanence.foundation.imports import importing
from remanence.foundation.threads import one_thread
from remanence.models.nested_ae import NestedAE
from remanence.models.scale_options import read_scales
from remanence.studies.card import Cards
from remanence.studies.chain.blend_baselines import blend_scale, check_blended
from remanence.studies.chain.cards import chain_cards
from remanence.studies.chain.fit import FittedChain, fit_chain
from remanence.studies.chain.log_model import log_chain
from remanence.studies.chain.report import print_report
from remanence.studies.chain.scores import ChainScores, check_properties, score_chain
from remanence.studies.kind import MakeTrainer
from remanence.studies.known_rows import KnownRows
from remanence.studies.row_scores import say
from remanence.tracking.run import Run
from remanence.training.fit import fit_estimator
from remanence.training.fitter import Fitter
from remanence.training.options import Ensemble
from remanence.training.other_process import Work, in_other_process
from remanence.training.ranks import Ranks
from remanence.training.score import check_lengths
from remanence.training.seen_rows import Seen, seen_by_members
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.trainer import build_stacked_trainer, check_row_loss, check_stacked
from remanence.training.untrained_shapes import Shapes, stacked_shapes

ENOUGH = 10_000
"""Number of rows, summed over folds and baselines, whose fits take longer than the start of another process."""


class ChainStudy:
    """The study of a chain of scales.

    Args:
        data: rows of each scale, and the folds that hold some of them out.
        cfg: checked configuration; ``trainer``, ``callbacks``, ``ensemble`` and ``seed`` are read.
    """

    def __init__(self, data: OpenedChain, cfg: Configuration) -> None:
        self.data, self.cfg = data, cfg
        self._elsewhere: dict[Hashable, Work] = {}  # what waits for a fit that another process makes
        for name, rows in data.rows.items():
            check_lengths(rows.targets, cfg.baselines, scale=name)
        check_properties(data)
        self.scales = read_scales(cfg.model["scales"]) if "scales" in cfg.model else {}
        check_blended(self.scales, list(cfg.baselines))

    @property
    def _ensemble(self) -> Ensemble:
        """Options of the ensemble of a scale; each network predicts all properties of its scale."""
        return replace(self.cfg.ensemble, per_target=False)

    def make_trainer(self, model: Any, ranks: Ranks) -> MakeTrainer:
        """Return the function that makes the stacked trainer."""
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
        """Refuse a baseline network that cannot be stacked."""
        if isinstance(baseline, LightningModule):
            check_row_loss(f"baselines.{name}", baseline, instead="leave it out")

    def untrained_shapes(self, model: NestedAE) -> dict[str, Shapes]:
        """Return the shapes of the stack of each scale."""
        seed = self.cfg.seed
        return {
            name: stacked_shapes(model.ending_in(name), rows, self._ensemble, seed=seed)
            for name, rows in self.data.rows.items()
        }

    def rows_seen(self) -> dict[tuple[str, str], list[Seen]]:
        """Return the rows that every member of each scale sees; a key is a scale's name and its table's content."""
        return {
            (name, rows.source.digest): seen_by_members(rows, self._ensemble) for name, rows in self.data.rows.items()
        }

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether the training has not begun yet."""
        return resume_from is None

    def fit(self, model: Any, trainer: Fitter | None, *, resume_from: Path | None = None) -> FittedChain:
        """Fit the chain; to resume, it finds its checkpoints without ``resume_from``."""
        assert isinstance(trainer, StackedTrainer)  # see ``make_trainer``
        with one_thread():
            return fit_chain(model, self.data, trainer)

    def fit_baseline(self, model: Any, trainer: Fitter | None) -> FittedChain:
        """Fit a baseline to each scale separately, on the same rows and folds, with the inputs of all finer scales.

        A baseline network, such as a single autoencoder, is not fitted to scales without parents: there it would be the
        same network as the chain's own.
        """
        fits = {}
        for name, rows in self.data.rows.items():
            own = _on_scale(model, rows)
            if not isinstance(own, LightningModule):
                fits[name] = self._elsewhere.get((id(model), name), partial(fit_estimator, own, rows))()
            elif len(rows.inputs) > 1 and isinstance(trainer, StackedTrainer):
                with one_thread():
                    fits[name] = trainer.for_baseline(rows).fit(own, rows)
        return FittedChain(fits, {})

    @contextmanager
    def fitting_beside(self, baselines: Sequence[Any]) -> Iterator[None]:
        """Fit the estimators among the baselines in another process, if there is a core for it and enough to do."""
        estimators = [baseline for baseline in baselines if not isinstance(baseline, LightningModule)]
        number = len(estimators) * sum(len(rows.folds) * len(rows.x) for rows in self.data.rows.values())
        # the trials of a sweep share the fits of their baselines, and their processes the cores
        alone = self.cfg.tracking.parent is None and self.cfg.trainer.devices in ("auto", 1)
        if number < ENOUGH or not alone or own_cores() < 2:
            yield
            return
        works: dict[Hashable, Work] = {
            (id(model), name): partial(fit_estimator, _on_scale(model, rows), rows)
            for model in estimators
            for name, rows in self.data.rows.items()
        }
        with in_other_process(works) as answer:
            self._elsewhere = {key: partial(answer, key) for key in works}
            try:
                yield
            finally:
                self._elsewhere = {}

    def blended(self, fitted: FittedChain, references: Mapping[str, FittedChain]) -> FittedChain:
        """Return the chain with each scale blended with the baselines that ``model.scales.<scale>.blend`` names."""
        for name, rows in self.data.rows.items():
            wanted = self.scales[name].blend
            others = {each: references[each].fits[name] for each in wanted if name in _scales_of(each, references)}
            if missing := [each for each in wanted if each not in others]:
                say(f"model.scales.{name}.blend: without {', '.join(missing)}, no baseline of this scale in this run")
            if others:
                inner, coverage = self._ensemble.folds, self._ensemble.coverage
                fitted = blend_scale(fitted, name, others, rows, inner=inner, coverage=coverage)
        return fitted

    def score(self, fitted: FittedChain, references: Mapping[str, FittedChain]) -> ChainScores:
        """Return all final metrics, such as ``test/<scale>/mae``, and the tables of held-out rows and fold errors."""
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
        """Log tables and figures; if ``brief``, log only parity plots and fold errors, without interpretation."""
        with importing():  # of what draws, which a training begins without
            from remanence.studies.calibration import illustrate_intervals
            from remanence.studies.chain.explorer import log_explorer
            from remanence.studies.chain.illustrate import illustrate_chain, illustrate_fits
            from remanence.studies.chain.interpret import interpret

        for name, rows in self.data.rows.items():
            KnownRows.of(rows, fitted.fits[name].folds).log(tracked, name)
        for name, table in scores.predictions.items():
            tracked.log_table(table, f"test_predictions_{name}")
        tracked.log_table(scores.fold_errors, "fold_errors")
        if references:
            tracked.log_table(scores.models, "models")
        illustrate_fits(tracked, fitted, references, self.data, scores.metrics)
        for name, rows in self.data.rows.items():
            illustrate_intervals(tracked, fitted.fits[name], rows, brief=brief, scale=name)
        if not brief:
            illustrate_chain(tracked, fitted, self.data)
            interpret(tracked, fitted, self.data)
            log_explorer(tracked, fitted, self.data)

    def cards(self, fitted: FittedChain, references: Mapping[str, FittedChain], scores: ChainScores) -> Cards:
        """Return the sections of the model card and of the data card."""
        return chain_cards(fitted, references, scores.metrics, self.data, self.cfg)

    def log_model(self, tracked: Run, fitted: FittedChain) -> None:
        """Log the whole chain as one model."""
        log_chain(tracked, fitted, self.data)

    def report(self, tracked: Run, scores: ChainScores, baselines: Sequence[str], *, brief: bool) -> None:
        """Print the errors of every scale and its baselines."""
        print_report(tracked, scores.metrics, baselines, self.data, coverage=self._ensemble.coverage, brief=brief)


def _on_scale(model: Any, rows: ScaleRows) -> Any:
    """Return an untrained baseline like ``model`` for the rows of a scale."""
    told = {"factors": rows.factors} if "factors" in model.hparams else {}
    return type(model)(**{**model.hparams, **rows.shape, **told})


def _scales_of(name: str, references: Mapping[str, FittedChain]) -> Collection[str]:
    """Return the scales that a baseline of the run is fitted to; none if there is no such baseline."""
    return references[name].fits if name in references else ()
