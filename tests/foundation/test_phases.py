import threading

import pytest

from remanence.foundation import phases as module
from remanence.foundation.own_time import Moment
from remanence.foundation.phases import PHASES, clock, phase, timed


@pytest.fixture
def at(monkeypatch):
    """Set the time."""
    now = [Moment()]
    monkeypatch.setattr(module, "own_time", lambda: now[0])

    def set_time(wall, processor=0.0):
        now[0] = Moment(wall, processor)

    return set_time


def test_every_second_is_that_of_one_phase(at):
    with timed() as phases:
        at(1, 1)
        with phase("fit"):
            at(4, 7)
            with phase("tracking"):
                at(6, 7.5)
            at(7, 8)
        at(7.5, 8)

    assert phases.so_far() == {"fit": (4, 6.5), "tracking": (2, 0.5), "other": (1.5, 1)}
    assert sum(time.wall for time in phases.so_far().values()) == 7.5


def test_a_phase_that_ends_by_an_error_has_ended(at):
    def fails():
        with phase("data"):
            at(2)
            raise ValueError("no")

    with timed() as phases:
        with pytest.raises(ValueError, match="no"):
            fails()
        assert phases.current == "other"
        at(3)

    assert phases.so_far() == {"data": (2, 0), "other": (1, 0)}


def test_a_clock_inside_another_has_its_own_phases_and_the_outer_one_goes_on(at):
    with timed() as outer, phase("trials"):
        with timed() as inner, phase("fit"):
            at(5)
        at(6)

    assert inner.so_far()["fit"] == (5, 0)
    assert outer.so_far()["trials"] == (6, 0)
    assert clock() is None


def test_another_thread_is_not_counted(at):
    def work():
        with phase("tracking"):
            at(3)

    with timed() as phases:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert phases.so_far() == {"other": (3, 0)}


def test_without_a_clock_nothing_is_counted():
    with phase("fit"):
        assert clock() is None


def test_the_phases_are_told_in_the_order_of_a_run(at):
    with timed() as phases:
        for number, name in enumerate(reversed(PHASES)):
            with phase(name):
                at(number)

    assert list(phases.so_far()) == list(PHASES)
