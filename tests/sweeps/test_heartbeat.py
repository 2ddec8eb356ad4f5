import threading
import time

import pytest
from optuna.exceptions import StorageInternalError
from shared_study import SPACE, enter, ok

from remanence.sweeps import heartbeat as module
from remanence.sweeps.heartbeat import heartbeat


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.005)


class Listener:
    """A study that only listens."""

    def __init__(self, fails=0):
        self.heard, self.fails, self.often = [], fails, threading.Event()

    def beat(self, numbers):
        self.heard.append(numbers)
        if len(self.heard) > self.fails + 3:
            self.often.set()
        if len(self.heard) <= self.fails:
            raise StorageInternalError("the database is busy")


def test_it_beats_for_the_trials_that_run_at_the_moment():
    study, numbers = Listener(), {1}

    with heartbeat(study, numbers):
        assert study.often.wait(30)
        numbers.add(2)
        study.often.clear()
        study.heard.clear()
        assert study.often.wait(30)
        assert study.heard[-1] == (1, 2)

    beats = len(study.heard)
    assert not any(thread.name == "heartbeat" for thread in threading.enumerate())
    assert len(study.heard) == beats


def test_a_busy_database_does_not_stop_it():
    study = Listener(fails=2)

    with heartbeat(study, {1}):
        assert study.often.wait(30)


def test_the_study_knows_when_a_trial_was_last_heard_of(tmp_path):
    study = enter(f"sqlite:///{tmp_path}/sweeps.db")
    running, ended = study.next(9, SPACE).number, study.next(9, SPACE).number
    study.tell(ended, ok(ended))
    began, silent = (study.trials()[number].user_attrs["heartbeat"] for number in (running, ended))

    deadline = time.monotonic() + 30
    with heartbeat(study, {running, ended}):
        while study.trials()[running].user_attrs["heartbeat"] <= began:
            assert time.monotonic() < deadline

    assert study.trials()[ended].user_attrs["heartbeat"] == silent


def test_its_end_is_that_of_the_block_also_when_it_fails():
    with pytest.raises(ArithmeticError), heartbeat(Listener(), {1}):
        raise ArithmeticError

    assert not any(thread.name == "heartbeat" for thread in threading.enumerate())
