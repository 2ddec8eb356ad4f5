"""Real processes, without what takes long to import."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from optuna.trial import TrialState
from pretended_work import answer, obey, share
from shared_study import SPACE, enter, job

from remanence.sweeps import pool
from remanence.sweeps.loop import Policy, run_trials
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.pool import Pool
from remanence.sweeps.slots import Job


@pytest.fixture(scope="module", autouse=True)
def quick_server():
    """The server that processes are forked from, without torch; it ends with the tests of this file."""
    from multiprocessing.forkserver import _forkserver

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pool, "PRELOADED", ["remanence.sweeps.pool", "remanence.sweeps.study"])
        _forkserver._stop()
        pool.warm_up()
        yield
    _forkserver._stop()


@pytest.fixture
def make():
    """Make pools that are closed when the test ends."""
    made = []

    def run(work, slots, devices=()):
        made.append(Pool(work, slots, devices))
        return made[-1]

    yield run
    for each in made:
        each.close()


def trial(number, **more):
    return Job(number, [], SimpleNamespace(plain={"number": number, "x": number, **more}))


def ends(slots, count):
    """Return the ends of ``count`` trials."""
    found = []
    while len(found) < count:
        found += slots.ended()
    return dict(found)


def wait_for(path):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def pid(outcome):
    return int(outcome.name.split()[0])


def test_a_process_runs_one_trial_after_the_other(make):
    slots = make(answer, 1)
    slots.start(trial(0))
    assert (slots.free, slots.busy) == (False, {0})
    first = ends(slots, 1)[0]
    slots.start(trial(1))
    second = ends(slots, 1)[1]

    assert (slots.free, slots.busy) == (True, set())
    assert (first.values, second.values) == ((0.0,), (1.0,))
    assert pid(first) == pid(second) != os.getpid()
    slots.close()
    assert not psutil.pid_exists(pid(first))


def test_each_slot_has_a_gpu_and_the_environment_of_the_sweep(make, monkeypatch):
    monkeypatch.setenv("OF_THE_TEST", "set")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    slots = make(answer, 3, ["5", "7"])
    for number in range(3):
        slots.start(trial(number))

    found = [outcome.name.split()[1:] for _, outcome in sorted(ends(slots, 3).items())]

    assert found == [["5", "set"], ["7", "set"], ["5", "set"]]


@pytest.mark.parametrize(
    ("do", "how"),
    [
        ("kill", "its process was killed by SIGKILL, as when memory runs out"),
        ("exit", "its process ended with code 3"),
        ("raise", "its process ended with code 1"),
    ],
)
def test_the_death_of_a_process_is_told_and_its_slot_is_filled_again(make, do, how):
    slots = make(obey, 2)
    slots.start(trial(0, do=do))
    slots.start(trial(1, do="answer"))

    found = ends(slots, 2)
    assert found[0] == how
    assert found[1].values == (1.0,)

    slots.start(trial(2, do="answer"))
    slots.start(trial(3, do="answer"))
    assert {number: outcome.state for number, outcome in ends(slots, 2).items()} == {2: "ok", 3: "ok"}


def test_a_process_that_died_between_two_trials_is_replaced(make):
    slots = make(answer, 1)
    slots.start(trial(0))
    process = psutil.Process(pid(ends(slots, 1)[0]))
    process.kill()
    psutil.wait_procs([process])

    slots.start(trial(1))

    (end,) = ends(slots, 1).values()
    # told as a death where the sweep had not yet heard of it: the trial is given back then
    assert isinstance(end, Outcome) or end == "its process was killed by SIGKILL, as when memory runs out"


def test_what_runs_when_a_pool_is_closed_is_interrupted_and_then_killed(make, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "GRACE", 2.0)
    slots = make(obey, 3)
    good, deaf = tmp_path / "good", tmp_path / "deaf"
    slots.start(trial(0, do="wait", mark=str(good)))
    slots.start(trial(1, do="defy", mark=str(deaf)))
    wait_for(good)
    wait_for(deaf)
    processes = [psutil.Process(worker.process.pid) for worker in slots.workers.values()]

    slots.close()

    assert good.read_text() == "SIGTERM"
    assert not any(process.is_running() for process in processes)


@pytest.mark.parametrize(("most", "state"), [(1, "COMPLETE"), (99, "FAIL")])
def test_a_sweep_survives_its_processes(make, tmp_path, most, state):
    study = enter(f"sqlite:///{tmp_path}/sweeps.db")
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    more = {"deaths": str(deaths), "deadly": [1], "most": most}

    broken = run_trials(
        study,
        SPACE,
        4,
        make(share, 2),
        job=lambda taken: job(taken, study.url, **more),
        reuse=lambda cfg: None,
        lost=lambda number, how: study.bury(number, Outcome("failed", kind="killed", message=how)),
        policy=Policy("continue", None),
    )

    assert broken is None
    assert [trial.state.name for trial in study.trials()] == ["COMPLETE", state, "COMPLETE", "COMPLETE"]
    assert len(os.listdir(deaths)) == min(most, 3)
    assert not study.trials(TrialState.RUNNING, TrialState.WAITING)


def test_ctrl_c_is_for_the_sweep_and_not_for_its_processes(make, tmp_path):
    slots = make(obey, 1)
    mark = tmp_path / "mark"
    slots.start(trial(0, do="wait", mark=str(mark)))
    wait_for(mark)

    (worker,) = slots.workers.values()
    os.kill(worker.process.pid, 2)
    slots.close()

    assert Path(mark).read_text() == "SIGTERM"
