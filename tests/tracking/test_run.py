import json
import signal
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from sqlalchemy import event
from sqlalchemy.engine import Engine

from remanence.tracking.interruption import Interrupted
from remanence.tracking.lifecycle import lifecycle
from remanence.tracking.run import Run


def record_of(outputs, run):
    return json.loads((outputs / "runs" / run.info.run_id / "run.json").read_text())


def artifacts(client, run, folder=None):
    return {entry.path for entry in client.list_artifacts(run.info.run_id, folder)}


def test_a_run_is_running_until_everything_is_logged_and_then_finished(train, monkeypatch, client, outputs):

    seen = {}
    for name in ("log_metrics", "log_table", "log_figure", "log_checkpoints"):
        untouched = getattr(Run, name)

        def spy(self, *arguments, _name=name, _untouched=untouched, **named):
            seen[_name] = client.get_run(self.id).info.status
            seen[f"{_name} in run.json"] = json.loads((self.folder / "run.json").read_text())["status"]
            return _untouched(self, *arguments, **named)

        monkeypatch.setattr(Run, name, spy)

    run = train()

    assert set(seen.values()) == {"RUNNING"}
    assert run.info.status == "FINISHED"
    assert run.info.end_time >= run.info.start_time
    assert record_of(outputs, run)["status"] == "FINISHED"


def test_a_failed_run_says_why(stop, artifact, outputs):
    result, run = stop(RuntimeError("the furnace is cold"))

    assert result.code == 1
    assert result.err == "remanence: failed: RuntimeError: the furnace is cold (--debug shows where)\n"
    assert run.info.status == "FAILED"
    assert record_of(outputs, run)["status"] == "FAILED"
    assert "the furnace is cold" in artifact(run, "traceback.txt").read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_is_killed(stop, client, outputs, number, code):
    result, run = stop(number)

    assert result.code == code
    assert run.info.status == "KILLED"
    assert run.data.tags["remanence.signal"] == number.name
    assert record_of(outputs, run)["status"] == "KILLED"
    assert "traceback.txt" not in artifacts(client, run)
    assert "checkpoints/last.ckpt" in artifacts(client, run, "checkpoints")


def test_a_signal_that_comes_while_the_database_answers_leaves_no_lock_and_no_running_run(client, outputs):
    experiment = client.create_experiment("piezo", (outputs / "artifacts").as_uri())
    run = Run.of(client.create_run(experiment), client, uri=client.tracking_uri, outputs=outputs)
    asked, answered = [], []

    def press(connection, statement, *_):
        """Ask the process to stop between a query and its rows; MLflow logs metrics in a session inside a session."""
        if statement.is_select and len(asked) < 2:
            asked.append(statement)
            if len(asked) == 2:
                signal.raise_signal(signal.SIGHUP)
                answered.append("in full")

    def interrupted():
        with lifecycle(run):
            event.listen(Engine, "after_execute", press)
            try:
                run.log_metrics({"val/mse": 0.5})
            finally:
                with suppress(Exception):
                    run.log_metrics({"val/mae": 0.4})  # as Lightning's loggers do when a training ends

    try:
        with pytest.raises(Interrupted):
            interrupted()
    finally:
        event.remove(Engine, "after_execute", press)

    stopped = client.get_run(run.id)
    assert answered == ["in full"]
    assert stopped.info.status == "KILLED"
    assert stopped.data.metrics == {"val/mse": 0.5, "val/mae": 0.4}


def test_signals_have_their_old_meaning_after_a_run(train):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    train("model=linear")

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_run_that_cannot_be_described_is_failed_not_running(command, all_runs, monkeypatch):
    import remanence.tracking.start

    def refuse(source):
        raise OSError("the disk is full")

    monkeypatch.setattr(remanence.tracking.start, "dataset_input", refuse)

    result = command("train", "experiment=piezo/single", "data.replicates=4")

    assert result.code == 1
    (run,) = all_runs()
    assert run.info.status == "FAILED"


def test_training_that_diverges_is_a_failure(command, all_runs):
    result = command(
        "train", "experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=20", "model.activation=relu",
        "model.optimizer=sgd", "model.lr=1e30",
    )  # fmt: skip

    assert result.code == 1
    (run,) = all_runs()
    assert run.info.status == "FAILED"


