"""One run: fit a model and its baselines to the same data, score them alike, log what they leave."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlflow.entities import RunTag
from pytorch_lightning import LightningModule, Trainer

from remanence.data.nested.chain import Chain
from remanence.data.spectra.spectra import Spectra
from remanence.data.table import Table
from remanence.studies.chain.study import Nested
from remanence.studies.spectra.study import Unmixing
from remanence.studies.table.study import Regression
from remanence.tracking.run import Run
from remanence.training.stacked_trainer import StackedTrainer


def run(
    data: Table | Spectra | Chain,
    model: Any,
    trainer: Trainer | StackedTrainer | None,
    *,
    tracked: Run,
    baselines: Mapping[str, Any],
    known: dict[str, Any] | None = None,
    augmentation: Mapping[str, Any] | None = None,
    brief: bool = False,
    quiet: bool = False,
    resume_from: Path | None = None,
    together: AbstractContextManager[None] | None = None,
) -> dict[str, float]:
    """Fit, test on what was held out, draw, and log the model once.

    Args:
        data: opened; its kind decides which study is made.
        model: a network or an estimator, untrained; both go the same way.
        trainer: of a network; None for an estimator.
        tracked: where everything is logged.
        baselines: name to model; logged as ``baseline/<name>/test/…``.
        known: of some of them what an earlier run of the process made, see ``known_fits``; the others are added.
        augmentation: of a table, settings of a second training on drawn rows; None for none.
        brief: draw the least and leave explanations out.
        quiet: print one line, as for the jobs of a sweep.
        resume_from: checkpoint of an interrupted training by Lightning.
        together: inside it the other processes of the training are there; everything but the fit is done alone.

    Returns:
        all final metrics.
    """
    study = study_of(data, tracked, augmentation=augmentation)
    began = time.perf_counter()
    with together or nullcontext():
        fitted = study.fit(model, trainer, resume_from=resume_from)
    took = {"remanence.fit_seconds": f"{time.perf_counter() - began:.2f}", "remanence.epochs": str(fitted.epochs)}
    tracked.client.log_batch(tracked.id, tags=[RunTag(key, value) for key, value in took.items()])
    known = {} if known is None else known
    references = {}
    for name, baseline in baselines.items():
        references[name] = known.get(name) or study.fit_baseline(baseline)
        if not isinstance(baseline, LightningModule):  # which depends on the trainer as well
            known[name] = references[name]
    metrics: dict[str, float] = study.score(fitted, references)
    tracked.log_metrics(metrics, step=fitted.epochs)
    study.show(fitted, references, metrics, brief=brief)
    study.log_model(fitted)
    study.report(metrics, list(baselines), brief=quiet)
    return metrics


@lru_cache(maxsize=4)
def known_fits(shared: str) -> dict[str, Any]:
    """Return what earlier runs of this process made of their baselines, to be added to.

    Args:
        shared: data and baselines as text. The trials of a sweep, for which it mostly is the same, fit them once.
    """
    return {}


def study_of(data: Table | Spectra | Chain, tracked: Any, *, augmentation: Mapping[str, Any] | None = None) -> Any:
    """Return the study that the kind of ``data`` asks for; with None for a run it can fit, and nothing else."""
    if isinstance(data, Spectra):
        return Unmixing(data, tracked)
    if isinstance(data, Chain):
        return Nested(data, tracked)
    return Regression(data, tracked, augmentation=augmentation)
