"""An Optuna study that several processes share and that outlives them."""

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from remanence.sweeps.identity import Identity
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.space import Space
from remanence.sweeps.storage import open_storage, set_attributes, study_lock, trial_states
from remanence.tracking.address import without_secrets
from remanence.tracking.clock import now_at
from remanence.tracking.patience import is_away, patiently, reason
from remanence.tracking.process import Owner

P = ParamSpec("P")
T = TypeVar("T")

SILENCE = 120.0
"""Seconds without a heartbeat after which a trial of another machine counts as dead.

A living trial writes a heartbeat every ``heartbeat.BEAT`` seconds.
"""
LISTEN = 15.0
"""Seconds, after the database was away, in which silence says nothing: others begin to write heartbeats again."""
MOST_DEATHS = 3
"""Number of processes that may die while they run a trial before the trial counts as failed."""
STATES = {
    "ok": TrialState.COMPLETE,
    "skipped": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class StudyLost(RuntimeError):  # noqa: N818  the name says what has happened
    """The database of a study did not come back."""


def patient(
    method: "Callable[Concatenate[SharedStudy, P], T]",
) -> "Callable[Concatenate[SharedStudy, P], T]":
    """Let a method of a study wait for its database, and begin again, while the database does not answer.

    The method raises StudyLost if the database stays away for longer than the patience of the study.
    """

    @wraps(method)
    def waiting(study: "SharedStudy", /, *arguments: P.args, **named: P.kwargs) -> T:
        def call() -> T:
            try:
                return method(study, *arguments, **named)
            except Exception as error:
                if is_away(error):
                    study.cut = time.monotonic()
                raise

        try:
            return patiently(call, study.url, study.patience)
        except Exception as error:
            if not is_away(error):
                raise
            lost = f"sweep.storage: {without_secrets(study.url)} does not answer ({reason(error)})"
            raise StudyLost(f"{lost}; the same command goes on") from error

    return waiting


class SharedStudy:
    """A study from which several processes take trials; if a process dies, another one resumes its trial.

    Its methods wait for the database while it does not answer, except where they say otherwise.

    Args:
        name: name of the study.
        url: address of the study's database, see ``study_url``.
        sampler: sampler that proposes values; only a process that takes new trials needs it.
        pruner: pruner that stops trials.
        patience: seconds to wait for the database.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        sampler: BaseSampler | None = None,
        pruner: BasePruner | None = None,
        patience: float = 0.0,
    ) -> None:
        self.name, self.url, self.patience = name, url, patience
        self.cut = -math.inf
        """When the database was last seen not to answer; others could not write heartbeats then."""
        self.begun: set[int] = set()
        """Numbers of the trials that this process has claimed and another one had begun."""
        self._asking = False
        self._ids: dict[int, int] = {}  # number of a trial to its id
        self.storage, self.study = patiently(lambda: self._open(sampler, pruner), url, patience)

    def _open(self, sampler: BaseSampler | None, pruner: BasePruner | None) -> tuple[RDBStorage, optuna.Study]:
        storage, sampler = open_storage(self.url), sampler or optuna.samplers.RandomSampler()
        return storage, optuna.load_study(study_name=self.name, storage=storage, sampler=sampler, pruner=pruner)

    @classmethod
    def create_or_enter(
        cls,
        name: str,
        url: str,
        *,
        identity: Identity,
        objectives: Mapping[str, Any],
        space: Space,
        sampler: BaseSampler,
        pruner: BasePruner,
        patience: float = 0.0,
    ) -> "SharedStudy":
        """Return the study ``name``; create it if there is none.

        Args:
            name: name of the study.
            url: address of the study's database.
            identity: search space and fixed configuration, which must equal those of an existing study.
            objectives: metric to direction.
            space: search space.
            sampler: sampler that proposes values.
            pruner: pruner that stops trials.
            patience: seconds to wait for the database, once the study is there.

        Raises:
            ConfigurationError: if a study of this name searches something else.
        """
        storage = open_storage(url)
        with study_lock(url):
            study = optuna.create_study(
                study_name=name, storage=storage, directions=[*objectives.values()], load_if_exists=True
            )
            if (stored := study.user_attrs.get("identity")) is None:
                study.set_user_attr("objective", list(objectives))
                study.set_user_attr("space", space.texts)
                study.set_user_attr("identity", identity.to_dict())
            else:
                identity.check(Identity(**stored), name)
        return cls(name, url, sampler=sampler, pruner=pruner, patience=patience)

    @cached_property
    def identity(self) -> Identity:
        """Identity with which the study began."""
        return Identity(**self._attributes()["identity"])

    @patient
    def _attributes(self) -> dict[str, Any]:
        return self.study.user_attrs

    @patient
    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        """Return the trials in these states, or all trials if no state is given."""
        return self._trials(*states)

    @property
    def ended(self) -> int:
        """Number of trials that have ended, which count towards ``n_trials``."""
        return len(self.trials(*ENDED))

    @patient
    def next(self, n_trials: int, space: Space, busy: Collection[int] = ()) -> FrozenTrial | None:
        """Take an interrupted trial or a new one; None if ``n_trials`` trials have ended or are running.

        Args:
            n_trials: number of trials in the whole study.
            space: search space.
            busy: numbers of the trials that this process has started; they are not checked for dead processes.
        """
        with study_lock(self.url):
            # a database that goes away while a trial is taken leaves one of which this process does not know
            unknown, self._asking = self._asking, True
            states = self._states()
            counted = len(states) - [*states.values()].count(TrialState.WAITING)
            for number in states:
                if states[number] != TrialState.RUNNING or number in busy:
                    continue
                trial = self._find(number)
                ours = unknown and self._holds(trial) and not trial.user_attrs.get("claimed")
                if ours or not self._is_alive(trial):
                    counted -= self._give_back(number)
            taken = None
            if counted < n_trials:
                asked = self.study.ask(space.distributions)
                self._own(asked._trial_id, claimed=False, taken_by=Owner.this_process().plain())
                taken = self._find(asked.number)
        self._asking = False
        return taken

    @patient
    def trial(self, number: int) -> optuna.Trial:
        """Return a running trial, to which values can be reported."""
        return optuna.Trial(self.study, self._id(number))

    @patient
    def claim(self, number: int) -> bool:
        """Make this process the owner of a trial; return False if it has ended or another living process owns it."""
        with study_lock(self.url):
            trial = self._find(number)
            if trial.state == TrialState.WAITING:
                self.storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING)
            elif trial.state != TrialState.RUNNING or (trial.user_attrs.get("claimed") and self._is_alive(trial)):
                return False
            if trial.user_attrs.get("began"):
                self.begun.add(number)
            self._own(trial._trial_id, claimed=True, began=True)
            return True

    @patient
    def tell(self, number: int, outcome: Outcome) -> None:
        """Write the outcome of a trial into the study; a trial that has already ended is not changed."""
        self._tell(number, outcome)

    def _tell(self, number: int, outcome: Outcome) -> None:
        about: dict[str, Any] = {
            "run": outcome.run,
            "name": outcome.name,
            "outcome": outcome.state,
            "kind": outcome.kind,
        }
        about |= {"message": outcome.message, "seconds": outcome.seconds, "epochs": outcome.epochs}
        try:
            state = set_attributes(self.storage, self._id(number), about)
        except UpdateFinishedTrialError:
            return
        if state == TrialState.WAITING:  # given back by another process that missed its heartbeats
            self.storage.set_trial_state_values(self._id(number), TrialState.RUNNING)
        values = list(outcome.values) if STATES[outcome.state] == TrialState.COMPLETE else None
        self.study.tell(number, values, STATES[outcome.state], skip_if_finished=True)

    @patient
    def give_back(self, number: int) -> None:
        """Give an interrupted trial back to the study; the next process that asks for a trial resumes it."""
        self._give_back(number)

    def _give_back(self, number: int) -> bool:
        """Give a trial back if it runs, and return whether it does."""
        trial = self._find(number)
        if runs := trial.state == TrialState.RUNNING:
            self.storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)
        return runs

    @patient
    def holds(self, number: int) -> bool:
        """Return whether this process has taken a trial, which runs and which no other sweep has taken over."""
        return self._holds(self._find(number))

    def _holds(self, trial: FrozenTrial) -> bool:
        taken_by = trial.user_attrs.get("taken_by")
        return trial.state == TrialState.RUNNING and taken_by is not None and Owner(*taken_by).is_this_process

    @patient
    def release(self, numbers: Iterable[int]) -> None:
        """Give back those trials of this process that no living process works on."""
        with study_lock(self.url):
            for trial in map(self._find, tuple(numbers)):
                if self._holds(trial) and not (trial.user_attrs.get("claimed") and self._is_alive(trial)):
                    self._give_back(trial.number)

    @patient
    def bury(self, number: int, outcome: Outcome) -> Outcome | None:
        """Give back a trial whose process died, or end it with ``outcome`` after ``MOST_DEATHS`` deaths.

        A trial that kills every process that runs it must not keep a sweep from ending. A trial that another sweep has
        taken over is left to that sweep.

        Returns:
            the outcome if the trial was ended; otherwise None.

        Raises:
            RuntimeError: if no process could begin the trial; the trial itself cannot be the reason then.
        """
        with study_lock(self.url):
            trial = self._find(number)
            if not self._holds(trial):
                return None
            deaths = trial.user_attrs.get("deaths", 0) + 1
            self.storage.set_trial_user_attr(trial._trial_id, "deaths", deaths)
            if deaths >= MOST_DEATHS and trial.user_attrs.get("began"):
                final = replace(outcome, message=f"{outcome.message}, {deaths} times")
                self._tell(number, final)
                return final
            self._give_back(number)
            if deaths >= MOST_DEATHS:
                raise RuntimeError(f"trial {number} could not be started {deaths} times: {outcome.message}")
            return None

    def beat(self, numbers: Iterable[int]) -> None:
        """Write a heartbeat for each of these trials: the process that works on them is alive. Does not wait."""
        now = now_at(self.url)
        for number in numbers:
            trial = self._find(number)
            if trial.state == TrialState.RUNNING:
                self.storage.set_trial_user_attr(trial._trial_id, "heartbeat", now)

    def _trials(self, *states: TrialState) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False, states=states or None)

    def _states(self) -> dict[int, TrialState]:
        return trial_states(self.storage, self.study._study_id)

    def _find(self, number: int) -> FrozenTrial:
        return self.storage.get_trial(self._id(number))

    def _id(self, number: int) -> int:
        if number not in self._ids:
            found = self.storage.get_trial_id_from_study_id_trial_number(self.study._study_id, number)
            self._ids[number] = found
        return self._ids[number]

    def _own(self, trial_id: int, *, claimed: bool, **further: Any) -> None:
        # at once: whoever looks without the lock must not take the process that asked for the one that trains
        about = {"claimed": claimed, "heartbeat": now_at(self.url), "owner": Owner.this_process().plain(), **further}
        set_attributes(self.storage, trial_id, about)

    def _is_alive(self, trial: FrozenTrial) -> bool:
        """Return whether a living process works on a trial.

        A process of this machine is looked up; a process of another machine counts as alive while it sends heartbeats,
        whose age is told by the clock of the database.
        """
        # the trial and its owner are written one after the other under the lock: without owner, the process has died
        if "owner" not in trial.user_attrs:
            return False
        owner = Owner(*trial.user_attrs["owner"])
        if owner.is_here:
            return owner.is_alive
        silent = now_at(self.url) - trial.user_attrs["heartbeat"]
        return silent < SILENCE or time.monotonic() - self.cut < LISTEN
