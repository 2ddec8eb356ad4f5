"""A run that is killed at random moments, again and again, each time while it is resumed."""

import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

EPOCHS = 1500
LONG = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    f"trainer.max_epochs={EPOCHS}",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0.2",
    "baselines=none",
    "figures=brief",
)


@pytest.fixture
def start(outputs):
    """Start ``remanence`` as a process."""
    started = []

    def run(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "remanence", *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition, process):
    deadline = time.monotonic() + 180
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("ensemble", "kills"), [("ensemble=single", 20), ("ensemble=stacked", 5)])
def test_a_run_that_is_killed_again_and_again_ends_with_the_whole_curve(
    start, outputs, client, all_runs, ensemble, kills
):
    moments, process = random.Random(0), start("train", *LONG, ensemble)
    last = "checkpoints/last.ckpt"
    wait_for(lambda: list(outputs.glob(f"runs/*/{last}")), process)
    (run,) = all_runs()
    folder = outputs / "runs" / run.info.run_id
    for _ in range(kills):
        written = (folder / last).stat().st_mtime_ns
        process.send_signal(signal.SIGKILL)
        process.communicate()
        process = start("train", f"resume={run.info.run_id}")
        # anywhere between the start of the process and some checkpoints later
        if moments.random() < 0.7:
            wait_for(lambda: (folder / last).stat().st_mtime_ns != written, process)  # noqa: B023
        with suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0.0, 1.0))
        assert process.poll() is None, process.communicate()
    pid = process.pid
    process.send_signal(signal.SIGKILL)
    process.communicate()
    process = start("train", f"resume={run.info.run_id}")
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, (out, errors)
    assert not psutil.pid_exists(pid)
    (ended,) = all_runs()
    assert (ended.info.run_id, ended.info.status) == (run.info.run_id, "FINISHED")
    for key in ("train/loss", "val/loss"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert sorted(steps) == list(range(EPOCHS)), key
    left = [path.name for path in folder.rglob("*") if path.name.endswith((".part", ".tmp")) or path.name[0] == "."]
    assert left == []
