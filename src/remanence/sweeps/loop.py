"""The main loop of a sweep: take a trial, start it in a free slot, and record its outcome, until all have ended."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from remanence.configuration.configuration import Configuration
from remanence.errors import ConfigurationError
from remanence.sweeps.heartbeat import heartbeat
from remanence.sweeps.outcome import CHANGED_FILE, TRACKING_LOST, UNKNOWN_OBJECTIVE, Outcome
from remanence.sweeps.slots import Job, Slots
from remanence.sweeps.space import Space
from remanence.sweeps.study import SharedStudy, StudyLost

OTHERS = 1.0
"""Seconds between two checks of the trials of other processes, when there is nothing else to do."""


@dataclass(frozen=True)
class Policy:
    """The conditions under which failed trials end a sweep."""

    on_failure: str
    """``continue`` or ``stop`` after a failed trial."""
    max_failures: int | None
    """Number of failed trials above which the sweep ends; None for no limit."""

    def broken_by(self, study: SharedStudy, last: Outcome | None) -> str | None:
        """Return the reason for which a sweep must end now; None if it may go on.

        Args:
            study: study of the sweep.
            last: outcome of the trial that ended last, if any.
        """
        failed = study.trials(TrialState.FAIL)
        if last is not None and last.kind in (TRACKING_LOST, CHANGED_FILE, UNKNOWN_OBJECTIVE):  # as every later trial
            return last.message
        if failed and self.on_failure == "stop":
            first = failed[0].user_attrs
            return f"trial {failed[0].number} failed: {first['kind']}: {first['message']}"
        if self.max_failures is not None and len(failed) > self.max_failures:
            return f"{len(failed)} trials failed, hydra.sweeper.max_failures={self.max_failures}"
        return None


def run_trials(
    study: SharedStudy,
    space: Space,
    n_trials: int,
    slots: Slots,
    *,
    job: Callable[[FrozenTrial], Job],
    reuse: Callable[[Configuration], Outcome | None],
    lost: Callable[[int, str], Outcome | None],
    policy: Policy,
    ended: Callable[[int], None] = lambda trials: None,
    trained: Callable[[int], None] = lambda trials: None,
) -> str | None:
    """Run the trials of a study until ``n_trials`` have ended.

    Args:
        study: study, which other processes may share.
        space: search space.
        n_trials: number of trials in the whole study.
        slots: slots in which trials run.
        job: function that returns the job of a trial.
        reuse: function that returns the outcome of an earlier run of a configuration, or None if there is none.
        lost: function that is called with the number of a trial whose process died and a text on how it died; it
            returns the outcome of the trial, or None if the trial is to be repeated.
        policy: conditions under which failures end the sweep.
        ended: function that is called with the number of trials that have ended since the last call.
        trained: function that is called likewise, of the trials that this process has run and that have not failed.

    Returns:
        the reason for which the sweep ended early; None if it did not.

    Raises:
        StudyLost: if the database of the study stays away for longer than ``tracking.patience``.
    """
    broken = policy.broken_by(study, None)
    own: set[int] = set()
    try:
        with heartbeat(study, own):
            while broken is None or slots.busy:
                while broken is None and slots.free and (trial := study.next(n_trials, space, own)) is not None:
                    own.add(trial.number)
                    known = _start(slots, trial, job, reuse)
                    if known is not None:
                        study.tell(trial.number, known)
                        own.discard(trial.number)
                        ended(1)
                        broken = policy.broken_by(study, known)
                if slots.busy:
                    # a trial writes its outcome into the study itself, unless its process dies
                    for number, answer in slots.ended():
                        own.discard(number)
                        if answer is None:
                            study.release([number])
                        outcome = lost(number, answer) if isinstance(answer, str) else answer
                        ended(int(outcome is not None))
                        trained(int(outcome is not None and outcome.state in ("ok", "pruned")))
                        broken = broken or policy.broken_by(study, outcome)
                elif broken is None and study.ended >= n_trials:
                    break
                elif broken is None:
                    time.sleep(OTHERS)  # other processes run the remaining trials; if one dies, its trial is taken over
    except BaseException:
        slots.close()
        study.patience = 0.0  # nobody waits now; a trial of a process that is gone is found
        with suppress(StudyLost):
            study.release(own)
        raise
    slots.close()
    study.release(own)
    return broken


def _start(
    slots: Slots,
    trial: FrozenTrial,
    job: Callable[[FrozenTrial], Job],
    reuse: Callable[[Configuration], Outcome | None],
) -> Outcome | None:
    """Start a trial and return None; or return its outcome, if that is known without running the trial."""
    try:
        made = job(trial)
        earlier = reuse(made.cfg)
    except ConfigurationError as error:  # two values may each be valid and yet not fit together
        return Outcome.of_exception(error)
    if earlier is None:
        slots.start(made)
    return earlier