def test_the_folder_of_a_run_bears_its_id_and_holds_what_was_logged(train, artifact, outputs):
    run = train()

    (folder,) = (outputs / "runs").iterdir()
    assert folder.name == run.info.run_id
    assert record_of(outputs, run)["run_id"] == run.info.run_id
    expected = {"config.yaml", "environment.txt", "tables/test_predictions.csv", "figures/loss_curves.png"}
    for path in expected | {"checkpoints/best.ckpt", "checkpoints/last.ckpt"}:
        assert (folder / path).is_file()
        assert (folder / path).read_bytes() == artifact(run, path).read_bytes()


def test_runs_of_other_seeds_have_other_names_and_a_given_name_is_kept(train):
    names = [train(f"seed={seed}", "model=linear").info.run_name for seed in (0, 1)]

    assert names[0] != names[1]
    assert train("name='a name, given'", "model=linear").info.run_name == "a name, given"


def test_each_command_makes_exactly_one_run_and_exports_nothing(train, all_runs, monkeypatch):
    import os

    import mlflow

    train()

    assert len(all_runs()) == 1
    assert mlflow.active_run() is None
    assert not {"MLFLOW_RUN_ID", "MLFLOW_TRACKING_URI"} & os.environ.keys()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_that_mlflow_refuses_to_end_is_killed_all_the_same(
    command, client, all_runs, outputs, monkeypatch, number, code, ten_epochs
):
    from remanence.models.dnn import DNN

    def validation_step(self, *_):
        for run in all_runs():
            client.delete_run(run.info.run_id)
        signal.raise_signal(number)

    monkeypatch.setattr(DNN, "validation_step", validation_step)

    result = command("train", *ten_epochs)

    assert result.code == code
    (folder,) = (outputs / "runs").iterdir()
    assert json.loads((folder / "run.json").read_text())["status"] == "KILLED"


def test_a_run_that_mlflow_refuses_to_finish_has_failed(command, outputs, monkeypatch):
    from remanence.tracking.client import RunClient

    def refuse(self, run_id, status):
        raise ValueError(f"no {status}")

    monkeypatch.setattr(RunClient, "set_terminated", refuse)

    result = command("train", "experiment=piezo/single", "data.replicates=4", "model=linear", "baselines=none")

    assert result.code == 1
    assert "no FINISHED" in result.err
    (folder,) = (outputs / "runs").iterdir()
    assert json.loads((folder / "run.json").read_text())["status"] == "FAILED"


def test_each_file_of_a_run_appears_whole(train, client, outputs, monkeypatch):
    run, half = train("model=linear"), OSError(28, "No space left on device")
    tracked = Run(client, run.info.run_id, uri="sqlite:///", outputs=outputs)

    def half_written(self, path, *_, **__):
        Path(path).write_bytes(b"half")
        raise half

    def half_text(self, text, **_):
        self.write_bytes(b"half")
        raise half

    frame, figure = pd.DataFrame({"x": [1.0]}), Figure()
    writes = {
        "tables/t.csv": lambda: tracked.log_table(frame, "t"),
        "tables/t.md": lambda: tracked.log_table(frame, "t"),
        "tables/t.parquet": lambda: tracked.log_parquet(frame, "t"),
        "figures/t.png": lambda: tracked.log_figure(figure, "t"),
        "t.txt": lambda: tracked.log_text("text", "t.txt"),
    }
    breaks = {".csv": (pd.DataFrame, "to_csv"), ".parquet": (pd.DataFrame, "to_parquet"), ".png": (Figure, "savefig")}
    for name, write in writes.items():
        write()
        path = tracked.folder / name
        before = path.read_bytes()
        with monkeypatch.context() as patched:
            if path.suffix in breaks:
                patched.setattr(*breaks[path.suffix], half_written)
            else:
                patched.setattr(Path, "write_text", half_text)
            with pytest.raises(OSError, match="No space left"):
                write()
        assert path.read_bytes() == before
        assert not [each for each in path.parent.iterdir() if ".part" in each.name]
