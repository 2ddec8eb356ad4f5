"""Real processes: the handlers, the exit codes and what is on disk when a process is gone."""

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
from mlflow import MlflowClient

from remanence.tracking.interruption import Interrupted, interruptible, uninterrupted
from remanence.verbs.cli import main

EPOCHS = 150
LONG = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    f"trainer.max_epochs={EPOCHS}",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines.random_forest.n_estimators=5",
    "figures=brief",
)


@pytest.fixture
def start(outputs):
    """Start ``remanence`` as a process and return it as soon as it has written a checkpoint."""
    started = []

    def run(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "remanence", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        deadline = time.monotonic() + 120
        # not that among the artifacts of another run
        while not [*outputs.glob("runs/*/checkpoints/last.ckpt"), *outputs.glob("sweeps/**/checkpoints/last.ckpt")]:
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"ended with {process.wait(timeout=0.05)}: {process.communicate()}")
            assert time.monotonic() < deadline, "no checkpoint after two minutes"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def uninterrupted_metrics(tmp_path_factory, fresh_database):
    """Metrics of the same run left alone, in outputs of its own."""
    outputs = tmp_path_factory.mktemp("uninterrupted")
    shutil.copy(fresh_database, outputs / "mlflow.db")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(outputs))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        assert main(["train", *LONG]) == 0
    client = MlflowClient(f"sqlite:///{outputs}/mlflow.db")
    (run,) = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    return run.data.metrics


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "status"),
    [
        (signal.SIGHUP, 129, "KILLED"),
        (signal.SIGINT, 130, "KILLED"),
        (signal.SIGTERM, 143, "KILLED"),
        (signal.SIGKILL, -9, "RUNNING"),
    ],
)
def test_a_process_that_is_stopped_leaves_a_run_that_can_go_on(
    start, all_runs, client, command, outputs, uninterrupted_metrics, number, code, status
):
    process = start("train", *LONG)

    process.send_signal(number)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == code, errors
    assert "Traceback" not in errors
    (run,) = all_runs()
    record = json.loads((outputs / "runs" / run.info.run_id / "run.json").read_text())
    assert (run.info.status, record["status"], record["pid"]) == (status, status, process.pid)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    (resumed,) = all_runs()
    assert (resumed.info.run_id, resumed.info.status) == (run.info.run_id, "FINISHED")
    assert resumed.data.metrics == uninterrupted_metrics
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
    assert len(steps) == len(set(steps))
    assert max(steps) == EPOCHS - 1


