"""The loop of a sweep, with slots that only pretend to train."""

import threading
from dataclasses import replace

import pytest
from optuna.trial import TrialState
from shared_study import SPACE, enter, job, ok

from remanence.errors import ConfigurationError
from remanence.sweeps import loop
from remanence.sweeps.loop import Policy, run_trials
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.slots import Here
from remanence.tracking.interruption import Interrupted

GO_ON = Policy("continue", None)
DIVERGED = Outcome("failed", kind="diverged", message="weights are not finite")


class Slots:
    """Slots whose trials end in the order of ``ends``, which answers each number."""

    def __init__(self, study, size, answer):
        self.study, self.size, self.answer = study, size, answer
        self.running, self.started, self.closed, self.most = [], [], False, 0

    @property
    def free(self):
        return len(self.running) < self.size

    @property
    def busy(self):
        return set(self.running)

    def start(self, job):
        self.started.append(job.number)
        self.running.append(job.number)
        self.most = max(self.most, len(self.running))
        self.study.claim(job.number)

    def ended(self):
        number = self.running.pop()
        answer = self.answer(number)
        if isinstance(answer, Outcome):
            self.study.tell(number, answer)
        return [(number, answer)]

    def close(self):
        self.closed = True


def run(study, slots, n_trials, *, policy=GO_ON, **more):
    given = {"job": job, "reuse": lambda cfg: None, "lost": lambda number, how: None, **more}
    return run_trials(study, SPACE, n_trials, slots, policy=policy, **given)


def states(study):
    return [trial.state.name for trial in study.trials()]


@pytest.mark.parametrize("size", [1, 3])
def test_a_slot_that_becomes_free_is_filled_at_once_and_every_trial_runs_once(study, size):
    slots = Slots(study, size, ok)

    assert run(study, slots, 7) is None

    assert sorted(slots.started) == list(range(7))
    assert (slots.most, slots.closed) == (size, True)
    assert [trial.value for trial in study.trials()] == list(range(7))


def test_a_complete_study_starts_nothing_and_more_trials_continue_it(study):
    run(study, Slots(study, 1, ok), 3)

    again, more = Slots(study, 1, ok), Slots(study, 1, ok)
    run(study, again, 3)
    run(study, more, 5)

    assert again.started == []
    assert more.started == [3, 4]


def test_a_failure_does_not_end_a_sweep(study):
    slots = Slots(study, 2, lambda number: DIVERGED if number % 2 else ok(number))

    assert run(study, slots, 6) is None

    assert states(study) == ["COMPLETE", "FAIL"] * 3


def test_the_first_failure_ends_a_sweep_that_is_to_stop(study):
    slots = Slots(study, 1, lambda number: DIVERGED if number == 2 else ok(number))

    broken = run(study, slots, 6, policy=Policy("stop", None))

    assert broken == "trial 2 failed: diverged: weights are not finite"
    assert states(study) == ["COMPLETE", "COMPLETE", "FAIL"]


def test_trials_that_run_when_a_sweep_stops_may_end(study):
    slots = Slots(study, 3, lambda number: DIVERGED if number == 2 else ok(number))

    assert run(study, slots, 6, policy=Policy("stop", None)) is not None

    assert states(study) == ["COMPLETE", "COMPLETE", "FAIL"]


@pytest.mark.parametrize(("most", "ended"), [(0, 2), (1, 4), (None, 8)])
def test_more_failures_than_are_allowed_end_a_sweep(study, most, ended):
    slots = Slots(study, 1, lambda number: DIVERGED if number % 2 else ok(number))

    broken = run(study, slots, 8, policy=Policy("continue", most))

    expected = None if most is None else f"{most + 1} trials failed, hydra.sweeper.max_failures={most}"
    assert (broken, study.ended) == (expected, ended)


def test_a_sweep_ends_when_the_tracking_is_lost(study):
    slots = Slots(study, 1, lambda number: Outcome("failed", kind="tracking lost", message="the server stays away"))

    assert run(study, slots, 5) == "the server stays away"
    assert study.ended == 1


def test_values_that_do_not_go_together_are_a_failure_without_a_run(study):
    def refuse(trial):
        if trial.number == 1:
            raise ConfigurationError("model.lr: must be small, got 1")
        return job(trial)

    slots = Slots(study, 2, ok)
    assert run(study, slots, 3, job=refuse) is None

    assert sorted(slots.started) == [0, 2]
    refused = study.trials()[1]
    assert refused.state == TrialState.FAIL
    assert refused.user_attrs["message"] == "model.lr: must be small, got 1"
    assert (refused.user_attrs["kind"], refused.user_attrs["run"]) == ("ConfigurationError", None)


