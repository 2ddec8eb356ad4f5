import json
import os
import shutil
import signal
from contextlib import contextmanager

import mlflow
import pytest
from flaky import no_answer

from remanence.tracking import client as client_module
from remanence.tracking.outbox import Outbox
from remanence.tracking.run import Run

SMALL = (
    "experiment=piezo/single",
    "data.replicates=4",
    "trainer.max_epochs=5",
    "baselines.random_forest.n_estimators=5",
    "tracking.patience=0",
)


@contextmanager
def lost(after=0):
    """Let no entry arrive but the first ``after`` ones."""
    untouched, left = client_module.deliver, [after]

    def deliver(*arguments):
        if left[0] == 0:
            no_answer()
        left[0] -= 1
        untouched(*arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(client_module, "deliver", deliver)
        patched.setattr(client_module, "RETRY", 1000.0)
        yield


@pytest.fixture
def lost_run(command, outputs):
    """Train while the server goes away after some deliveries and stays away; return the answer and the folder."""

    def train(after=4, *arguments):
        with lost(after):
            result = command("train", *SMALL, *arguments)
        (folder,) = (outputs / "runs").iterdir()
        return result, folder

    return train


def status_of(folder):
    return json.loads((folder / "run.json").read_text())["status"]


def described(client, run_id):
    """What MLflow knows of a run, but for times and names that no two runs share."""
    run = client.get_run(run_id)
    tags = {
        key: value.replace(run_id, "<id>")
        for key, value in run.data.tags.items()
        if key not in ("remanence.fit_seconds", "remanence.processor_seconds", "remanence.owner", "remanence.claim")
        and not key.startswith("remanence.seconds.")
    }
    histories = {
        key: [(point.step, point.value) for point in client.get_metric_history(run_id, key)] for key in run.data.metrics
    }
    artifacts = {}
    for folder in (None, "figures", "tables", "checkpoints"):
        artifacts[folder] = sorted(entry.path for entry in client.list_artifacts(run_id, folder))
    (model,) = run.outputs.model_outputs
    files = [entry.path for entry in client.list_logged_model_artifacts(model.model_id)]
    inputs = [(entry.dataset.name, entry.dataset.digest) for entry in run.inputs.dataset_inputs]
    return run.info.status, run.data.params, tags, histories, artifacts, files, inputs


@pytest.mark.parametrize("after", [0, 7])
def test_after_a_sync_it_is_as_if_nothing_had_happened(lost_run, command, client, all_runs, outputs, after):
    result, folder = lost_run(after)

    assert result.code == 1
    line = result.err.splitlines()[-1]
    assert line.startswith("remanence: failed: TrackingLost: ")
    assert f"remanence sync {folder}" in line
    assert "this run" in result.out  # trained, tested and reported all the same
    assert status_of(folder) == "FAILED"
    assert client.get_run(folder.name).info.status == "RUNNING"
    ended = int(1000 * (folder / "run.json").stat().st_mtime)

    synced = command("sync", str(folder))

    assert synced.code == 0, synced.err
    assert synced.out.startswith(f"run {folder.name}: sent ")
    assert synced.out.strip().endswith(f"entries to sqlite:///{outputs}/mlflow.db, FINISHED")
    assert status_of(folder) == "FINISHED"
    assert not (folder / "outbox.jsonl").exists()
    assert client.get_run(folder.name).info.end_time <= ended
    assert command("train", *SMALL).code == 0
    (other,) = [run.info.run_id for run in all_runs() if run.info.run_id != folder.name]
    assert described(client, folder.name) == described(client, other)
    for file in ("config.yaml", "tables/test_predictions.csv", "checkpoints/best.ckpt"):
        with open(client.download_artifacts(folder.name, file), "rb") as arrived:
            assert arrived.read() == (folder / file).read_bytes()
    loaded = mlflow.pyfunc.load_model(f"runs:/{folder.name}/model")
    assert len(loaded.predict(loaded.input_example)) > 0


def test_a_second_sync_has_nothing_to_send(lost_run, command):
    _, folder = lost_run()
    command("sync", str(folder))

    result = command("sync", str(folder))

    assert (result.code, result.out) == (0, f"run {folder.name}: nothing to send\n")


def test_an_interrupted_sync_is_repeated(lost_run, command, client):
    _, folder = lost_run()
    number = len(Outbox(folder))

    for after in range(0, number, 5):
        with lost(after):
            result = command("sync", str(folder))
        assert result.code == 1
        assert f"remanence sync {folder}" in result.err
        assert status_of(folder) == "FAILED"
    assert command("sync", str(folder)).code == 0

    status, _, _, histories, *_ = described(client, folder.name)
    assert status == "FINISHED"
    assert [step for step, _ in histories["train/loss"]] == list(range(5))


def test_a_line_that_was_cut_is_left_out_and_said(lost_run, command, client):
    _, folder = lost_run()
    path = folder / "outbox.jsonl"
    cut = path.read_bytes()[:-20]
    path.write_bytes(cut)

    result = command("sync", str(folder))

    assert result.code == 0
    assert result.out.endswith("FAILED; 1 damaged, left out and kept\n")
    assert (folder / "outbox.damaged.jsonl").read_bytes() == cut
    assert (client.get_run(folder.name).info.status, status_of(folder)) == ("FAILED", "FAILED")
    assert len(client.get_metric_history(folder.name, "train/loss")) == 5


def test_a_run_whose_process_was_killed_is_killed(lost_run, command, client):
    _, folder = lost_run()
    path = folder / "outbox.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    assert "set_status" in lines[-1]
    path.write_text("".join(lines[:-1]))
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"status": "RUNNING", "pid": 2**22 + 1}))

    result = command("sync", str(folder))

    assert result.code == 0, result.err
    assert result.out.strip().endswith("KILLED")
    assert (client.get_run(folder.name).info.status, status_of(folder)) == ("KILLED", "KILLED")


