"""How many cores a process may fill."""

import os

import pytest

from remanence.foundation import cores


@pytest.mark.parametrize(
    ("wanted", "processes", "expected"), [("", 1, 8), ("2", 1, 2), ("64", 1, 8), ("", 3, 2), ("", 20, 1), ("4,2", 1, 8)]
)
def test_cores_are_those_that_the_user_leaves_divided_among_processes(monkeypatch, wanted, processes, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(cores, "_processes", 1)
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)

    cores.share_cores(processes)

    assert cores.own_cores() == expected
