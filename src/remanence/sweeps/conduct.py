"""Running a planned sweep, from its parent run to the table at its end."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from optuna.study import Study
from optuna.trial import BaseTrial, TrialState

from remanence.configuration.configuration import Configuration
from remanence.figures.style_sheet import styled
from remanence.foundation.phases import phase
from remanence.foundation.progress_bar import Bar, advancing
from remanence.foundation.terminal import console
from remanence.studies.kinds import show_side_by_side
from remanence.sweeps.adoption import adopt, mark_reused
from remanence.sweeps.deleted_runs import deleted_runs
from remanence.sweeps.fusing import Fusing
from remanence.sweeps.loop import Policy, run_trials
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.outcomes import print_outcomes
from remanence.sweeps.parent import finished_parent, parent_run
from remanence.sweeps.plan import Plan
from remanence.sweeps.pruners import choose_pruner
from remanence.sweeps.repeats import print_repeats
from remanence.sweeps.slots import Job, Slots
from remanence.sweeps.study import SharedStudy, StudyLost
from remanence.sweeps.summary import BEST_RUN_TAG, finished_runs, summarise
from remanence.sweeps.time_left import TimeLeft
from remanence.sweeps.trial_run import end_run, reusable_run
from remanence.tracking.interruption import Interrupted, uninterrupted
from remanence.tracking.run import Run
from remanence.tracking.writable import check_outputs, make_outputs


@dataclass(frozen=True)
class Conducted:
    """The study and the parent run, which hold the results of a sweep."""

    study: Study
    parent: Run
    allowed_targets: Sequence[str] = ()
    """Prefixes of names that the runs of the sweep may import."""


def conduct(
    planned: Plan, arguments: Sequence[str], options: Mapping[str, Any], slots: Callable[[], Slots]
) -> Conducted:
    """Run the remaining trials of a sweep, and return the study and the parent run.

    Args:
        planned: plan of the sweep.
        arguments: overrides as typed.
        options: checked options of ``conf/hydra/sweeper/remanence.yaml``.
        slots: function that creates the slots in which trials run.

    Raises:
        ConfigurationError: if a study of this name searches something else.
        RuntimeError: at the end, if failures have stopped the sweep (see ``Policy``), or if no trial has a result.
        StudyLost: if the database of the study stays away.
    """
    check_outputs(Path(planned.example.paths.outputs))
    make_outputs(Path(planned.example.paths.outputs))
    study = SharedStudy.create_or_enter(
        planned.name,
        planned.url,
        identity=planned.identity,
        objectives=planned.objectives,
        space=planned.space,
        sampler=planned.sampler,
        pruner=choose_pruner(planned.example.pruner),
        patience=planned.example.tracking.patience,
    )
    for trial in study.trials(TrialState.WAITING, TrialState.RUNNING):  # before anything is tracked
        planned.space.check_stored(trial.number, trial.params)
    finished = (
        finished_parent(planned.example, planned.name, planned.experiments) if study.ended >= planned.n_trials else None
    )
    if finished is not None and not _names_deleted_run(finished, study.study):
        print_outcomes(study.study, deleted_runs(study.study, finished.client), finished.folder)
        print_repeats(study.study, finished_runs(finished))
        return Conducted(study.study, finished, planned.example.allowed_targets)
    if study.ended:
        console.print(f"sweep {planned.name}: {study.ended} of {planned.n_trials} trials have ended, going on")
    places = slots()  # before anything is tracked, because a launcher that cannot work raises an error here
    with parent_run(
        planned.example, planned.name, planned.space, arguments, planned.url, planned.experiments
    ) as parent:
        adopt(parent, study.study)
        try:
            with phase("trials"), _shown(planned, study) as ended:
                broken = run_trials(
                    study,
                    planned.space,
                    planned.n_trials,
                    places,
                    ended=ended,
                    trained=_time_left(planned, study, places),
                    job=lambda trial: _job(trial, planned, parent),
                    reuse=lambda cfg: _reuse(cfg, planned, parent),
                    lost=lambda number, how: _bury(number, how, study, planned, parent),
                    policy=Policy(options["on_failure"], options["max_failures"]),
                )
        except Interrupted:
            with uninterrupted(), suppress(OSError, StudyLost):  # the terminal may be gone, too
                console.print(
                    f"sweep {planned.name}: interrupted, {study.ended} of {planned.n_trials} trials have ended; "
                    "the same command goes on"
                )
            raise
        deleted = deleted_runs(study.study, parent.client)
        with phase("figures"), styled(planned.example.figure_style):
            summarise(parent, study.study, partial(show_side_by_side, planned.kind), deleted)
        print_outcomes(study.study, deleted, parent.folder)
        print_repeats(study.study, finished_runs(parent))
        if broken is not None:
            raise RuntimeError(f"the sweep {planned.name} was stopped: {broken}")
        if not study.trials(TrialState.COMPLETE, TrialState.PRUNED):
            first = study.trials(TrialState.FAIL)[0].user_attrs
            raise RuntimeError(f"all {study.ended} trials failed, the first by {first['kind']}: {first['message']}")
    return Conducted(study.study, parent, planned.example.allowed_targets)


def _shown(planned: Plan, study: SharedStudy) -> AbstractContextManager[Bar]:
    """Return the bar over the trials; what other processes print would tear it, so that several have none."""
    if planned.example.n_jobs > 1:
        return nullcontext(Bar())
    return advancing(f"sweep {planned.name}", planned.n_trials, "trials", done=study.ended)


def _time_left(planned: Plan, study: SharedStudy, places: Slots) -> Callable[[int], None]:
    """Return what says how long the sweep still takes, unless a bar shows it."""
    at_once = max(1, planned.example.n_jobs)
    if at_once == 1 and sys.stderr is not None and sys.stderr.isatty():
        return lambda trials: None
    return TimeLeft(
        planned.name,
        lambda: planned.n_trials - study.ended,
        at_once=at_once,
        together=lambda: places.side_by_side if isinstance(places, Fusing) else 0,
    )


def _names_deleted_run(parent: Run, study: Study) -> bool:
    """Return whether a finished sweep names a run as its best that was deleted since then."""
    named = parent.found.data.tags.get(BEST_RUN_TAG)
    return named is not None and named in deleted_runs(study, parent.client)


def _job(trial: BaseTrial, planned: Plan, parent: Run) -> Job:
    planned.space.check_stored(trial.number, trial.params)
    return planned.composer.job(trial.number, trial.params, sweep=planned.name, parent=parent.id)


def _bury(number: int, how: str, study: SharedStudy, planned: Plan, parent: Run) -> Outcome | None:
    """End the MLflow run of a trial whose process died, because that process cannot, and let the trial be repeated.

    Returns:
        the outcome if the trial is not repeated any more, see ``SharedStudy.bury``; otherwise None.
    """
    if not study.holds(number):  # the process had told the study the outcome, or another sweep has taken the trial
        return None
    found = end_run(parent, _job(study.trial(number), planned, parent).cfg)
    return study.bury(number, Outcome("failed", kind="killed", message=how).with_run(found))


def _reuse(cfg: Configuration, planned: Plan, parent: Run) -> Outcome | None:
    """Return the values of an earlier run with the same configuration; None if there is none.

    Only the trials of a grid reuse values; trials that a sampler proposes are always run.
    """
    digests = planned.digests.get(repr(cfg.data))
    if not planned.is_grid or digests is None:
        return None
    found = reusable_run(parent.client, parent.id, cfg, digests, planned.objectives)
    if found is None:
        return None
    mark_reused(parent, found)
    values = tuple(found.data.metrics[name] for name in planned.objectives)
    return Outcome("skipped", values, message="an earlier run has the result").with_run(found)
