"""Running a trial: a training run that can resume its MLflow run, reports to the study and writes its outcome there."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import optuna
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import SQLAlchemyError

from remanence.configuration.configuration import Configuration
from remanence.configuration.sweep_options import NoPruner
from remanence.configuration.validate import objectives
from remanence.data.source import Source
from remanence.errors import UnknownObjective
from remanence.foundation.names import find_metric
from remanence.foundation.own_time import own_seconds
from remanence.sweeps.heartbeat import heartbeat
from remanence.sweeps.outcome import CHANGED_FILE, KILLED, TAKEN_OVER, TRACKING_LOST, Outcome
from remanence.sweeps.pruners import choose_pruner
from remanence.sweeps.storage import study_url
from remanence.sweeps.study import SharedStudy, StudyLost
from remanence.sweeps.trial_run import run_of_trial, runs_of_sweep
from remanence.tracking.address import tracking_uri, without_secrets
from remanence.tracking.claim import claimed
from remanence.tracking.database import connect, reach
from remanence.tracking.parameters import config_hash
from remanence.tracking.patience import patiently
from remanence.tracking.run import Run
from remanence.training.report import Pruned, Report
from remanence.training.shared_in_meeting import SHARED, shared_in_meeting

AWAY = (StorageInternalError, SQLAlchemyError)
"""Exceptions that Optuna raises while the database of the study does not answer."""

Train = Callable[..., tuple[float, ...]]


def run_trial(cfg: Configuration, train: Train) -> Outcome | str:
    """Run the trial ``sweep.trial`` of the study ``sweep.name`` in this process.

    A trial whose MLflow run is already FINISHED is not trained again; its process died before it could tell the study.
    An interrupted trial is given back to the study.

    Args:
        cfg: checked configuration of the trial.
        train: function that trains the run; it takes ``report``, ``resume_run``, ``resume_from``, ``began`` and
            ``read``.

    Returns:
        the outcome; if one of the processes of the trial was killed, a text that says so, as for this process itself.

    Raises:
        SystemExit: when the process is told to end, see ``tracking.interruption``.
    """
    number, study = _trial(cfg)[0], _study(cfg)
    if not study.claim(number):
        return Outcome("skipped", message=f"trial {number} has ended or is another process's")
    began = own_seconds()
    try:
        with heartbeat(study, {number}):
            outcome = _outcome(cfg, train, study)
    except SystemExit:
        study.patience = 0.0  # nobody waits now; a trial of a process that is gone is found
        with suppress(StudyLost):
            study.give_back(number)
        raise
    outcome = replace(outcome, seconds=round(own_seconds() - began, 2))
    if outcome.kind == KILLED:
        return outcome.message
    if outcome.kind in (TRACKING_LOST, CHANGED_FILE):  # the trial goes on when the server or the file is back
        study.give_back(number)
    elif outcome.kind != TAKEN_OVER:  # the process that has the run tells the study how it ends
        study.tell(number, outcome)
    return outcome


def _study(cfg: Configuration) -> SharedStudy:
    """Return the study of a trial; trials that train together share it."""
    name, url = _trial(cfg)[1], study_url(cfg.sweep.storage, cfg.paths.outputs)
    return shared_in_meeting(
        f"study {name} at {url}",
        lambda: SharedStudy(name, url, pruner=choose_pruner(cfg.pruner), patience=cfg.tracking.patience),
    )


def _trial(cfg: Configuration) -> tuple[int, str]:
    """Return the number of a trial and the name of its study."""
    if cfg.sweep.trial is None or cfg.sweep.name is None:
        raise ValueError("Expected argument `cfg` to be of a trial of a sweep, but it names none.")
    return cfg.sweep.trial, cfg.sweep.name


class Reporter:
    """Reports the objective of a trial to the study while it trains, and asks whether the trial should stop.

    Args:
        trial: the trial in the study.
        objective: metric that is reported, and compared with other trials at the same epoch.
        every: number of epochs between two reports.
    """

    def __init__(self, trial: optuna.Trial, objective: str, every: int) -> None:
        self.trial, self.objective, self.every = trial, objective, every
        # epochs that were reported before an interruption
        self.known = set(trial.storage.get_trial(trial._trial_id).intermediate_values)

    def __call__(self, metrics: Mapping[str, float], epoch: int) -> bool:
        """Return whether the trial should stop after ``epoch``, counted from 0."""
        trained = epoch + 1
        if trained % self.every:
            return False
        if self.objective not in metrics:
            raise UnknownObjective(
                f"pruner: '{self.objective}' is not known while training; there are: {', '.join(sorted(metrics))}; "
                "add pruner=none or take another objective"
            )
        try:
            if trained not in self.known:
                self.trial.report(metrics[self.objective], trained)
            return self.trial.should_prune()
        except AWAY:  # the training goes on without this report
            return False


def _outcome(cfg: Configuration, train: Train, study: SharedStudy) -> Outcome:
    entered: list[Run] = []
    train = partial(train, began=entered.append, read=partial(_check_files, study))
    try:
        found = _earlier(cfg, study)
        outcome = _train(cfg, train, study) if found is None else _go_on(cfg, train, study, found)
    except Exception as error:
        outcome = Outcome.of_exception(error)
    if entered:
        (run,) = entered
        return outcome.of_run(run.id, run.name, {**run.found.data.tags, **run.client.tags})
    try:
        return outcome.with_run(_run(cfg, 0.0 if outcome.kind == TRACKING_LOST else cfg.tracking.patience))
    except Exception as error:
        if outcome.state == "failed":  # for a reason that matters more
            return outcome
        # the run has ended and holds the result: whoever takes the trial next reads it there, and which run it is
        return replace(Outcome.of_exception(error), kind=TRACKING_LOST)


def _check_files(study: SharedStudy, sources: Sequence[Source]) -> None:
    """Refuse files of the user's that have changed since the sweep began; others are not looked up in the study."""
    if any(source.kind == "local" for source in sources):
        study.identity.check_files(sources)


