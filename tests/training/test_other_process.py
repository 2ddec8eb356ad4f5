"""Works in another process, while this one goes on."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial

import pytest

from remanence.training.other_process import in_other_process


def doubled(value):
    return 2 * value


def of_process(value):
    return os.getpid(), value


def refuse():
    raise ValueError("too few rows")


def die_elsewhere(here):
    if os.getpid() != here:
        os._exit(9)
    return "done here"


def unreadable():
    return lambda: None


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_results_are_of_another_process_which_ends_with_the_block():
    with in_other_process({("a", 1): partial(of_process, 3), "b": partial(of_process, 4)}) as answer:
        (second, four), (first, three) = answer("b"), answer(("a", 1))

    assert (three, four) == (3, 4)
    assert first == second != os.getpid()
    assert not is_running(first)


def test_an_exception_is_raised_where_the_result_is_asked_for_and_others_are_done():
    with in_other_process({"bad": refuse, "good": partial(doubled, 4)}) as answer:
        with pytest.raises(ValueError, match="too few rows"):
            answer("bad")
        assert answer("good") == 8


def test_what_a_process_that_died_leaves_undone_is_done_here():
    works = {"first": partial(doubled, 1), "fatal": partial(die_elsewhere, os.getpid()), "last": partial(doubled, 2)}
    with in_other_process(works) as answer:
        assert [answer(key) for key in works] == [2, "done here", 4]


@pytest.mark.parametrize("work", [lambda: "local", unreadable])
def test_what_cannot_be_sent_is_done_here(work):
    with in_other_process({"odd": work}) as answer:
        assert answer("odd") is not None


SCRIPT = textwrap.dedent(
    """
    import os, sys, time
    from functools import partial
    from remanence.training.other_process import in_other_process

    with in_other_process({"first": os.getpid, "endless": partial(time.sleep, 600)}) as answer:
        print(answer("first"), flush=True)
        time.sleep(600)
    """
)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("number", "to_group"), [(signal.SIGKILL, False), (signal.SIGINT, True)])
def test_the_other_process_ends_with_this_one_when_it_is_killed_or_interrupted(number, to_group):
    run = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    other = int(run.stdout.readline())
    assert is_running(other)

    (os.killpg if to_group else os.kill)(run.pid, number)

    _, complaint = run.communicate(timeout=20)
    wait_until(lambda: not is_running(other))
    assert run.returncode == -number
    assert complaint.count("Traceback") == (1 if to_group else 0)  # of this process alone