def test_a_run_of_another_machine_keeps_the_status_that_only_that_machine_knows(lost_run, command, client):
    _, folder = lost_run()
    path = folder / "outbox.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"status": "RUNNING", "host": "elsewhere"}))

    assert command("sync", str(folder)).code == 0

    assert (client.get_run(folder.name).info.status, status_of(folder)) == ("RUNNING", "RUNNING")


def test_a_run_that_still_trains_is_left_alone(lost_run, command):
    _, folder = lost_run()
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"status": "RUNNING"}))
    before = (folder / "outbox.jsonl").read_bytes()

    result = command("sync", str(folder))

    assert result.code == 2
    assert f"still runs as process {os.getpid()}" in result.err
    assert (folder / "outbox.jsonl").read_bytes() == before


@pytest.mark.parametrize("how", ["tracking.uri", "MLFLOW_TRACKING_URI"])
def test_another_address_may_be_given(lost_run, command, client, outputs, monkeypatch, how):
    """As for a server that has moved, or one whose password is not in ``run.json``."""
    _, folder = lost_run()
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"tracking_uri": "http://host.invalid"}))
    address = f"sqlite:///{outputs}/mlflow.db"
    if how == "MLFLOW_TRACKING_URI":
        monkeypatch.setenv(how, address)

    result = command("sync", str(folder), *([f"tracking.uri={address}"] if how == "tracking.uri" else []))

    assert result.code == 0, result.err
    assert client.get_run(folder.name).info.status == "FINISHED"
    assert json.loads((folder / "run.json").read_text())["tracking_uri"] == address


def test_a_server_that_only_the_folder_names_gets_no_password(lost_run, command, nobody, monkeypatch):
    _, folder = lost_run()
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"tracking_uri": nobody}))
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "hush")

    result = command("sync", str(folder))

    assert result.code == 2
    assert f"run.json names the server {nobody}, which would get your password" in result.err
    assert "Connection refused" in command("sync", str(folder), f"tracking.uri={nobody}").err


def test_an_entry_of_an_outbox_sends_no_file_from_elsewhere(lost_run, command, client, tmp_path):
    _, folder = lost_run()
    (tmp_path / "private.txt").write_text("mine")
    run_id = json.loads((folder / "run.json").read_text())["run_id"]
    with (folder / "outbox.jsonl").open("a") as file:
        for path in (str(tmp_path / "private.txt"), "../../../private.txt"):
            entry = {"call": "log_artifact", "run_id": run_id, "path": path, "artifact_path": None}
            file.write(json.dumps(entry) + "\n")

    result = command("sync", str(folder))

    assert result.code == 0
    assert "2 damaged, left out and kept" in result.out
    assert "private.txt" not in [entry.path for entry in client.list_artifacts(run_id)]


