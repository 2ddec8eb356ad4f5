"""The life of a sweep: take a trial, start it where there is room, write down how it ended, until all have."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from remanence.configuration.configuration import Configuration
from remanence.errors import ConfigurationError
from remanence.sweeps.heartbeat import heartbeat
from remanence.sweeps.outcome import TRACKING_LOST, UNKNOWN_OBJECTIVE, Outcome
from remanence.sweeps.slots import Job, Slots
from remanence.sweeps.space import Space
from remanence.sweeps.study import SharedStudy

OTHERS = 1.0
"""Seconds between two looks at the trials of other processes, when there is nothing else to do."""


@dataclass(frozen=True)
class Policy:
    """When failures end a sweep."""

    on_failure: str
    """``continue`` or ``stop``."""
    max_failures: int | None

    def broken_by(self, study: SharedStudy, last: Outcome | None) -> str | None:
        """Return why a sweep must end now, None if it need not."""
        failed = study.trials(TrialState.FAIL)
        if last is not None and last.kind in (TRACKING_LOST, UNKNOWN_OBJECTIVE):  # nor could a later trial be of use
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
) -> str | None:
    """Run the trials of a study until ``n_trials`` have ended, and return why it ended sooner, None if it did not.

    Args:
        study: shared with other processes.
        space: what is searched.
        n_trials: of the whole study.
        slots: where trials run.
        job: makes of a trial what is to be run.
        reuse: returns the outcome of an earlier run of a configuration, None if there is none.
        lost: is told of a trial whose process died, and how; returns its outcome, None if it is to be tried again.
        policy: when failures end the sweep.
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
                        broken = policy.broken_by(study, known)
                if slots.busy:
                    for number, answer in slots.ended():  # the trial has told the study itself, unless its process died
                        own.discard(number)
                        if answer is None:
                            study.release([number])
                        outcome = lost(number, answer) if isinstance(answer, str) else answer
                        broken = broken or policy.broken_by(study, outcome)
                elif broken is None and study.ended >= n_trials:
                    break
                elif broken is None:
                    time.sleep(OTHERS)  # for the trials of another process, which may die and leave them
    finally:
        slots.close()
        study.release(own)
    return broken


def _start(
    slots: Slots,
    trial: FrozenTrial,
    job: Callable[[FrozenTrial], Job],
    reuse: Callable[[Configuration], Outcome | None],
) -> Outcome | None:
    """Start a trial, or return its outcome if it is known without."""
    try:
        made = job(trial)
        earlier = reuse(made.cfg)
    except ConfigurationError as error:  # two values that are right by themselves need not go together
        return Outcome.of_exception(error)
    if earlier is None:
        slots.start(made)
    return earlier
