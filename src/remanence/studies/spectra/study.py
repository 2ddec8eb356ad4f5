"""Unmixing spectra into few latents."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pytorch_lightning import Trainer

from remanence.data.spectra.raw import Raw
from remanence.data.spectra.spectra import Spectra
from remanence.science.unmixing.disentanglement import Agreement
from remanence.studies.spectra.band_excitation import illustrate_scan
from remanence.studies.spectra.fit import Unmixed, fit_spectra
from remanence.studies.spectra.illustrate import illustrate_all, illustrate_fit
from remanence.studies.spectra.logged_model import Instrument
from remanence.studies.spectra.movies import make_movies
from remanence.studies.spectra.physics import physics
from remanence.studies.spectra.report import print_report
from remanence.studies.spectra.scores import comparison_table, known_factors, latent_table, score, stage_table
from remanence.tracking.logged_model import log_model
from remanence.tracking.run import Run


class Unmixing:
    """The study of ``Spectra``.

    Args:
        data: opened.
        tracked: the run, where everything is logged.
    """

    def __init__(self, data: Spectra, tracked: Run) -> None:
        self.data, self.tracked = data, tracked
        self.steps: dict[str, pd.DataFrame] = {}
        """Name of a model to its bias and skew at each step; the run's own has no name."""
        self.agreed: dict[str, Agreement] = {}
        """Likewise, to what its latents share with known factors."""

    def fit(self, model: Any, trainer: Trainer | None, *, resume_from: Path | None = None) -> Unmixed:
        """Fit the model of the run; ``fit_baseline`` fits the others."""
        return fit_spectra(model, self.data, trainer, resume_from=resume_from)

    def fit_baseline(self, model: Any) -> Unmixed:
        """Fit a model without a training loop to the same pixels."""
        return fit_spectra(model, self.data)

    def score(self, fitted: Unmixed, references: Mapping[str, Unmixed]) -> dict[str, float]:
        """Return all final metrics, those of a baseline under ``baseline/<name>/``."""
        metrics: dict[str, float] = dict(self.data.measured.notes)
        for name, unmixed in {"": fitted, **references}.items():
            own = score(unmixed, self.data)
            if (agreed := known_factors(unmixed, self.data)) is not None:
                self.agreed[name] = agreed
                own |= {f"test/{key}": value for key, value in agreed.scores.items()}
            physical, self.steps[name] = physics(unmixed, self.data)
            own |= {f"test/physics/{key}": value for key, value in physical.items()}
            prefix = f"baseline/{name}/" if name else ""
            metrics |= {f"{prefix}{key}": value for key, value in own.items() if np.isfinite(value)}
        return metrics

    def show(
        self, fitted: Unmixed, references: Mapping[str, Unmixed], metrics: Mapping[str, float], *, brief: bool
    ) -> None:
        """Log tables, figures and movies; ``brief``: maps and reconstructions only."""
        self.tracked.log_parquet(latent_table(fitted, self.data), "latents")
        if len(stages := stage_table(fitted)):
            self.tracked.log_table(stages, "stages")
        compared = {type(fitted.model).__name__: metrics, **{name: below(metrics, name) for name in references}}
        self.tracked.log_table(comparison_table(compared), "comparison")
        illustrate_fit(self.tracked, fitted, references, self.data)
        if brief:
            return
        for name, steps in self.steps.items():
            self.tracked.log_table(steps, f"step_errors_{name}" if name else "step_errors")
        illustrate_all(self.tracked, fitted, references, self.data, agreed=self.agreed.get(""))
        if isinstance(self.data, Raw):
            illustrate_scan(self.tracked, self.data)
        make_movies(self.tracked, fitted, references, self.data)

    def log_model(self, fitted: Unmixed) -> None:
        """Log the model with its scaling."""
        example = self.data.measured.values[self.data.fold.test[:3]].astype(np.float64)
        log_model(self.tracked, fitted.model, Instrument.of(self.data), example, step=fitted.epochs)

    def report(self, metrics: Mapping[str, float], baselines: list[str], *, brief: bool) -> None:
        """Print the model beside its baselines."""
        print_report(self.tracked, metrics, baselines, self.data, brief=brief)


def below(metrics: Mapping[str, float], baseline: str) -> dict[str, float]:
    """Return the metrics of a baseline under the names of the run's own."""
    prefix = f"baseline/{baseline}/"
    return {key.removeprefix(prefix): value for key, value in metrics.items() if key.startswith(prefix)}
