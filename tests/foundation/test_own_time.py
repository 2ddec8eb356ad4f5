import time

import pytest

from remanence.foundation import own_time as module
from remanence.foundation.own_time import TURNS, Moment, Turns, own_seconds, own_time


def test_moments_are_added_in_shares():
    assert Moment(1, 2).plus(Moment(4, 8), 0.25) == (2, 4)
    assert Moment(5, 3).since(Moment(4, 1)) == (1, 2)


def test_a_run_that_takes_turns_has_the_time_without_that_of_others(monkeypatch):
    monkeypatch.setattr(module, "process_time", lambda: Moment(10.0, 7.0))
    before = TURNS.set(Turns(idle=Moment(4.0, 3.0)))
    try:
        assert own_time() == (6.0, 4.0)
        assert own_seconds() == 6.0
    finally:
        TURNS.reset(before)
    assert own_time() == (10.0, 7.0)


def test_a_run_alone_has_the_time_of_its_process():
    began, used = time.perf_counter(), time.process_time()

    assert own_time() == pytest.approx((began, used), abs=5)
