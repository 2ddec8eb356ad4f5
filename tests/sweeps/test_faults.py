"""Real processes that are killed at random moments: nothing is lost, nothing is done twice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import optuna
import psutil
import pytest
from optuna.trial import TrialState

TRIALS = 12
SWEEP = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    "trainer.max_epochs=250",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
    "sweep.name=faults",
    "model.lr=tag(log,interval(1e-4,1e-2))",
    f"hydra.sweeper.n_trials={TRIALS}",
    "n_jobs=2",
)


@pytest.fixture
def sweep(outputs):
    """Start the sweep as a process."""
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "remanence", "train", "-m", *SWEEP, *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def study(outputs):
    return optuna.load_study(study_name="faults", storage=f"sqlite:///{outputs}/sweeps.db")


def check(outputs, all_runs, trials=TRIALS):
    """Study and MLflow tell the same story: every trial ended, once, and no run is left open."""
    ended = study(outputs).get_trials()
    assert [trial.state for trial in ended] == [TrialState.COMPLETE] * trials
    runs = all_runs()
    children = {run.info.run_id: run for run in runs if "mlflow.parentRunId" in run.data.tags}
    assert len(runs) == len(children) + 1
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert sorted(trial.user_attrs["run"] for trial in ended) == sorted(children)
    assert len({trial.params["model.lr"] for trial in ended}) == trials
    for trial in ended:
        run = children[trial.user_attrs["run"]]
        assert run.data.metrics["val/mse"] == trial.value
        assert float(run.data.params["model.lr"]) == trial.params["model.lr"]
        assert run.data.tags["remanence.trial"] == str(trial.number)


@pytest.mark.slow
def test_a_sweep_that_is_killed_twenty_times_ends_with_every_trial_once(sweep, outputs, all_runs):
    moments = random.Random(0)
    for _ in range(20):
        process = sweep()
        with suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(3.0, 12.0))
        assert process.poll() is None, "it ended before it was killed twenty times"
        process.kill()
        process.wait()
    process = sweep()
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, (out, errors)
    check(outputs, all_runs)
