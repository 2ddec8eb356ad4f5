"""Who takes a trial, who owns it, and what becomes of it when its process is gone."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from optuna.trial import TrialState
from shared_study import SPACE, as_if, enter, gone, ok, worker
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from remanence.errors import ConfigurationError
from remanence.sweeps import study as module
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.study import MOST_DEATHS, SILENCE, StudyLost
from remanence.tracking import patience
from remanence.tracking.process import Owner

KILLED = Outcome("failed", kind="killed", message="its process was killed by SIGKILL")


@contextmanager
def listening(target, name, function):
    event.listen(target, name, function)
    try:
        yield
    finally:
        event.remove(target, name, function)


def state(study, number):
    return study.trials()[number].state


def test_there_are_as_many_trials_as_are_asked_for_and_more_when_more_are(study):
    for _ in range(3):
        trial = study.next(3, SPACE)
        study.tell(trial.number, ok(trial.number))

    assert study.next(3, SPACE) is None
    assert study.ended == 3
    assert study.next(4, SPACE).number == 3
    assert study.next(4, SPACE) is None, "the fourth runs"


def test_every_end_counts_and_an_interruption_does_not(study):
    for outcome in (ok(0), Outcome("pruned"), Outcome("failed", kind="diverged"), Outcome("skipped", (1.0,))):
        study.tell(study.next(5, SPACE).number, outcome)
    assert study.ended == 4

    interrupted = study.next(5, SPACE)
    study.give_back(interrupted.number)

    assert study.ended == 4
    again = study.next(5, SPACE)
    assert (again.number, again.params) == (interrupted.number, interrupted.params)
    assert [trial.state.name for trial in study.trials()] == ["COMPLETE", "PRUNED", "FAIL", "COMPLETE", "RUNNING"]


def test_fewer_trials_than_have_ended_or_wait_are_none(study):
    for _ in range(2):
        study.tell(study.next(9, SPACE).number, ok(0))
    study.give_back(study.next(9, SPACE).number)

    assert study.next(2, SPACE) is None
    assert state(study, 2) == TrialState.WAITING


def test_a_trial_has_one_owner_and_is_claimed_once(study, url):
    number = study.next(9, SPACE).number
    first, second = worker(url), worker(url)

    assert first.claim(number)
    assert not second.claim(number)
    first.tell(number, ok(number))
    assert not second.claim(number)
    second.tell(number, Outcome("failed", kind="late"))
    assert state(study, number) == TrialState.COMPLETE


def test_whoever_looks_at_a_claimed_trial_sees_the_process_that_trains_it(study, url):
    number, seen = study.next(9, SPACE).number, []
    trains, other = worker(url), worker(url)

    def look(session):
        if session.get_bind() is trains.storage.engine:  # not the one that looks
            trial = other.trials()[number].user_attrs
            seen.append((trial["claimed"], trial["owner"][1] == os.getpid()))

    with listening(Session, "after_commit", look):
        with as_if(gone()):
            trains.claim(number)
        trains._own(study._id(number), claimed=False)  # as when this process takes it again

    assert {(True, False), (False, True)} <= set(seen)
    assert (True, True) not in seen


def test_a_trial_is_taken_claimed_and_told_with_one_write_of_its_attributes_each(study):
    written = []

    def note(connection, cursor, statement, *_):
        written.extend([statement] if "trial_user_attributes" in statement and "SELECT" not in statement else [])

    with listening(study.storage.engine, "after_cursor_execute", note):
        number = study.next(9, SPACE).number
        assert len(written) == 1
        study.give_back(number)
        study.claim(number)
        assert len(written) == 3  # what is new, and what changes
        study.tell(number, ok(0))
        assert len(written) == 4


def test_who_claims_a_trial_knows_whether_another_process_had_begun_it(study, url):
    number = study.next(9, SPACE).number
    first, second = worker(url), worker(url)

    first.claim(number)
    first.give_back(number)
    second.claim(number)

    assert (first.begun, second.begun) == (set(), {number})


def test_what_a_trial_did_is_written_into_the_study(study):
    number = study.next(9, SPACE).number

    study.tell(number, Outcome("ok", (2.5,), run="a" * 32, name="x=0", seconds=1.5, epochs=7))

    (trial,) = study.trials()
    assert trial.value == 2.5
    wanted = {"run": "a" * 32, "name": "x=0", "outcome": "ok", "kind": "", "message": "", "seconds": 1.5, "epochs": 7}
    assert {key: trial.user_attrs[key] for key in wanted} == wanted


@pytest.mark.parametrize("claimed", [True, False])
def test_the_trial_of_a_process_that_is_gone_is_taken_up_again(study, url, claimed):
    with as_if(gone()):
        number = study.next(9, SPACE).number
        if claimed:
            worker(url).claim(number)

    assert study.next(9, SPACE, busy={number}).number == 1, "its own slots tell a sweep of their trials"
    again = study.next(9, SPACE)

    assert again.number == number
    assert worker(url).claim(number)


def test_the_trial_of_a_zombie_is_taken_up_again(study):
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays in the table of processes
    with as_if(replace(Owner.this_process(), pid=process.pid)):
        number = study.next(9, SPACE).number

    assert study.next(9, SPACE).number == number
    process.wait()


def test_the_trial_of_a_living_process_is_left_alone(study, url):
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with as_if(replace(Owner.this_process(), pid=process.pid)):
        number = study.next(9, SPACE).number
        worker(url).claim(number)

    assert study.next(9, SPACE).number == number + 1
    assert not worker(url).claim(number)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert worker(url).claim(number)


@pytest.mark.parametrize(("silent", "lives"), [(0.0, True), (SILENCE - 10, True), (SILENCE + 1, False)])
def test_a_process_of_another_machine_lives_as_long_as_it_is_heard(study, url, monkeypatch, silent, lives):
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now)
    with as_if(Owner("elsewhere", 1, now)):
        number = study.next(9, SPACE).number
        worker(url).claim(number)

    monkeypatch.setattr(module.time, "time", lambda: now + silent)

    assert worker(url).claim(number) != lives


def test_a_living_trial_of_a_container_of_the_same_name_is_left_alone(study, url):
    """It cannot be seen from here: process ids are those of another space."""
    with as_if(replace(Owner.this_process(), pid=999999999, machine="another-boot/1")):
        number = study.next(9, SPACE).number
        worker(url).claim(number)

    assert study.next(9, SPACE).number == number + 1
    assert not worker(url).claim(number)


def test_an_owner_that_an_earlier_release_wrote_down_is_understood(study, url):
    with as_if(gone()):
        dead = study.next(9, SPACE).number
    alive = study.next(9, SPACE, busy={dead}).number
    for number in (dead, alive):
        trial = study.trials()[number]
        study.storage.set_trial_user_attr(trial._trial_id, "owner", trial.user_attrs["owner"][:3])

    assert study.next(9, SPACE).number == dead
    assert state(study, alive) == TrialState.RUNNING


def test_silence_is_told_by_the_clock_of_the_database(study, monkeypatch):
    """The clock of this machine is three minutes ahead of that of the other one."""
    monkeypatch.setattr(module, "now_at", lambda url: time.time() - 180)
    with as_if(Owner("elsewhere", 1, time.time())):
        number = study.next(9, SPACE).number
    monkeypatch.setattr(module, "now_at", lambda url: time.time() - 180 + SILENCE - 10)

    assert study.next(9, SPACE).number == number + 1


def fails(original, times):
    """Fail as SQLAlchemy does where its database has gone, for the first calls."""
    left = [times]

    def call(*arguments, **named):
        if left[0]:
            left[0] -= 1
            raise OperationalError("SELECT 1", {}, OSError("server closed the connection unexpectedly"))
        return original(*arguments, **named)

    return call


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(patience, "PAUSE", 0.0)


@pytest.mark.parametrize("step", ["ask", "_own", "_find", "_states"])
def test_a_trial_is_taken_though_the_database_goes_away_meanwhile(study, monkeypatch, at_once, capsys, step):
    study.patience = 60.0
    place = study.study if step == "ask" else study
    monkeypatch.setattr(place, step, fails(getattr(place, step), 3))

    assert [study.next(9, SPACE).params["x"] for _ in range(3)] == [0, 1, 2]

    assert [trial.state.name for trial in study.trials()] == ["RUNNING"] * 3, "none is held by nobody"
    told = capsys.readouterr().err
    assert "does not answer" in told
    assert "server closed the connection unexpectedly), tried again for 60 s" in told


@pytest.mark.parametrize("step", ["ended", "tell", "give_back", "release", "bury", "holds", "claim"])
def test_every_call_waits_for_the_database(study, monkeypatch, at_once, step):
    number = study.next(9, SPACE).number
    study.patience = 60.0
    calls = {
        "ended": lambda: study.ended,
        "tell": lambda: study.tell(number, ok(1)),
        "give_back": lambda: study.give_back(number),
        "release": lambda: study.release([number]),
        "bury": lambda: study.bury(number, KILLED),
        "holds": lambda: study.holds(number),
        "claim": lambda: study.claim(number),
    }
    for name in ("get_trial", "get_all_trials"):
        for storage in (study.storage, study.study._storage):
            monkeypatch.setattr(storage, name, fails(getattr(storage, name), 1))

    calls[step]()


def test_a_database_that_stays_away_is_an_error(study, monkeypatch, at_once):
    monkeypatch.setattr(study, "_states", fails(study._states, 1))

    with pytest.raises(StudyLost, match=r"sweep.storage: sqlite:///.* does not answer .*; the same command goes on"):
        study.next(9, SPACE)


def test_after_the_database_was_away_others_are_heard_first(study, monkeypatch, at_once):
    with as_if(Owner("elsewhere", 1, time.time())):
        number = study.next(9, SPACE).number
    later = time.time() + SILENCE + 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    study.patience = 60.0
    monkeypatch.setattr(study, "_states", fails(study._states, 1))

    assert study.next(9, SPACE).number == number + 1
    monkeypatch.setattr(module, "LISTEN", 0.0)
    assert study.next(9, SPACE).number == number


def test_a_heartbeat_keeps_a_trial_of_another_machine(study, monkeypatch):
    with as_if(Owner("elsewhere", 1, time.time())):
        number = study.next(9, SPACE).number
    later = time.time() + SILENCE + 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    study.beat([number])

    assert study.next(9, SPACE).number == number + 1


def test_a_process_that_died_while_it_took_a_trial_leaves_nothing_behind(study):
    study.study.ask()  # neither owner nor values

    assert study.next(9, SPACE).params == {"x": 0}
    assert len(study.trials()) == 1


def test_only_what_nobody_works_on_is_released(study, url):
    taken, claimed = study.next(9, SPACE).number, study.next(9, SPACE).number
    worker(url).claim(claimed)
    other = study.next(9, SPACE).number

    study.release({taken, claimed})

    assert [state(study, number).name for number in (taken, claimed, other)] == ["WAITING", "RUNNING", "RUNNING"]


def test_a_trial_that_kills_its_process_three_times_is_a_failure(study, url):
    for death in range(1, MOST_DEATHS + 1):
        trial = study.next(9, SPACE)
        assert trial.number == 0
        with as_if(gone()):
            worker(url).claim(0)
        outcome = study.bury(0, KILLED)
        assert (outcome is None) == (death < MOST_DEATHS)

    assert outcome == replace(KILLED, message="its process was killed by SIGKILL, 3 times")
    (dead,) = study.trials()
    assert (dead.state, dead.user_attrs["kind"]) == (TrialState.FAIL, "killed")
    assert study.ended == 1


def test_a_process_that_died_elsewhere_counts_although_it_was_heard_a_moment_ago(study, url):
    number = study.next(9, SPACE).number
    with as_if(Owner("node7", 1, time.time())):
        worker(url).claim(number)

    assert study.bury(number, KILLED) is None

    assert study.trials()[0].user_attrs["deaths"] == 1
    assert state(study, number) == TrialState.WAITING


def test_a_trial_that_another_sweep_has_taken_over_is_left_to_it(study, url):
    number = study.next(9, SPACE).number
    with as_if(gone()):
        worker(url).claim(number)
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with as_if(replace(Owner.this_process(), pid=process.pid)):
        assert enter(url).next(9, SPACE).number == number

    assert study.bury(number, KILLED) is None
    study.release([number])

    assert state(study, number) == TrialState.RUNNING
    assert "deaths" not in study.trials()[0].user_attrs
    process.kill()
    process.wait()


def test_processes_that_die_before_they_begin_a_trial_are_not_for_it_to_answer(study):
    for _ in range(MOST_DEATHS - 1):
        study.next(9, SPACE)
        assert study.bury(0, KILLED) is None
    study.next(9, SPACE)

    with pytest.raises(RuntimeError, match="trial 0 could not be started 3 times: its process was killed"):
        study.bury(0, KILLED)
    assert state(study, 0) == TrialState.WAITING


def test_a_trial_that_was_given_away_while_it_could_not_be_heard_still_counts(study):
    number = study.next(9, SPACE).number
    study.give_back(number)

    study.tell(number, ok(3))

    assert study.trials()[0].value == 3.0


def test_two_that_join_a_study_take_every_trial_once(url):
    enter(url)
    taken, failures = [], []

    def work():
        study = enter(url)
        try:
            while (trial := study.next(12, SPACE)) is not None:
                assert study.claim(trial.number)
                taken.append(trial.params["x"])
                study.tell(trial.number, ok(trial.number))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(taken) == list(range(12))
    assert [trial.state for trial in enter(url).trials()] == [TrialState.COMPLETE] * 12


def test_a_study_of_another_search_is_refused(url):
    enter(url, fixed={"seed": "0"})

    with pytest.raises(ConfigurationError, match="seed: 0 there, 1 here"):
        enter(url, fixed={"seed": "1"})


@pytest.mark.parametrize(
    "bad", ["sqlite:////proc/nowhere/sweeps.db", "postgresql://me:secret@127.0.0.1:1/studies", "nonsense"]
)
def test_a_database_that_cannot_be_opened_is_one_line_without_secrets(bad):
    with pytest.raises(ConfigurationError) as refused:
        enter(bad)

    assert str(refused.value).startswith("sweep.storage: cannot open ")
    assert "secret" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
