"""A real server, killed and started again while real processes train."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import mlflow
import pytest

from remanence.tracking.database import open_experiment

EPOCHS = 250
LONG = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    f"trainer.max_epochs={EPOCHS}",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines.random_forest.n_estimators=5",
    "tracking=server",
)


@contextmanager
def training(server, outputs, *arguments, until="checkpoints/last.ckpt"):
    """Train in a process of its own; enter the block when it has written a file."""
    command = [sys.executable, "-m", "remanence", "train", *LONG, f"tracking.uri={server.uri}", *arguments]
    known = set(outputs.glob("runs/*"))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while not [path for path in outputs.glob(f"runs/*/{until}") if path.parents[until.count("/")] not in known]:
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"ended with {process.wait(timeout=0.05)}: {process.communicate()}")
            assert time.monotonic() < deadline, "not there after two minutes"
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "not there after two minutes"
        time.sleep(0.02)


def artifacts(client, run_id, place=None):
    """Yield the paths of all files that a run has logged."""
    for entry in client.list_artifacts(run_id, place):
        yield from artifacts(client, run_id, entry.path) if entry.is_dir else [entry.path]


def check_complete(server, folder):
    """Check that MLflow has everything of a run, as if its server had always been there."""
    client = server.client
    run = client.get_run(folder.name)
    assert run.info.status == "FINISHED"
    assert json.loads((folder / "run.json").read_text())["status"] == "FINISHED"
    assert not (folder / "outbox.jsonl").exists()
    points = client.get_metric_history(folder.name, "train/loss")
    assert [point.step for point in points] == list(range(EPOCHS))
    assert [point.timestamp for point in points] == sorted(point.timestamp for point in points)
    assert {"test/r2", "baseline/linear/test/r2"} <= run.data.metrics.keys()
    assert run.data.params["trainer.max_epochs"] == str(EPOCHS)
    assert float(run.data.tags["remanence.fit_seconds"]) > 0
    assert [entry.dataset.name for entry in run.inputs.dataset_inputs] == ["nbbt (synthetic)"]
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    written = {path for path in written if not path.startswith(("model/", "run.json"))}
    assert set(artifacts(client, folder.name)) == written
    (output,) = run.outputs.model_outputs
    assert str(client.get_logged_model(output.model_id).status) == "READY"
    mlflow.set_tracking_uri(server.uri)
    loaded = mlflow.pyfunc.load_model(f"runs:/{folder.name}/model")
    predicted = loaded.predict(loaded.input_example)
    # one network has no interval, but says how far each row is from its training rows
    assert (list(predicted.columns), len(predicted)) == (["d33", "distance", "extrapolated"], 3)


@pytest.fixture(autouse=True)
def address(monkeypatch):
    """Forget the address that a test gives MLflow."""
    before = mlflow.get_tracking_uri()
    yield
    mlflow.set_tracking_uri(before)
    os.environ.pop("MLFLOW_TRACKING_URI", None)


@pytest.mark.slow
def test_a_server_that_is_killed_and_returns_misses_nothing(server, outputs):
    with training(server, outputs, "tracking.system_metrics=true") as process:
        server.kill()
        (folder,) = (outputs / "runs").iterdir()
        wait_for((folder / "outbox.jsonl").exists)
        server.start()
        out, errors = process.communicate(timeout=200)

    assert process.returncode == 0, errors
    away, back = errors.splitlines()
    assert away.startswith(f"remanence: {server.uri} does not answer")
    assert back == f"remanence: {server.uri} answers again and has got all that it missed"
    assert folder.name in out
    check_complete(server, folder)


@pytest.mark.slow
def test_a_server_that_never_returns_leaves_a_folder_that_sync_sends(server, outputs, command):
    with training(server, outputs, "tracking.patience=2") as process:
        server.kill()
        (folder,) = (outputs / "runs").iterdir()
        out, errors = process.communicate(timeout=200)

    assert process.returncode == 1
    assert f"remanence sync {folder}" in errors.splitlines()[-1]
    assert "this run" in out
    assert json.loads((folder / "run.json").read_text())["status"] == "FAILED"

    server.start()
    assert server.client.get_run(folder.name).info.status == "RUNNING"
    result = command("sync", str(folder))

    assert result.code == 0, result.err
    check_complete(server, folder)


@pytest.mark.slow
def test_a_process_that_is_killed_while_the_server_is_away_loses_seconds(server, outputs, command):
    with training(server, outputs) as process:
        server.kill()
        (folder,) = (outputs / "runs").iterdir()
        wait_for((folder / "outbox.jsonl").exists)
        process.kill()
        process.communicate()
    server.start()

    result = command("sync", str(folder))

    assert result.code == 0, result.err
    assert server.client.get_run(folder.name).info.status == "KILLED"
    steps = [point.step for point in server.client.get_metric_history(folder.name, "train/loss")]
    assert steps == list(range(len(steps)))
    assert len(steps) > 0


@pytest.mark.slow
def test_workers_that_start_together_on_a_fresh_server_survive_its_restart(server, outputs):
    """Those of a sweep, which wait for a server that was there before also when they start."""
    experiment = open_experiment(server.client, server.uri, "piezo", outputs)  # where the trials of a sweep are, too
    parent = server.client.create_run(experiment).info.run_id
    command = [sys.executable, "-m", "remanence", "train", *LONG, f"tracking.uri={server.uri}"]
    server.kill()
    workers = [
        subprocess.Popen(
            [*command, f"seed={seed}", f"tracking.parent='{parent}'"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(3)
    ]
    try:
        assert "tried again for 60 s" in workers[0].stderr.readline()
        server.start()
        wait_for(lambda: len(list(outputs.glob("runs/*/checkpoints/last.ckpt"))) == len(workers))
        server.kill()
        wait_for(lambda: list(outputs.glob("runs/*/outbox.jsonl")))
        server.start()
        answers = [worker.communicate(timeout=200)[1] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()

    assert [worker.returncode for worker in workers] == [0] * len(workers), answers
    folders = list((outputs / "runs").iterdir())
    assert len(folders) == len(workers)
    for folder in folders:
        check_complete(server, folder)
    assert len(server.client.search_runs([experiment])) == len(workers) + 1