def test_a_result_that_is_known_is_taken_over(study):
    known = Outcome("skipped", (5.0,), run="b" * 32)
    slots = Slots(study, 1, ok)

    run(study, slots, 3, reuse=lambda cfg: known if cfg.plain["number"] == 1 else None)

    assert slots.started == [0, 2]
    skipped = study.trials()[1]
    assert (skipped.value, skipped.user_attrs["outcome"], skipped.user_attrs["run"]) == (5.0, "skipped", "b" * 32)


def test_a_trial_whose_process_died_is_tried_again_until_it_is_given_up(study):
    def answer(number):
        return "killed by SIGKILL" if number == 1 else ok(number)

    told = []

    def lost(number, how):
        told.append((number, how))
        return study.bury(number, Outcome("failed", kind="killed", message=how))

    slots = Slots(study, 2, answer)
    assert run(study, slots, 4, lost=lost) is None

    assert told == [(1, "killed by SIGKILL")] * 3
    assert slots.started.count(1) == 3
    assert states(study) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert study.trials()[1].user_attrs["message"] == "killed by SIGKILL, 3 times"


def test_a_trial_that_kills_its_process_ends_a_sweep_that_is_to_stop(study):
    slots = Slots(study, 1, lambda number: "killed by SIGKILL")

    broken = run(
        study,
        slots,
        4,
        policy=Policy("stop", None),
        lost=lambda number, how: study.bury(number, Outcome("failed", kind="killed", message=how)),
    )

    assert broken == "trial 0 failed: killed: killed by SIGKILL, 3 times"


def test_an_interrupted_sweep_gives_its_trials_back(study):
    taken = []

    def answer(number):
        if len(taken) == 2:
            raise Interrupted(2)
        taken.append(number)
        return ok(number)

    class Unstarted(Slots):
        def start(self, job):
            self.started.append(job.number)
            self.running.append(job.number)

    slots = Unstarted(study, 3, answer)
    with pytest.raises(Interrupted):
        run(study, slots, 8)

    assert slots.closed
    assert sorted(states(study)) == ["COMPLETE"] * 2 + ["WAITING"] * 3


def test_a_sweep_waits_for_the_trials_of_another_one(study, url, monkeypatch):
    monkeypatch.setattr(loop, "OTHERS", 0.01)
    other = enter(url)
    number = other.next(3, SPACE).number
    assert other.claim(number)
    waited = threading.Event()

    def finish():
        waited.wait()
        other.tell(number, ok(number))

    thread = threading.Thread(target=finish)
    thread.start()
    monkeypatch.setattr(loop.time, "sleep", lambda _: waited.set())

    assert run(study, Slots(study, 1, ok), 3) is None
    thread.join()

    assert states(study) == ["COMPLETE"] * 3


def test_a_sweep_goes_on_with_what_another_one_left(study, url, monkeypatch):
    from remanence.tracking.process import Owner

    elsewhere = replace(Owner.this_process(), host="elsewhere")
    with monkeypatch.context() as patched:
        patched.setattr(Owner, "this_process", classmethod(lambda cls: elsewhere))
        enter(url).next(2, SPACE)
    died = []

    def silence(_):
        died.append(True)
        monkeypatch.setattr("remanence.sweeps.study.SILENCE", -1.0)

    monkeypatch.setattr(loop.time, "sleep", silence)

    assert run(study, Slots(study, 1, ok), 2) is None

    assert died
    assert states(study) == ["COMPLETE", "COMPLETE"]


def test_two_sweeps_share_a_study(url):
    def work(made):
        run(made, Slots(made, 2, ok), 10)

    studies = [enter(url), enter(url)]
    threads = [threading.Thread(target=work, args=(made,)) for made in studies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states(studies[0]) == ["COMPLETE"] * 10


def test_here_is_one_slot_that_runs_a_trial_when_it_is_asked_for_its_end(study):
    began = []

    def work(cfg):
        began.append(cfg.number)
        study.tell(cfg.number, ok(cfg.number))
        return ok(cfg.number)

    here = Here(work)
    here.start(job(study.next(1, SPACE)))

    assert (here.free, here.busy, began) == (False, {0}, [])
    assert here.ended() == [(0, ok(0))]
    assert (here.free, here.busy, began) == (True, set(), [0])


def test_trials_that_were_trained_are_told_apart_from_those_that_failed_or_were_known(study):
    known, ended, trained = Outcome("skipped", (0.0,)), [], []
    slots = Slots(study, 1, lambda number: DIVERGED if number == 1 else ok(number))

    run(
        study,
        slots,
        3,
        reuse=lambda cfg: known if cfg.plain["number"] == 0 else None,
        ended=ended.append,
        trained=trained.append,
    )

    assert (sum(ended), sum(trained)) == (3, 1)
