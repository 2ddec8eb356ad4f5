"""A sweep whose MLflow server is killed for a while, or for good."""

import os
import subprocess
import sys
import time
from contextlib import suppress

import optuna
import pytest

TRIALS, EPOCHS = 4, 250
SWEEP = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    f"trainer.max_epochs={EPOCHS}",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
    "figures=brief",
    "sweep.name=lost",
    "model.lr=tag(log,interval(1e-4,1e-2))",
    f"hydra.sweeper.n_trials={TRIALS}",
    "n_jobs=2",
    "hydra.sweeper.fuse=off",
    "tracking=server",
)
AWAY = 20.0
"""Seconds for which the server is gone."""


@pytest.fixture
def sweep(server):
    """Start the sweep as a process."""
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "remanence", "train", "-m", *SWEEP, f"tracking.uri={server.uri}", *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def ended(outputs):
    """Return how many trials have ended."""

    def count():
        with suppress(KeyError):  # there is no study yet
            study = optuna.load_study(study_name="lost", storage=f"sqlite:///{outputs}/sweeps.db")
            return sum(trial.state.is_finished() for trial in study.trials)
        return 0

    return count


def wait_for(condition, process):
    deadline = time.monotonic() + 180
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def check_complete(server, outputs):
    """Every trial has ended once, and MLflow has all points of it."""
    study = optuna.load_study(study_name="lost", storage=f"sqlite:///{outputs}/sweeps.db")
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * TRIALS
    client = server.client
    runs = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    children = {run.info.run_id: run for run in runs if "remanence.trial" in run.data.tags}
    assert (len(runs), len(children)) == (TRIALS + 1, TRIALS)
    assert {run.info.status for run in runs} == {"FINISHED"}
    for trial in study.trials:
        run = children[trial.user_attrs["run"]]
        assert run.data.metrics["val/mse"] == trial.value
        steps = {point.step for point in client.get_metric_history(run.info.run_id, "train/loss")}
        assert steps == set(range(EPOCHS))
        assert len(run.outputs.model_outputs) == 1
    assert list(outputs.rglob("outbox.jsonl")) == []


@pytest.mark.slow
def test_a_sweep_whose_server_is_gone_for_twenty_seconds_misses_nothing(server, outputs, sweep, ended):
    process = sweep()
    wait_for(lambda: ended() >= 1, process)

    server.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(AWAY)
    server.start()
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert f"lost: {TRIALS} ok, 0 pruned, 0 failed, 0 skipped" in out
    check_complete(server, outputs)


@pytest.mark.slow
def test_a_sweep_whose_server_stays_away_ends_and_goes_on_when_it_is_back(server, outputs, sweep, ended):
    process = sweep("tracking.patience=3")
    wait_for(lambda: ended() >= 1, process)

    server.kill()
    _, errors = process.communicate(timeout=200)

    assert process.returncode == 1
    assert "remanence sync" in errors or "does not answer" in errors
    assert "Traceback" not in errors
    server.start()
    again = sweep()
    out, errors = again.communicate(timeout=300)

    assert again.returncode == 0, errors
    assert f"lost: {TRIALS} ok, 0 pruned, 0 failed, 0 skipped" in out
    check_complete(server, outputs)