def test_a_server_that_does_not_know_the_run_is_one_line_and_nothing_is_changed(
    lost_run, command, fresh_database, tmp_path
):
    _, folder = lost_run()
    shutil.copy(fresh_database, tmp_path / "new.db")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    result = command("sync", str(folder), f"tracking.uri=sqlite:///{tmp_path}/new.db")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert f"no run with the id or name '{folder.name}' in sqlite:///{tmp_path}/new.db; nothing was sent" in line
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_server_that_is_still_away_is_one_line(lost_run, command, nobody):
    _, folder = lost_run()

    result = command("sync", str(folder), f"tracking.uri={nobody}")

    assert result.code == 2
    assert result.err == f"remanence: error: tracking.uri: {nobody} does not answer: [Errno 111] Connection refused\n"
    assert (folder / "outbox.jsonl").exists()


def test_several_folders_are_synced_one_after_the_other(command, outputs, client):
    with lost(4):
        command("train", *SMALL)
        command("train", *SMALL, "seed=1")
    folders = sorted((outputs / "runs").iterdir())

    result = command("sync", *map(str, folders))

    assert [line.split(":")[0] for line in result.out.splitlines()] == [f"run {folder.name}" for folder in folders]
    assert {client.get_run(folder.name).info.status for folder in folders} == {"FINISHED"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "sync: name the folder of a run"),
        (["nowhere"], "nowhere is not the folder of a run: it has no run.json"),
        (["a", "tracking.uri=x", "tracking.uri=y"], "sync: name the folder of a run"),
    ],
)
def test_a_wrong_command_is_one_line(command, arguments, reason):
    result = command("sync", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert reason in line


def test_a_run_that_is_resumed_sends_first_what_its_last_process_could_not(lost_run, command, client):
    from remanence.models.dnn import DNN

    def stop(self):
        if self.current_epoch == 3:
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DNN, "on_train_epoch_start", stop, raising=False)
        stopped, folder = lost_run(5, "callbacks.checkpoint_seconds=0")
    assert stopped.code == 143
    assert "nothing is lost, send it with: remanence sync" in stopped.err
    assert status_of(folder) == "KILLED"
    assert client.get_run(folder.name).info.status == "RUNNING"

    result = command("train", f"resume={folder.name}")

    assert result.code == 0, result.err
    status, params, tags, histories, *_ = described(client, folder.name)
    assert status == "FINISHED"
    assert tags["remanence.signal"] == "SIGTERM"
    assert [step for step, _ in histories["train/loss"]] == list(range(5))
    assert params["trainer.max_epochs"] == "5"
    assert not (folder / "outbox.jsonl").exists()


def test_a_run_that_fails_while_the_server_is_away_says_both(lost_run, monkeypatch, client, command):
    def refuse(*_, **__):
        raise RuntimeError("no paper in the printer")

    monkeypatch.setattr(Run, "log_figure", refuse)
    result, folder = lost_run()

    assert result.code == 1
    *_, lost_line, failed = result.err.splitlines()
    assert f"remanence sync {folder}" in lost_line
    assert "no paper in the printer" in failed
    assert status_of(folder) == "FAILED"

    assert command("sync", str(folder)).code == 0
    assert client.get_run(folder.name).info.status == "FAILED"
    with open(client.download_artifacts(folder.name, "traceback.txt"), encoding="utf-8") as traceback:
        assert "no paper in the printer" in traceback.read()


def test_a_disk_that_is_full_while_the_server_is_away_is_named(lost_run, monkeypatch):
    def save(self):
        if self:
            raise OSError(28, "No space left on device, and the server is away", str(self.path))

    monkeypatch.setattr(Outbox, "save", save)
    result, folder = lost_run()

    assert result.code == 1
    expected = f"OSError: [Errno 28] No space left on device, and the server is away: '{folder / 'outbox.jsonl'}'"
    assert expected in result.err.splitlines()[-1]
    assert status_of(folder) == "FAILED"


def test_what_the_server_missed_is_sent_before_the_run_is_resumed(command, outputs, client, monkeypatch):
    from remanence.models.dnn import DNN

    with lost(0), monkeypatch.context() as patched:
        patched.setattr(DNN, "validation_step", lambda *_: signal.raise_signal(signal.SIGTERM))
        assert command("train", *SMALL).code == 143
    (folder,) = (outputs / "runs").iterdir()
    assert not client.list_artifacts(folder.name)

    result = command("train", f"resume={folder.name}")

    assert result.code == 0, result.err
    assert client.get_run(folder.name).info.status == "FINISHED"
