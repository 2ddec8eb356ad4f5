"""The set-up of docs/sweeps.md for several machines: PostgreSQL for studies and runs, a server of MLflow before it."""

import subprocess
import time
from contextlib import suppress

import optuna
import pytest
from machine import Machine
from mlflow import MlflowClient

from tracking.postgres import postgres
from tracking.server import serve_database

TRIALS, EPOCHS = 8, 300
AWAY = 20.0
"""Seconds for which the database is gone."""
SWEEP = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    f"trainer.max_epochs={EPOCHS}",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
    "figures=brief",
    "sweep.name=ours",
    "model.lr=tag(log,interval(1e-4,1e-2))",
    f"hydra.sweeper.n_trials={TRIALS}",
    "n_jobs=2",
    "hydra.sweeper.fuse=off",
)


@pytest.fixture
def database():
    with postgres() as running:
        yield running


@pytest.fixture
def runs(database, tmp_path):
    """A server of MLflow before the database."""
    with serve_database(tmp_path / "server", database.url("runs")) as running:
        yield running


@pytest.fixture
def machine(database, runs, tmp_path):
    """Start the sweep on another machine."""
    started = []

    def start(name, *arguments):
        where = {"REMANENCE_STORAGE": database.url("studies"), "MLFLOW_TRACKING_URI": runs.uri}
        started.append(Machine(tmp_path / name, ["train", "-m", *SWEEP, *arguments], where))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def trials(database):
    with suppress(KeyError, Exception):  # there is no study yet
        return optuna.load_study(study_name="ours", storage=database.url("studies")).trials
    return []


def owners(database):
    """Return the machines that train a trial now."""
    running = [trial.user_attrs for trial in trials(database) if trial.state.name == "RUNNING"]
    return {(about["owner"][0], *about["owner"][3:]) for about in running if about.get("claimed")}


def wait_for(condition, *machines, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        for each in machines:
            assert each.process.poll() is None, each.log.read_text()
        assert time.monotonic() < deadline, [each.log.read_text() for each in machines]
        time.sleep(0.2)


def check(database, runs, number=TRIALS):
    """Every trial has ended once, in one run, and no point stands twice or is missing."""
    ended = trials(database)
    assert [trial.state.name for trial in ended] == ["COMPLETE"] * number
    client = MlflowClient(runs.uri)
    found = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    children = {run.info.run_id: run for run in found if "remanence.trial" in run.data.tags}
    assert sorted(int(run.data.tags["remanence.trial"]) for run in children.values()) == list(range(number))
    assert len(found) == number + 1
    assert {run.info.status for run in found} == {"FINISHED"}
    for trial in ended:
        run = children[trial.user_attrs["run"]]
        assert run.data.metrics["val/mse"] == trial.value
        for metric in ("train/loss", "val/loss"):
            steps = [point.step for point in client.get_metric_history(run.info.run_id, metric)]
            assert sorted(steps) == list(range(EPOCHS))
        assert len(run.outputs.model_outputs) == 1


@pytest.mark.slow
def test_two_machines_lose_nothing_when_the_database_and_one_of_them_are_killed(database, runs, machine):
    first, second = machine("first"), machine("second")
    wait_for(lambda: len(owners(database)) == 2, first, second)

    database.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(AWAY)
    assert first.process.poll() is None, first.log.read_text()
    database.start()
    wait_for(lambda: len(owners(database)) == 2, first, second)
    before = len([trial for trial in trials(database) if trial.state.is_finished()])
    first.kill()

    assert before < TRIALS - 2
    assert second.wait(600) == 0, second.log.read_text()
    assert f"ours: {TRIALS} ok, 0 pruned, 0 failed, 0 skipped" in second.log.read_text()
    check(database, runs)
    assert list(second.outputs.rglob("outbox.jsonl")) == []
