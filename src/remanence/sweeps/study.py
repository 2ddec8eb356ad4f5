"""An Optuna study that several processes share and that outlives them."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from remanence.sweeps.identity import Identity
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.space import Space
from remanence.sweeps.storage import open_storage, study_lock
from remanence.tracking.process import Owner

SILENCE = 120.0
"""Seconds without a heartbeat after which a trial of another machine counts as dead.

A living trial writes a heartbeat every ``heartbeat.BEAT`` seconds.
"""
MOST_DEATHS = 3
"""Number of processes that may die while they run a trial before the trial counts as failed."""
STATES = {
    "ok": TrialState.COMPLETE,
    "skipped": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class SharedStudy:
    """A study from which several processes take trials; if a process dies, another one resumes its trial.

    Args:
        name: name of the study.
        url: address of the study's database, see ``study_url``.
        sampler: sampler that proposes values; only a process that takes new trials needs it.
        pruner: pruner that stops trials.
    """

    def __init__(
        self, name: str, url: str, *, sampler: BaseSampler | None = None, pruner: BasePruner | None = None
    ) -> None:
        self.name, self.url = name, url
        self.storage = open_storage(url)
        self.study = optuna.load_study(
            study_name=name, storage=self.storage, sampler=sampler or optuna.samplers.RandomSampler(), pruner=pruner
        )

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
        return cls(name, url, sampler=sampler, pruner=pruner)

    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        """Return the trials in these states, or all trials if no state is given."""
        return self.study.get_trials(deepcopy=False, states=states or None)

    @property
    def ended(self) -> int:
        """Number of trials that have ended, which count towards ``n_trials``."""
        return len(self.trials(*ENDED))

    def next(self, n_trials: int, space: Space, busy: Collection[int] = ()) -> FrozenTrial | None:
        """Take an interrupted trial or a new one; None if ``n_trials`` trials have ended or are running.

        Args:
            n_trials: number of trials in the whole study.
            space: search space.
            busy: numbers of the trials that this process has started; they are not checked for dead processes.
        """
        with study_lock(self.url):
            for trial in self.trials(TrialState.RUNNING):
                if trial.number not in busy and not self._is_alive(trial):
                    self.give_back(trial.number)
            if len(self.trials(*ENDED, TrialState.RUNNING)) >= n_trials:
                return None
            asked = self.study.ask(space.distributions)
            self.storage.set_trial_user_attr(asked._trial_id, "taken_by", _plain(Owner.this_process()))
            self._own(asked._trial_id, claimed=False)
            return self._find(asked.number)

    def trial(self, number: int) -> optuna.Trial:
        """Return a running trial, to which values can be reported."""
        return optuna.Trial(self.study, self._id(number))

    def claim(self, number: int) -> bool:
        """Make this process the owner of a trial; return False if it has ended or another living process owns it."""
        with study_lock(self.url):
            trial = self._find(number)
            if trial.state == TrialState.WAITING:
                self.storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING)
            elif trial.state != TrialState.RUNNING or (trial.user_attrs.get("claimed") and self._is_alive(trial)):
                return False
            self._own(trial._trial_id, claimed=True)
            self.storage.set_trial_user_attr(trial._trial_id, "began", True)
            return True

    def tell(self, number: int, outcome: Outcome) -> None:
        """Write the outcome of a trial into the study; a trial that has already ended is not changed."""
        trial = self._find(number)
        if trial.state.is_finished():
            return
        if trial.state == TrialState.WAITING:  # given back by another process that missed its heartbeats
            self.storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING)
        about: dict[str, Any] = {
            "run": outcome.run,
            "name": outcome.name,
            "outcome": outcome.state,
            "kind": outcome.kind,
        }
        about |= {"message": outcome.message, "seconds": outcome.seconds, "epochs": outcome.epochs}
        for key, value in about.items():
            self.storage.set_trial_user_attr(trial._trial_id, key, value)
        values = list(outcome.values) if STATES[outcome.state] == TrialState.COMPLETE else None
        self.study.tell(number, values, STATES[outcome.state], skip_if_finished=True)

    def give_back(self, number: int) -> None:
        """Give an interrupted trial back to the study; the next process that asks for a trial resumes it."""
        trial = self._find(number)
        if trial.state == TrialState.RUNNING:
            self.storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)

    def holds(self, number: int) -> bool:
        """Return whether this process has taken a trial, which runs and which no other sweep has taken over."""
        trial = self._find(number)
        taken_by = trial.user_attrs.get("taken_by", [None, None])
        return trial.state == TrialState.RUNNING and taken_by[:2] == _plain(Owner.this_process())[:2]

    def release(self, numbers: Iterable[int]) -> None:
        """Give back those trials of this process that no living process works on."""
        with study_lock(self.url):
            for number in filter(self.holds, tuple(numbers)):
                trial = self._find(number)
                if not (trial.user_attrs.get("claimed") and self._is_alive(trial)):
                    self.give_back(number)

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
            if not self.holds(number):
                return None
            trial = self._find(number)
            deaths = trial.user_attrs.get("deaths", 0) + 1
            self.storage.set_trial_user_attr(trial._trial_id, "deaths", deaths)
            if deaths >= MOST_DEATHS and trial.user_attrs.get("began"):
                final = replace(outcome, message=f"{outcome.message}, {deaths} times")
                self.tell(number, final)
                return final
            self.give_back(number)
            if deaths >= MOST_DEATHS:
                raise RuntimeError(f"trial {number} could not be started {deaths} times: {outcome.message}")
            return None

    def beat(self, numbers: Iterable[int]) -> None:
        """Write a heartbeat for each of these trials: the process that works on them is alive."""
        for number in numbers:
            trial = self._find(number)
            if trial.state == TrialState.RUNNING:
                self.storage.set_trial_user_attr(trial._trial_id, "heartbeat", time.time())

    def _find(self, number: int) -> FrozenTrial:
        return self.storage.get_trial(self._id(number))

    def _id(self, number: int) -> int:
        return self.storage.get_trial_id_from_study_id_trial_number(self.study._study_id, number)

    def _own(self, trial_id: int, *, claimed: bool) -> None:
        self.storage.set_trial_user_attr(trial_id, "claimed", claimed)
        self.storage.set_trial_user_attr(trial_id, "heartbeat", time.time())
        self.storage.set_trial_user_attr(trial_id, "owner", _plain(Owner.this_process()))

    def _is_alive(self, trial: FrozenTrial) -> bool:
        """Return whether a living process works on a trial.

        A process of this machine is looked up; a process of another machine counts as alive while it sends heartbeats.
        """
        # the trial and its owner are written one after the other under the lock: without owner, the process has died
        if "owner" not in trial.user_attrs:
            return False
        owner = Owner(*trial.user_attrs["owner"])
        return owner.is_alive if owner.is_here else time.time() - trial.user_attrs["heartbeat"] < SILENCE


def _plain(owner: Owner) -> list[Any]:
    return [owner.host, owner.pid, owner.since]
