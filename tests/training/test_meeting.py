"""Runs that wait for each other where they train."""

import signal
import time

import numpy as np
import pytest
import torch

from remanence.foundation.own_time import own_seconds
from remanence.foundation.terminal import _QUIET, quiet
from remanence.foundation.threads import one_thread
from remanence.tracking.interruption import Interrupted, interruptible
from remanence.training.meeting import ask, is_meeting, meet

GROUPS = []


def squares(wanted):
    GROUPS.append(list(wanted))
    return [ValueError(f"not {each}") if each < 0 else each**2 for each in wanted]


@pytest.fixture(autouse=True)
def no_groups():
    GROUPS.clear()


def together(works):
    ended = {}
    meet(works, ended.__setitem__)
    return ended


def test_trainings_of_a_meeting_are_done_together_and_each_run_gets_its_own():
    def work(number):
        return lambda: (number, ask(number, squares), ask(number + 1, squares))

    assert together([work(1), work(5)]) == {0: (1, 1, 4), 1: (5, 25, 36)}
    assert GROUPS == [[1, 5], [2, 6]]
    assert not is_meeting()
    assert ask(3, squares) == 9, "without a meeting, a training is done at once"


def test_runs_may_ask_for_different_numbers_of_trainings_or_none():
    assert together([lambda: 0, lambda: ask(2, squares), lambda: ask(ask(3, squares), squares)]) == {0: 0, 1: 4, 2: 81}
    assert GROUPS == [[2, 3], [9]]


def test_a_training_that_fails_raises_its_error_in_its_run_alone():
    def careful(number):
        try:
            return ask(number, squares)
        except ValueError as error:
            return str(error)

    assert together([lambda: careful(-1), lambda: careful(4)]) == {0: "not -1", 1: 16}


def test_each_run_has_the_context_of_the_meeting_and_changes_its_own():
    def work():
        with quiet():
            ask(1, squares)
            return _QUIET.get()

    def loud():
        ask(1, squares)
        return _QUIET.get()

    assert together([work, loud]) == {0: True, 1: False}


def test_what_a_run_draws_does_not_depend_on_the_others():
    def draws(seed, training=squares):
        np.random.seed(seed)
        torch.manual_seed(seed)
        ask(1, training)
        return np.random.random(), torch.rand(1).item()

    def drawing(wanted):
        np.random.random(3)
        torch.rand(3)
        return wanted

    alone = draws(7)
    assert together([lambda: draws(7, drawing), lambda: draws(8, drawing)])[0] == alone


def test_an_interruption_ends_every_run_in_its_own_way():
    noted = []

    def work(number):
        def run():
            try:
                return ask(number, interrupt)
            except Interrupted as stopped:
                noted.append((number, stopped.signal.name))
                raise

        return run

    def interrupt(wanted):
        signal.raise_signal(signal.SIGTERM)

    with interruptible(), pytest.raises(Interrupted):
        meet([work(1), work(2)], lambda number, value: None)

    assert noted == [(1, "SIGTERM"), (2, "SIGTERM")]
    assert not is_meeting()


def test_an_interruption_of_one_run_ends_the_others_too():
    noted = []

    def interrupted():
        ask(1, squares)
        raise Interrupted(signal.SIGINT)

    def other():
        try:
            ask(2, squares)
            ask(3, squares)
        except Interrupted:
            noted.append("other")
            raise

    with pytest.raises(Interrupted):
        meet([other, interrupted], lambda number, value: None)

    assert noted == ["other"]


def test_the_process_is_as_before():
    before = torch.get_num_threads(), signal.getsignal(signal.SIGTERM)

    def work():
        with one_thread(), interruptible():
            ask(1, squares)

    together([work, work, work])

    assert (torch.get_num_threads(), signal.getsignal(signal.SIGTERM)) == before


def test_the_time_of_a_run_goes_on_by_its_share_of_what_is_done_together():
    def slow(wanted):
        time.sleep(0.4)
        return wanted

    def work():
        began = own_seconds()
        ask(1, slow)
        time.sleep(0.1)
        return own_seconds() - began

    seconds = together([work] * 4)

    assert max(seconds.values()) < 0.4
    assert min(seconds.values()) > 0.15