def _earlier(cfg: Configuration, study: SharedStudy) -> MlflowRun | None:
    """Return the run that an earlier process has left of a trial; trials that train together look for theirs at once.

    A trial that no process has begun has a run only if its study was deleted and the run was not.
    """
    if SHARED.get() is None or _trial(cfg)[0] in study.begun:
        return _run(cfg, cfg.tracking.patience)
    uri, patience, parent = _uri(cfg), cfg.tracking.patience, str(cfg.tracking.parent)
    runs = shared_in_meeting(
        f"runs of {parent} at {uri}",
        lambda: reach(lambda: runs_of_sweep(_client(uri, patience), parent), uri, patience),
    )
    return runs.get((str(cfg.sweep.trial), config_hash(cfg.plain)))


def _run(cfg: Configuration, patience: float) -> MlflowRun | None:
    uri = _uri(cfg)
    client = _client(uri, patience)
    return reach(lambda: run_of_trial(client, cfg), uri, patience)


def _client(uri: str, patience: float) -> MlflowClient:
    return shared_in_meeting(f"client of {uri}", lambda: connect(uri, patience=patience, again=True))


def _uri(cfg: Configuration) -> str:
    return tracking_uri(cfg.tracking.uri, cfg.paths.outputs)


def _finished(cfg: Configuration, found: MlflowRun | None) -> Outcome | None:
    if found is None or found.info.status != "FINISHED":
        return None
    if found.data.tags.get("remanence.outcome") == "pruned":
        return Outcome("pruned")
    metrics = found.data.metrics
    values = {name: metrics[own] for name in objectives(cfg) if (own := find_metric(name, metrics)) is not None}
    return Outcome.of_values(values) if values.keys() == objectives(cfg).keys() else None


def _go_on(cfg: Configuration, train: Train, study: SharedStudy, found: MlflowRun) -> Outcome:
    """Return the outcome of the MLflow run that a process has left, or resume it from its checkpoint.

    A process that cannot reach the study may still work on the run: its end is waited for.
    """
    if (finished := _finished(cfg, found)) is not None:
        return finished
    outputs, patience = Path(cfg.paths.outputs), cfg.tracking.patience
    client = connect(_uri(cfg), patience=patience, again=True)
    run = Run.of(found, client, uri=without_secrets(_uri(cfg)), outputs=outputs, patience=patience)
    with claimed(run, patient=True):
        return _finished(cfg, run.found) or _train(
            cfg, train, study, run_id=run.id, checkpoint=run.restore_checkpoint()
        )


def _train(
    cfg: Configuration, train: Train, study: SharedStudy, *, run_id: str | None = None, checkpoint: Path | None = None
) -> Outcome:
    """Train a trial, and return its outcome.

    Args:
        cfg: checked configuration of the trial.
        train: function that trains the run.
        study: study of the trial.
        run_id: id of the MLflow run that is resumed; None for a new one.
        checkpoint: checkpoint from which it is resumed.
    """
    report: Report | None = None
    if not isinstance(cfg.pruner, NoPruner):
        (objective,) = objectives(cfg)
        trial = study.trial(_trial(cfg)[0])
        every = cfg.pruner.every
        report = patiently(lambda: Reporter(trial, objective, every), study.url, study.patience)
    try:
        values = train(cfg, report=report, resume_run=run_id, resume_from=checkpoint)
    except Pruned:
        return Outcome("pruned")
    return Outcome.of_values(dict(zip(objectives(cfg), values, strict=True)))
