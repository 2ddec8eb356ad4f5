"""Real processes that wait for each other, and one that lets the others down."""

import os
import time

import psutil
import pytest
import rank_work
import torch

from remanence.training.started_ranks import Lead, RankError

pytestmark = pytest.mark.slow


def run(work, folder, *arguments, size=2):
    """Do some work in several processes, of which this is the first."""
    given = (str(folder), *arguments)
    work(Lead(size, work), *given)


def children():
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize("size", [2, 3])
def test_processes_tell_each_other_what_they_know(tmp_path, monkeypatch, size):
    run(rank_work.greet, tmp_path, size=size)  # the server that forks them has been started before what comes now
    monkeypatch.setenv("GREETING", "hello")
    monkeypatch.chdir(tmp_path)

    run(rank_work.greet, tmp_path, size=size)

    told = [torch.load(tmp_path / f"rank{rank}.pt", weights_only=True)["told"] for rank in range(size)]
    assert told == [told[0]] * size
    ranks, pids, greetings, folders = zip(*told[0], strict=True)
    assert ranks == tuple(range(size))
    assert len({*pids}) == size
    assert pids[0] == os.getpid()
    assert greetings == ("hello",) * size
    assert folders == (str(tmp_path),) * size


def test_nobody_stays_when_the_first_goes_on_alone(tmp_path):
    before = children()

    run(rank_work.greet, tmp_path)

    left = children() - before
    assert not [pid for pid in left if psutil.Process(pid).name() != "python" or "forkserver" not in cmdline(pid)]


def cmdline(pid):
    return " ".join(psutil.Process(pid).cmdline())


def test_processes_with_different_configurations_do_not_train(tmp_path):
    with pytest.raises(RuntimeError, match=r"rank 1 has another configuration \(of rank 1\) than rank 0 \(of rank 0\)"):
        run(rank_work.disagree, tmp_path)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("raise", "rank 1: ValueError: this one"),
        ("kill", "rank 1 was killed by SIGKILL"),
        ("exit", "rank 1 ended with code 3"),
        ("before", "rank 1: ValueError: not even joined"),
    ],
)
def test_a_process_that_fails_ends_all_and_is_named_in_one_line(tmp_path, how, message, size):
    began = time.monotonic()

    with pytest.raises(RankError) as raised:
        run(rank_work.fail, tmp_path, 1, how, size=size)

    assert str(raised.value) == message
    assert time.monotonic() - began < 60
    if how in ("raise", "before"):
        assert "Traceback" in raised.value.__notes__[0]


def test_a_failure_of_the_first_process_is_its_own(tmp_path):
    with pytest.raises(ValueError, match="this one"):
        run(rank_work.fail, tmp_path, 0, "raise")


def test_a_first_process_that_is_killed_takes_the_others_with_it(tmp_path):
    first = rank_work.start_alone(str(tmp_path))
    deadline = time.monotonic() + 120
    while not (tmp_path / "1.pid").exists() or not (tmp_path / "1.pid").read_text():
        assert time.monotonic() < deadline
        assert first.is_alive()
        time.sleep(0.05)
    other = psutil.Process(int((tmp_path / "1.pid").read_text()))
    assert other.is_running()

    first.kill()

    other.wait(timeout=20)
    assert not other.is_running()
