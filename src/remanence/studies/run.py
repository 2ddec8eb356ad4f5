"""One run: from a checked configuration to a tracked, fitted and scored model."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from remanence.configuration.build import build
from remanence.configuration.configuration import Configuration
from remanence.configuration.validate import check_objectives, objectives
from remanence.foundation.imports import importing
from remanence.foundation.names import find_metric
from remanence.foundation.own_time import own_seconds
from remanence.foundation.phases import OTHER, clock, phase, timed
from remanence.foundation.stack_sampler import sampled
from remanence.foundation.terminal import quiet
from remanence.foundation.trust import trusting
from remanence.studies.kind import (
    Blending,
    Carded,
    Data,
    F,
    Fit,
    FittingBeside,
    Matching,
    Opened,
    S,
    Scores,
    SelectedScores,
    Study,
)
from remanence.studies.kinds import check_objective, kind_of, make_study
from remanence.training.forkserver import warm_up
from remanence.training.shared_in_meeting import shared_in_meeting

if TYPE_CHECKING:  # a mistake in the data is reported before torch, Lightning and MLflow are imported
    from remanence.data.source import Source
    from remanence.tracking.run import Run
    from remanence.training.fitter import Fitter, Weights
    from remanence.training.ranks import Ranks
    from remanence.training.report import Report

STACK_TAG = "remanence.stack"
"""Tag with the number of trials whose networks were trained as one; a run that trained alone has none."""
FirstWeights = Callable[[Study[Fit, Scores], Any, Opened], "Mapping[str, Weights]"]
"""Function that takes study, model and data of a run and returns the initial weights of its training."""

P = ParamSpec("P")
T = TypeVar("T")


def _trusting(work: Callable[P, T]) -> Callable[P, T]:
    """Let ``work`` import the names that the configuration among its arguments allows."""

    @wraps(work)
    def trusted(*arguments: P.args, **named: P.kwargs) -> T:
        given = next(each for each in (*arguments, *named.values()) if isinstance(each, Configuration))
        with trusting(given.allowed_targets):
            return work(*arguments, **named)

    return trusted


@_trusting
def train(
    cfg: Configuration,
    *,
    resume_run: str | None = None,
    resume_from: Path | None = None,
    report: "Report | None" = None,
    first_weights: FirstWeights | None = None,
    began: "Callable[[Run], None] | None" = None,
    read: "Callable[[Sequence[Source]], None] | None" = None,
) -> tuple[float, ...]:
    """Train, test and log the model of a checked configuration.

    Args:
        cfg: checked configuration, as ``validate`` returns it.
        resume_run: id of an interrupted run to continue.
        resume_from: checkpoint of the interrupted run.
        report: function that is asked after an epoch whether the training should stop, see ``training.report``.
        first_weights: function that returns the initial weights; None starts from random weights.
        began: function that is called with the run as soon as it is tracked.
        read: function that is called with the sources of the data before anything is tracked; it may refuse them.

    Returns:
        the value of each metric in ``objective``.

    Raises:
        UnknownObjective: if the run is a trial of a sweep and has no such metric.
    """
    with (
        timed() if clock() is None else nullcontext(),
        phase(OTHER),
        sampled(wanted=cfg.trainer.profile) as sampler,
    ):
        with phase("data"), quiet() if cfg.tracking.parent else nullcontext():  # a sweep has told of its data
            data = _opened(cfg)  # before torch is imported, so that a data error is reported at once
            if read is not None:
                read(data.sources)
        warm_up(cfg.trainer)

        with importing():
            from pytorch_lightning import seed_everything

            from remanence.studies.fork_links import link_from_origin
            from remanence.tracking.parameters import config_hash
            from remanence.tracking.start import start
            from remanence.training.devices import choose_ranks

        seed_everything(cfg.seed, workers=True, verbose=False)
        with phase("model"):
            model = build("model", cfg.model, **data.shape)  # before a run is tracked: the data may not suit the model
        kind = kind_of(cfg.data, cfg.allowed_targets)
        with importing():
            study = make_study(kind, data, cfg)
        if resume_run is None and not cfg.fork:  # a stored run may have an objective that nobody asked for
            check_objective(kind, data, cfg)
        ranks = choose_ranks(model, cfg.trainer, take_part)
        make_trainer = study.make_trainer(model, ranks)
        weights = first_weights(study, model, data) if first_weights and study.begins(resume_from) else None
        baselines = {name: build(f"baselines.{name}", node, **data.flat_shape) for name, node in cfg.baselines.items()}
        for name, baseline in baselines.items():
            study.check_baseline(name, baseline, model)
        with start(cfg, data.sources, synthetic=data.synthetic, compared=kind.compared, resume=resume_run) as tracked:
            if sampler is not None:
                with importing():  # of plotly, which nothing else of a run needs
                    from remanence.tracking.profile import Profile
                tracked.profile = Profile(sampler)
            later = resume_run is None and link_from_origin(tracked)
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
                style=cfg.figure_style,
                quiet=bool(cfg.tracking.parent),
                resume_from=resume_from,
                together=ranks.joined(
                    config_hash(cfg.plain), cfg, tracked.checkpoints, resume_from, weights, report is not None
                ),
                wanted=objectives(cfg),
            )
            if later:
                link_from_origin(tracked)
            if cfg.sweep.trial is not None:  # only a sweep uses the objectives
                check_objectives(cfg, metrics)
        if tracked.profile is not None and not cfg.tracking.parent:
            tracked.profile.print()
        return tuple(metrics.get(find_metric(name, metrics) or name, math.nan) for name in objectives(cfg))


def _opened(cfg: Configuration) -> Opened:
    """Return the opened data of a run; runs that train together and read the same share them."""

    def opened() -> Opened:
        reader: Data = build("data", cfg.data)
        return reader.open()

    return shared_in_meeting(repr(cfg.data), opened)


@_trusting
def take_part(
    ranks: "Ranks",
    cfg: Configuration,
    checkpoints: Path,
    resume_from: Path | None,
    weights: "Mapping[str, Weights] | None",
    reported: bool,
) -> None:
    """Fit as one of the processes of a run; rank 0 tracks the run, tests the model and logs it.

    Args:
        ranks: processes that train together, as seen from this one.
        cfg: configuration of the run.
        checkpoints: folder of the run's checkpoints.
        resume_from: checkpoint of the interrupted run.
        weights: initial weights of the training; None starts from random weights.
        reported: whether rank 0 asks after each epoch if the training should stop.
    """
    from pytorch_lightning import seed_everything

    from remanence.tracking.parameters import config_hash
    from remanence.training.pruning import never

    reader: Data = build("data", cfg.data)
    with quiet():  # rank 0 has said what there is to say
        data = reader.open()
    seed_everything(cfg.seed, workers=True, verbose=False)
    model = build("model", cfg.model, **data.shape)
    study = make_study(kind_of(cfg.data, cfg.allowed_targets), data, cfg)
    make_trainer = study.make_trainer(model, ranks)
    trainer = make_trainer(logger=None, checkpoints=checkpoints, report=never if reported else None)
    if weights is not None and trainer is not None:
        trainer.begin_with(weights)
    # all ranks start from the same network, but each has its own seed for the noise of dropout and latents
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
    style: str | None = None,
    quiet: bool = False,
    resume_from: Path | None = None,
    together: AbstractContextManager[None] | None = None,
    wanted: Collection[str] = (),
) -> dict[str, float]:
    """Fit the model and its baselines, score them on held-out data, draw the figures, and log the model once.

    Args:
        study: study of the data.
        model: untrained network or estimator; both are handled in the same way.
        trainer: trainer of a network; None for an estimator.
        tracked: run that everything is logged to.
        baselines: untrained model of each baseline, by its name; metrics are logged as ``baseline/<name>/test/…``.
        known: fits of baselines from earlier runs of this process, see ``known_fits``; new fits are added to it.
        brief: whether to draw only the figures that every run shows, without explanations.
        style: path of the user's style sheet of figures.
        quiet: whether to print one line only, as the trials of a sweep do.
        resume_from: checkpoint of an interrupted training run of Lightning.
        together: context in which the other processes of the training run exist. Only the fit is inside it; rank 0
            does everything else alone.
        wanted: metrics that are logged in any case, because they are objectives.

    Returns:
        all final metrics.
    """
    from remanence.studies.card import log_cards
    from remanence.studies.note import log_note

    known = {} if known is None else known
    unknown = [baseline for name, baseline in baselines.items() if name not in known]
    with study.fitting_beside(unknown) if isinstance(study, FittingBeside) else nullcontext():
        with _tagged_fit(tracked) as tags:
            with phase("fit"), together or nullcontext():
                fitted = study.fit(model, trainer, resume_from=resume_from)
            tags["remanence.epochs"] = str(fitted.epochs)
            if (stack := getattr(fitted, "stack", 1)) > 1:
                tags[STACK_TAG] = str(stack)
        with phase("baselines"):
            references = _fit_baselines(study, baselines, fitted, trainer, known)
    with phase("scores"):
        if isinstance(study, Blending):
            fitted = study.blended(fitted, references)
        scores = study.score(fitted, references)
    logged = scores.logged(wanted) if isinstance(scores, SelectedScores) else scores.metrics
    tracked.log_metrics(dict(sorted(logged.items(), key=_standing)), step=fitted.epochs)
    with importing():
        from remanence.figures.style_sheet import styled  # here, because a training begins without what draws
    with phase("figures"), styled(style):  # not around the fit, in which trials that train as one take turns
        study.show(tracked, fitted, references, scores, brief=brief)
        cards = None
        if isinstance(study, Carded):
            cards = study.cards(fitted, references, scores)
            log_cards(tracked, study.cfg, model, cards)
    with phase("model"):
        study.log_model(tracked, fitted)
    log_note(tracked, cards)
    study.report(tracked, scores, list(baselines), brief=quiet)
    return scores.metrics


def _fit_baselines(
    study: Study[F, S], baselines: Mapping[str, Any], fitted: F, trainer: "Fitter | None", known: dict[str, F]
) -> dict[str, F]:
    """Return the fit of each baseline by its name; of an estimator, one of ``known``, to which new ones are added."""
    from pytorch_lightning import LightningModule

    references: dict[str, F] = {}
    for name, given in baselines.items():
        baseline, known_as = given, name
        if isinstance(study, Matching) and (baseline := study.matched(given, fitted)) is not given:
            known_as = f"{name} {baseline.hparams}"
        references[name] = known.get(known_as) or study.fit_baseline(baseline, trainer)
        if not isinstance(baseline, LightningModule):  # a network's fit depends on the trainer as well
            known[known_as] = references[name]
    return references


def _standing(metric: tuple[str, float]) -> tuple[int, int]:
    """Return the place of a metric on MLflow's page, which keeps the order: first what the model is judged by."""
    part, _, name = metric[0].partition("/")
    parts, names = ("test", "baseline", "val", "train"), ("r2", "rmse", "mae", "mse")
    return (
        parts.index(part) if part in parts else len(parts),
        names.index(name) if name in names else len(names),
    )


@contextmanager
def _tagged_fit(tracked: "Run") -> Iterator[dict[str, str]]:
    """Tag a run with the time of the block and of the earlier parts of the run, also if the block is interrupted.

    The block may add tags, which are logged in the same call.
    """
    from mlflow.entities import RunTag

    from remanence.tracking.phase_tags import FIT_SECONDS_TAG

    tags: dict[str, str] = {}
    began = own_seconds()

    def tag() -> None:
        tags[FIT_SECONDS_TAG] = f"{tracked.fitted_before + own_seconds() - began:.2f}"
        tracked.client.log_batch(tracked.id, tags=[RunTag(key, value) for key, value in tags.items()])

    try:
        yield tags
    except BaseException:
        with suppress(Exception):  # the reason why the fit ended matters more
            tag()
        raise
    tag()


@lru_cache(maxsize=4)
def known_fits(shared: str) -> dict[str, Any]:
    """Return the fits of baselines from earlier runs of this process; the caller adds new fits to the dictionary.

    Trials of a sweep mostly share data and baselines, so that they fit the baselines only once.

    Args:
        shared: data and baselines as text; runs with the same text share their fits.
    """
    return {}
