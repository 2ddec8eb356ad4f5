"""One run: a configuration becomes a tracked result."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remanence.configuration.build import build
from remanence.configuration.configuration import Configuration
from remanence.configuration.validate import check_objectives, objectives
from remanence.foundation.imports import importing
from remanence.studies.kind import Data, F, Fit, Opened, S, Scores, Study
from remanence.studies.kinds import kind_of, make_study
from remanence.training.forkserver import warm_up

if TYPE_CHECKING:  # a mistake in the data is answered before torch, Lightning and MLflow are imported
    from remanence.tracking.run import Run
    from remanence.training.fitter import Fitter, Weights
    from remanence.training.ranks import Ranks
    from remanence.training.report import Report

FirstWeights = Callable[[Study[Fit, Scores], Any, Opened], "Mapping[str, Weights]"]
"""Takes study, model and data of a run; returns the weights that its training begins with."""


def train(
    cfg: Configuration,
    *,
    resume_run: str | None = None,
    resume_from: Path | None = None,
    report: "Report | None" = None,
    first_weights: FirstWeights | None = None,
    began: "Callable[[Run], None] | None" = None,
) -> tuple[float, ...]:
    """Train, test and log the model of a checked configuration.

    Args:
        cfg: as ``validate`` returns it.
        resume_run: id of an interrupted run to enter again.
        resume_from: its checkpoint.
        report: asks after an epoch whether the training should stop, see ``training.report``.
        first_weights: what the training begins with; None for random weights.
        began: told of the run as soon as it is tracked.

    Returns:
        the value of each ``objective``.

    Raises:
        UnknownObjective: if a trial of a sweep has no such metric.
    """
    reader: Data = build("data", cfg.data)
    data = reader.open()  # before torch is imported: a data error is answered at once
    warm_up(cfg.trainer)

    with importing():
        from pytorch_lightning import seed_everything

        from remanence.tracking.parameters import config_hash
        from remanence.tracking.start import start
        from remanence.training.devices import choose_ranks

    seed_everything(cfg.seed, workers=True, verbose=False)
    model = build("model", cfg.model, **data.shape)  # before a run is tracked: the data may not suit it
    kind = kind_of(cfg.data, cfg.allowed_targets)
    with importing():
        study = make_study(kind, data, cfg)
    ranks = choose_ranks(model, cfg.trainer, take_part)
    make_trainer = study.make_trainer(model, ranks)
    weights = first_weights(study, model, data) if first_weights and study.begins(resume_from) else None
    baselines = {name: build(f"baselines.{name}", node, **data.flat_shape) for name, node in cfg.baselines.items()}
    for name, baseline in baselines.items():
        study.check_baseline(name, baseline, model)
    with start(cfg, data.sources, synthetic=data.synthetic, compared=kind.compared, resume=resume_run) as tracked:
        if began is not None:
            began(tracked)
        trainer = make_trainer(logger=tracked.logger(), checkpoints=tracked.checkpoints, report=report)
        if weights is not None and trainer is not None:
            trainer.begin_with(weights)
        metrics = run(
            study,
            model,
            trainer,
            tracked=tracked,
            baselines=baselines,
            known=known_fits(repr((cfg.data, cfg.baselines, data.sources))),
            brief=cfg.figures == "brief",
            quiet=bool(cfg.tracking.parent),
            resume_from=resume_from,
            together=ranks.joined(
                config_hash(cfg.plain), cfg, tracked.checkpoints, resume_from, weights, report is not None
            ),
        )
        if cfg.sweep.trial is not None:  # nobody else asks for it
            check_objectives(cfg, metrics)
    return tuple(metrics.get(name, math.nan) for name in objectives(cfg))


def take_part(
    ranks: "Ranks",
    cfg: Configuration,
    checkpoints: Path,
    resume_from: Path | None,
    weights: "Mapping[str, Weights] | None",
    reported: bool,
) -> None:
    """Fit as one process of a run that another one tracks, tests and logs.

    Args:
        ranks: the processes, seen from this one.
        cfg: of the run.
        checkpoints: folder of the run's.
        resume_from: its checkpoint.
        weights: to begin with.
        reported: whether rank 0 asks after an epoch if the training should stop.
    """
    from pytorch_lightning import seed_everything

    from remanence.tracking.parameters import config_hash
    from remanence.training.pruning import never

    reader: Data = build("data", cfg.data)
    data = reader.open()
    seed_everything(cfg.seed, workers=True, verbose=False)
    model = build("model", cfg.model, **data.shape)
    study = make_study(kind_of(cfg.data, cfg.allowed_targets), data, cfg)
    make_trainer = study.make_trainer(model, ranks)
    trainer = make_trainer(logger=None, checkpoints=checkpoints, report=never if reported else None)
    if weights is not None and trainer is not None:
        trainer.begin_with(weights)
    # the same network, but noise of its own for dropout and latents
    seed_everything((cfg.seed + ranks.rank) % 2**32, workers=True, verbose=False)
    with ranks.joined(config_hash(cfg.plain)):
        study.fit(model, trainer, resume_from=resume_from)


def run(
    study: Study[F, S],
    model: Any,
    trainer: "Fitter | None",
    *,
    tracked: "Run",
    baselines: Mapping[str, Any],
    known: dict[str, F] | None = None,
    brief: bool = False,
    quiet: bool = False,
    resume_from: Path | None = None,
    together: AbstractContextManager[None] | None = None,
) -> dict[str, float]:
    """Fit, test on what was held out, draw, and log the model once.

    Args:
        study: of the data.
        model: a network or an estimator, untrained; both go the same way.
        trainer: of a network; None for an estimator.
        tracked: where everything is logged.
        baselines: name to model; logged as ``baseline/<name>/test/…``.
        known: of some of them what an earlier run of the process made, see ``known_fits``; the others are added.
        brief: draw the least and leave explanations out.
        quiet: print one line, as for the jobs of a sweep.
        resume_from: checkpoint of an interrupted training by Lightning.
        together: inside it the other processes of the training are there; everything but the fit is done alone.

    Returns:
        all final metrics.
    """
    from mlflow.entities import RunTag
    from pytorch_lightning import LightningModule

    began = time.perf_counter()
    with together or nullcontext():
        fitted = study.fit(model, trainer, resume_from=resume_from)
    took = {"remanence.fit_seconds": f"{time.perf_counter() - began:.2f}", "remanence.epochs": str(fitted.epochs)}
    tracked.client.log_batch(tracked.id, tags=[RunTag(key, value) for key, value in took.items()])
    known = {} if known is None else known
    references: dict[str, F] = {}
    for name, baseline in baselines.items():
        references[name] = known.get(name) or study.fit_baseline(baseline, trainer)
        if not isinstance(baseline, LightningModule):  # which depends on the trainer as well
            known[name] = references[name]
    scores = study.score(fitted, references)
    tracked.log_metrics(scores.metrics, step=fitted.epochs)
    study.show(tracked, fitted, references, scores, brief=brief)
    study.log_model(tracked, fitted)
    study.report(tracked, scores, list(baselines), brief=quiet)
    return scores.metrics


@lru_cache(maxsize=4)
def known_fits(shared: str) -> dict[str, Any]:
    """Return what earlier runs of this process made of their baselines, to be added to.

    Args:
        shared: data and baselines as text. The trials of a sweep, for which it mostly is the same, fit them once.
    """
    return {}