@pytest.mark.slow
@pytest.mark.parametrize("devices", ["trainer.devices=1", "trainer.devices=2"])
def test_a_run_that_is_to_outlive_its_terminal_does(start, monkeypatch, all_runs, devices):
    """``nohup`` ignores SIGHUP for it, and the terminal sends the signal to all its processes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a new process inherits this
    try:
        process = start("train", *LONG, devices)
    finally:
        signal.signal(signal.SIGHUP, before)
    children = psutil.Process(process.pid).children(recursive=True)

    for each in (*children, process):
        each.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert [run.info.status for run in all_runs()] == ["FINISHED"]


@pytest.mark.slow
def test_a_closed_terminal_ends_a_run_on_several_devices_in_order(start, all_runs):
    process = start("train", *LONG, "trainer.devices=2")

    for each in (*psutil.Process(process.pid).children(recursive=True), process):
        each.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=180)

    assert process.returncode == 129, errors
    assert [run.info.status for run in all_runs()] == ["KILLED"]


@pytest.mark.slow
def test_a_closed_terminal_ends_a_sweep_and_its_workers_in_order(start, all_runs):
    process = start("train", "-m", *LONG, "seed=0,1", "n_jobs=2")
    children = psutil.Process(process.pid).children(recursive=True)

    for each in (*children, process):
        each.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=180)

    assert process.returncode == 129
    assert {run.info.status for run in all_runs()} == {"KILLED"}
    assert "the same command goes on" in out
    psutil.wait_procs(children, timeout=30)
    assert not [each for each in children if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.slow
def test_a_second_process_does_not_take_over_a_living_run(start, all_runs, command):
    process = start("train", *LONG)
    (run,) = all_runs()

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert f"is still running as process {process.pid}" in result.err


@pytest.mark.slow
def test_a_stopped_sweep_is_killed_with_its_job_and_starts_no_further_one(start, all_runs):
    process = start("train", "-m", *LONG, "seed=0,1", "hydra.sweeper.fuse=off")

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 130
    runs = all_runs()
    assert len(runs) == 2
    assert {run.info.status for run in runs} == {"KILLED"}


def test_an_interruption_before_any_run_exits_with_130(monkeypatch):
    import remanence.verbs.cli

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(remanence.verbs.cli, "_dispatch", interrupt)

    assert main(["train"]) == 130


def test_a_signal_that_comes_while_an_end_is_written_down_comes_after_it():
    done = []

    def end():
        with interruptible():
            with uninterrupted():
                signal.raise_signal(signal.SIGTERM)
                done.append("written")
            done.append("went on")

    with pytest.raises(Interrupted) as stopped:
        end()

    assert done == ["written"]
    assert stopped.value.signal == signal.SIGTERM


def test_a_signal_that_is_ignored_does_not_take_away_the_next_one():
    """A worker of a sweep leaves Ctrl-C to the main process, which then sends it SIGTERM."""

    def end():
        with interruptible(), uninterrupted():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(Interrupted) as stopped:
            end()
    finally:
        signal.signal(signal.SIGINT, before)

    assert stopped.value.signal == signal.SIGTERM


def test_a_signal_that_comes_before_an_error_is_not_lost():
    def fail():
        with interruptible(), uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            raise OSError("the database is away")

    with pytest.raises(Interrupted):
        fail()


SWALLOWED = """
import os, signal
from remanence.tracking.interruption import ending_at_once, interruptible
print("begun")
with ending_at_once():
    try:
        with interruptible():
            pass
        signal.raise_signal(signal.{name})
    except BaseException:
        print("an exception")
print("went on")
"""


IMPATIENT = """
import signal, sys
import remanence.tracking.lifecycle as lifecycle
from remanence.models.dnn import DNN
from remanence.verbs.cli import main

def press(*_):
    signal.raise_signal(signal.SIGINT)

def stop(*arguments, untouched=lifecycle._stop):
    press()
    untouched(*arguments)
    press()

DNN.validation_step, lifecycle._stop = press, stop
sys.exit(main(sys.argv[1:]))
"""


def test_who_presses_ctrl_c_three_times_is_told_too_how_to_go_on(outputs, all_runs):
    command = [sys.executable, "-c", IMPATIENT, "train", *LONG]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    (run,) = all_runs()
    assert done.returncode == 130
    assert f"stopped by SIGINT; to go on: remanence train resume={run.info.run_id}" in done.stderr
    assert run.info.status == "KILLED"


IGNORED = """
import signal
from remanence.tracking.interruption import ending_at_once, interruptible, uninterrupted, unhurried
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with ending_at_once(), unhurried(), interruptible(), uninterrupted():
    signal.raise_signal(signal.SIGHUP)
signal.raise_signal(signal.SIGHUP)
print("went on")
"""


def test_a_signal_that_is_ignored_stays_ignored():
    done = subprocess.run([sys.executable, "-c", IGNORED], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


@pytest.mark.parametrize(("name", "code"), [("SIGHUP", 129), ("SIGINT", 130), ("SIGTERM", 143)])
def test_before_a_run_has_begun_a_signal_ends_the_process_without_an_exception(name, code):
    """One that is raised in a callback of an import is printed and forgotten."""
    done = subprocess.run([sys.executable, "-c", SWALLOWED.format(name=name)], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (code, "begun\n", "")
