"""Real processes: the handlers, the exit codes and what is on disk when a process is gone."""

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from remanence.tracking.interruption import Interrupted, interruptible, uninterrupted
from remanence.verbs.cli import main

EPOCHS = 300
LONG = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    f"trainer.max_epochs={EPOCHS}",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines.random_forest.n_estimators=5",
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


@pytest.fixture
def uninterrupted_metrics(command, all_runs, client, outputs):
    """Metrics of the same run left alone; the run and its folder are forgotten."""
    assert command("train", *LONG).code == 0
    (run,) = all_runs()
    client.delete_run(run.info.run_id)
    (outputs / "runs" / run.info.run_id / "checkpoints" / "last.ckpt").unlink()
    return run.data.metrics


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "status"),
    [(signal.SIGINT, 130, "KILLED"), (signal.SIGTERM, 143, "KILLED"), (signal.SIGKILL, -9, "RUNNING")],
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
def test_a_second_process_does_not_take_over_a_living_run(start, all_runs, command):
    process = start("train", *LONG)
    (run,) = all_runs()

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert f"is still running as process {process.pid}" in result.err


@pytest.mark.slow
def test_a_stopped_sweep_is_killed_with_its_job_and_starts_no_further_one(start, all_runs):
    process = start("train", "-m", *LONG, "seed=0,1")

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


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_before_a_run_has_begun_a_signal_ends_the_process_without_an_exception(name, code):
    """One that is raised in a callback of an import is printed and forgotten."""
    done = subprocess.run([sys.executable, "-c", SWALLOWED.format(name=name)], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (code, "begun\n", "")
