"""The study of spectra: unmixing them into few latents."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule, Trainer

from remanence.configuration.configuration import Configuration
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.errors import ConfigurationError
from remanence.studies.kind import MakeTrainer
from remanence.studies.known_rows import ROWS
from remanence.studies.spectra.band_excitation import illustrate_line, illustrate_scan
from remanence.studies.spectra.fit import Unmixed, check_model, fit_spectra
from remanence.studies.spectra.illustrate import illustrate_all, illustrate_fit
from remanence.studies.spectra.logged_model import log_spectral_model
from remanence.studies.spectra.movies import make_movies
from remanence.studies.spectra.pixel_errors import pixels_of_fit
from remanence.studies.spectra.report import print_report
from remanence.studies.spectra.scores import (
    SpectraScores,
    comparison_table,
    latent_table,
    score_spectra,
    stage_table,
)
from remanence.studies.spectra.staging import build_staged_trainer, check_schedule, follows_schedule
from remanence.tracking.run import Run
from remanence.training.fitter import Fitter
from remanence.training.initial_weights import NETWORK
from remanence.training.ranks import Ranks
from remanence.training.seen_rows import Seen
from remanence.training.trainer import LightningFitter, build_trainer, check_sharded, no_trainer
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
            return no_trainer
        check_schedule(self.cfg.beta_schedule, model)
        check_sharded(self.cfg.trainer)
        build = build_staged_trainer if follows_schedule(model) else _build_plain_trainer
        return partial(_build, build, self.data, self.cfg, ranks)

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Refuse a network: only models without a training loop can be baselines of spectra."""
        check_model(f"baselines.{name}", baseline)
        if isinstance(baseline, LightningModule):
            kind = type(baseline).__name__
            raise ConfigurationError(
                f"baselines.{name}: {kind} is a network, and only linear unmixing stands beside another; leave it out"
            )

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
        used = trainer.trainer if isinstance(trainer, LightningFitter) else None
        return fit_spectra(model, self.data, used, resume_from=resume_from)

    def fit_baseline(self, model: Any, trainer: Fitter | None) -> Unmixed:
        """Fit a baseline, which has no training loop, to the same pixels."""
        return fit_spectra(model, self.data)

    def score(self, fitted: Unmixed, references: Mapping[str, Unmixed]) -> SpectraScores:
        """Return all final metrics, the errors at each step, and the agreement of latents with known factors."""
        return score_spectra(fitted, references, self.data)

    def show(
        self, tracked: Run, fitted: Unmixed, references: Mapping[str, Unmixed], scores: SpectraScores, *, brief: bool
    ) -> None:
        """Log tables, figures and movies; if ``brief``, log maps and reconstructions only."""
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
        if brief:
            return
        for name, steps in scores.steps.items():
            tracked.log_table(steps, f"step_errors_{name}" if name else "step_errors")
        illustrate_all(tracked, fitted, references, self.data, agreed=scores.agreed.get(""))
        if (fits := self.data.measured.resonances) is not None:
            (illustrate_line if fits.is_line else illustrate_scan)(tracked, self.data, fits)
        make_movies(tracked, fitted, references, self.data)

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
) -> LightningFitter:
    return LightningFitter(build(data, cfg, ranks=ranks, **tracked))
