"""The study of spectra: unmixing them into few latents."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule, Trainer, seed_everything

from remanence.configuration.configuration import Configuration
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.foundation.imports import importing
from remanence.studies.card import Cards
from remanence.studies.kind import MakeTrainer
from remanence.studies.known_rows import ROWS
from remanence.studies.spectra.baseline_network import SpectraFitter, check_network, fit_network
from remanence.studies.spectra.cards import spectra_cards
from remanence.studies.spectra.fit import Unmixed, check_model, fit_spectra
from remanence.studies.spectra.log_model import log_spectral_model
from remanence.studies.spectra.moving_latents import illustrate_movements, tell_axis
from remanence.studies.spectra.pixel_errors import pixels_of_fit
from remanence.studies.spectra.report import print_report
from remanence.studies.spectra.scores import (
    SpectraScores,
    comparison_table,
    latent_table,
    score_spectra,
    stage_table,
)
from remanence.studies.spectra.stage_embeddings import map_at_stages
from remanence.studies.spectra.staging import build_staged_trainer, check_schedule, follows_schedule
from remanence.tracking.run import Run
from remanence.training.fitter import Fitter
from remanence.training.initial_weights import NETWORK
from remanence.training.ranks import Ranks
from remanence.training.seen_rows import Seen
from remanence.training.trainer import build_trainer, check_sharded
from remanence.training.untrained_shapes import Shapes, shapes


class SpectraStudy:
    """The study of spectra.

    Args:
        data: spectra and the pixels that are held out.
        cfg: checked configuration; ``trainer``, ``callbacks`` and ``beta_schedule`` are read.
    """

    def __init__(self, data: OpenedSpectra, cfg: Configuration) -> None:
        self.data, self.cfg = data, cfg

    def make_trainer(self, model: Any, ranks: Ranks) -> MakeTrainer:
        """Return the function that makes Lightning's trainer, with the schedule of β if there is one."""
        check_model("model", model)
        if not isinstance(model, LightningModule):
            return partial(_beside, None)
        check_schedule(self.cfg.beta_schedule, model)
        tell_axis(model, self.data)
        check_sharded(self.cfg.trainer)
        plain = partial(_build_plain_trainer, weights=getattr(model, "ends_with", "best"))
        build = build_staged_trainer if follows_schedule(model) else plain
        return partial(_build, build, self.data, self.cfg, ranks)

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Refuse what is no model of spectra, and a network that needs a schedule of β."""
        check_model(f"baselines.{name}", baseline)
        if isinstance(baseline, LightningModule):
            check_network(name, baseline)
            tell_axis(baseline, self.data)

    def matched(self, baseline: Any, fitted: Unmixed) -> Any:
        """Return a baseline with as many latents as the run's own model keeps, if it was given no number."""
        seed_everything(self.cfg.seed, workers=True, verbose=False)  # the weights of a network are drawn
        return baseline.matched(fitted.kept) if hasattr(baseline, "matched") else baseline

    def untrained_shapes(self, model: Any) -> dict[str, Shapes]:
        """Return the shapes of the weights of the network."""
        return {NETWORK: shapes(model.state_dict())}

    def rows_seen(self) -> dict[tuple[str, str], list[Seen]]:
        """Return the pixels that the network sees; there is only one."""
        fold = self.data.fold
        return {("", ""): [Seen(fold.train, fold.validation, fold.test)]}

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether the training has not begun yet."""
        return resume_from is None

    def fit(self, model: Any, trainer: Fitter | None, *, resume_from: Path | None = None) -> Unmixed:
        """Fit the model to the pixels outside the test."""
        used = trainer.trainer if isinstance(trainer, SpectraFitter) else None
        return fit_spectra(model, self.data, used, resume_from=resume_from)

    def fit_baseline(self, model: Any, trainer: Fitter | None) -> Unmixed:
        """Fit a baseline to the same pixels; a network is trained by a trainer of its own."""
        if isinstance(model, LightningModule):
            assert isinstance(trainer, SpectraFitter)  # see ``make_trainer``
            tell_axis(model, self.data)  # one that was matched is built again
            return fit_network(model, self.data, self.cfg, trainer)
        return fit_spectra(model, self.data)

    def score(self, fitted: Unmixed, references: Mapping[str, Unmixed]) -> SpectraScores:
        """Return all final metrics, the errors at each step, and the agreement of latents with known factors."""
        return score_spectra(fitted, references, self.data)

    def show(
        self, tracked: Run, fitted: Unmixed, references: Mapping[str, Unmixed], scores: SpectraScores, *, brief: bool
    ) -> None:
        """Log tables, figures and movies; if ``brief``, log maps and reconstructions only."""
        with importing():  # of what draws, which a training begins without
            from remanence.studies.spectra.explorer import log_explorer
            from remanence.studies.spectra.illustrate import illustrate_all, illustrate_fit
            from remanence.studies.spectra.illustrate_scan import illustrate_line, illustrate_scan
            from remanence.studies.spectra.movies import make_movies

        pixels_of_fit(self.data).log(tracked, ROWS)
        tracked.log_parquet(latent_table(fitted, self.data), "latents")
        if len(stages := stage_table(fitted)):
            tracked.log_table(stages, "stages")
        compared = {
            type(fitted.model).__name__: scores.metrics,
            **{name: below(scores.metrics, name) for name in references},
        }
        tracked.log_table(comparison_table(compared), "comparison")
        illustrate_fit(tracked, fitted, references, self.data)
        illustrate_movements(tracked, fitted, self.data)
        if brief:
            if self.cfg.tracking.parent is None:  # a page of megabytes for each trial of a sweep would fill the disk
                log_explorer(tracked, fitted, self.data)
            return
        for name, steps in scores.steps.items():
            tracked.log_table(steps, f"step_errors_{name}" if name else "step_errors")
        illustrate_all(tracked, fitted, references, self.data, agreed=scores.agreed.get(""))
        if (fits := self.data.measured.resonances) is not None:
            (illustrate_line if fits.is_line else illustrate_scan)(tracked, self.data, fits)
        embedded = map_at_stages(fitted, self.data, tracked.checkpoints)
        log_explorer(tracked, fitted, self.data, embedded)
        make_movies(tracked, fitted, references, self.data, embedded)

    def cards(self, fitted: Unmixed, references: Mapping[str, Unmixed], scores: SpectraScores) -> Cards:
        """Return the sections of the model card and of the data card."""
        return spectra_cards(fitted, references, scores.metrics, self.data, self.cfg)

    def log_model(self, tracked: Run, fitted: Unmixed) -> None:
        """Log the model with its scaling."""
        log_spectral_model(tracked, fitted, self.data)

    def report(self, tracked: Run, scores: SpectraScores, baselines: Sequence[str], *, brief: bool) -> None:
        """Print the metrics of the model and its baselines."""
        print_report(tracked, scores.metrics, baselines, self.data, brief=brief)


def below(metrics: Mapping[str, float], baseline: str) -> dict[str, float]:
    """Return the metrics of a baseline under the names that the run's own metrics have."""
    prefix = f"baseline/{baseline}/"
    return {key.removeprefix(prefix): value for key, value in metrics.items() if key.startswith(prefix)}


def _build_plain_trainer(data: OpenedSpectra, cfg: Configuration, **given: Any) -> Trainer:
    """Return Lightning's trainer for a network without β."""
    return build_trainer(cfg.trainer, cfg.callbacks, **given)


def _build(
    build: Callable[..., Trainer], data: OpenedSpectra, cfg: Configuration, ranks: Ranks, **tracked: Any
) -> SpectraFitter:
    return _beside(build(data, cfg, ranks=ranks, **tracked), **tracked)


def _beside(trainer: Trainer | None, *, logger: Any, checkpoints: Path, report: Any = None) -> SpectraFitter:
    return SpectraFitter(trainer, checkpoints, str(getattr(logger, "version", "")))
