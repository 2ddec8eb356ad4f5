import json
import os
import signal
from functools import partialmethod

import pytest


@pytest.mark.parametrize("how", [signal.SIGTERM, RuntimeError("no")], ids=["killed", "failed"])
def test_a_resumed_run_ends_as_the_uninterrupted_one(stop, command, client, uninterrupted_metrics, how):
    _, run = stop(how)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    resumed = client.get_run(run.info.run_id)
    assert resumed.info.status == "FINISHED"
    assert resumed.data.metrics == uninterrupted_metrics
    for key in ("train/loss", "val/loss", "val/mse"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert sorted(steps) == list(range(10 if key.endswith("loss") else 11))


@pytest.fixture
def uninterrupted_metrics(command, client, ten_epochs, outputs):
    """Metrics of the run as it would have been; the run itself is forgotten."""
    assert command("train", *ten_epochs).code == 0
    (run,) = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    client.delete_run(run.info.run_id)
    return run.data.metrics


def test_epochs_that_are_repeated_are_not_logged_twice(stop, command, client, uninterrupted_metrics):
    _, run = stop(signal.SIGTERM, "callbacks.checkpoint_seconds=1000")

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert client.get_run(run.info.run_id).data.metrics == uninterrupted_metrics
    for key in ("train/loss", "val/loss"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert sorted(steps) == list(range(10))


def test_a_run_that_failed_after_training_is_resumed_without_training(
    command, all_runs, client, monkeypatch, ten_epochs, uninterrupted_metrics
):
    import remanence.studies.table.illustrate

    def refuse(*_, **__):
        raise RuntimeError("no paper in the printer")

    with monkeypatch.context() as patched:
        patched.setattr(remanence.studies.table.illustrate, "illustrate_fit", refuse)
        assert command("train", *ten_epochs).code == 1
    (run,) = all_runs()

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert client.get_run(run.info.run_id).data.metrics == uninterrupted_metrics


def test_a_run_is_resumed_from_its_artifacts_when_its_folder_is_gone(stop, command, client, outputs):
    import shutil

    _, run = stop(signal.SIGTERM)
    shutil.rmtree(outputs / "runs" / run.info.run_id)

    result = command("train", f"resume={run.info.run_name}")

    assert result.code == 0, result.err
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
    assert sorted(steps) == list(range(10))


def test_more_epochs_may_be_asked_for_and_are_written_down(stop, command, client):
    _, run = stop(signal.SIGINT)

    result = command("train", f"resume={run.info.run_id}", "trainer.max_epochs=12", "trainer.gradient_clip_val=1e-3")

    assert result.code == 0, result.err
    resumed = client.get_run(run.info.run_id)
    assert resumed.data.params["trainer.max_epochs"] == "10"
    assert resumed.data.tags["remanence.resumed.trainer.max_epochs"] == "12"
    assert resumed.data.tags["remanence.resumed.trainer.gradient_clip_val"] == "0.001"
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
    assert sorted(steps) == list(range(12))


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        (["trainer.max_epoch=3"], "trainer.max_epoch: unknown key; did you mean 'max_epochs'?"),
        (["trainer.max_epochs=0"], "trainer.max_epochs"),
        (["trainer.max_epochs=3,4"], "trainer.max_epochs: one value"),
        (["trainer.devices=[0"], "cannot read"),
    ],
)
def test_what_may_not_change_on_resuming_is_one_line(stop, command, client, added, reason):
    _, run = stop(signal.SIGTERM)

    result = command("train", f"resume={run.info.run_id}", *added)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert reason in line
    assert client.get_run(run.info.run_id).info.status == "KILLED"


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("tracking.tags={a: b}", "only trainer.* may be changed"),
        ("model.lr=0.1", "only trainer.* may be changed, got 'model.lr=0.1'"),
        ("experiment=piezo/single", "only trainer.* may be changed"),
        ("-m", "-m cannot be combined"),
        ("--multirun", "-m cannot be combined"),
    ],
)
def test_only_the_trainer_may_be_named_beside_resume(command, added, reason):
    for arguments in (["resume=abc", added], [added, "resume=abc"]):
        result = command("train", *arguments)

        assert result.code == 2
        assert reason in result.err


def test_a_finished_run_is_not_resumed(train, command):
    run = train("model=linear")

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert "is FINISHED" in result.err


def test_a_run_whose_process_is_alive_is_not_resumed(stop, command, outputs):
    _, run = stop(signal.SIGTERM)
    path = outputs / "runs" / run.info.run_id / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "RUNNING", "pid": os.getppid()}))

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert "is still running as process" in result.err


def test_a_sweep_is_not_resumed_as_a_run(command, all_runs):
    assert command("train", "-m", "experiment=piezo/single", "data.replicates=4", "model=linear", "seed=0,1").code == 0
    (sweep,) = [run for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]

    result = command("train", f"resume={sweep.info.run_id}")

    assert result.code == 2
    assert "it is a sweep" in result.err


def test_an_unknown_run_is_one_line(command):
    result = command("train", "resume=nothing")

    assert result.code == 2
    assert "no run with the id or name 'nothing'" in result.err


def test_parameters_that_were_not_yet_logged_are_logged_as_such(command, all_runs, client, monkeypatch, ten_epochs):
    import remanence.tracking.start

    def half(client, found, wanted, **_):
        client.log_param(found.info.run_id, "seed", wanted["seed"])
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(remanence.tracking.start, "write_parameters", half)
        assert command("train", *ten_epochs).code == 1
    (run,) = all_runs()
    assert list(run.data.params) == ["seed"]

    result = command("train", f"resume={run.info.run_id}", "trainer.max_epochs=2")

    assert result.code == 0, result.err
    resumed = client.get_run(run.info.run_id)
    assert resumed.data.params["model.lr"] == "0.005"
    assert resumed.data.params["trainer.max_epochs"] == "2"
    assert len(resumed.inputs.dataset_inputs) == 1
    assert not [key for key in resumed.data.tags if key.startswith("remanence.resumed.")]


def test_a_value_that_is_back_to_its_first_one_is_written_down_too(stop, command, client, monkeypatch):
    from remanence.models.dnn import DNN

    _, run = stop(signal.SIGTERM)
    with monkeypatch.context() as patched:
        patched.setattr(DNN, "validation_step", lambda *_: signal.raise_signal(signal.SIGINT))
        assert command("train", f"resume={run.info.run_id}", "trainer.max_epochs=12").code == 130

    assert command("train", f"resume={run.info.run_id}", "trainer.max_epochs=10").code == 0

    assert client.get_run(run.info.run_id).data.tags["remanence.resumed.trainer.max_epochs"] == "10"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_process_prints_the_one_line_that_goes_on_with_it(stop, number, code):
    result, run = stop(number)

    assert result.code == code
    told = [line for line in result.err.splitlines() if line.startswith("remanence:")]
    assert told == [f"remanence: stopped by {number.name}; to go on: remanence train resume={run.info.run_id}"]


def test_the_line_names_outputs_and_database_that_the_shell_does_not(command, outputs, client, tmp_path, monkeypatch):
    from remanence.models.dnn import DNN

    monkeypatch.setattr(DNN, "validation_step", lambda *_: signal.raise_signal(signal.SIGTERM))
    elsewhere = tmp_path / "other outputs"

    result = command(
        "train", "experiment=piezo/single", "data.replicates=4",
        f"paths.outputs='{elsewhere}'", f"tracking.uri=sqlite:///{outputs}/mlflow.db",
    )  # fmt: skip

    (run,) = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    assert result.err.splitlines()[-1].endswith(
        f"to go on: REMANENCE_OUTPUTS='{elsewhere}' MLFLOW_TRACKING_URI=sqlite:///{outputs}/mlflow.db "
        f"remanence train resume={run.info.run_id}"
    )


def test_a_run_goes_on_below_other_outputs_from_its_artifacts(
    stop, command, client, outputs, uninterrupted_metrics, monkeypatch, tmp_path
):
    _, run = stop(signal.SIGTERM)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{outputs}/mlflow.db")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "elsewhere"))

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert client.get_run(run.info.run_id).data.metrics == uninterrupted_metrics
    assert (tmp_path / "elsewhere" / "runs" / run.info.run_id / "checkpoints" / "best.ckpt").is_file()


def test_fewer_epochs_than_were_trained_are_refused_before_the_run_is_touched(stop, command, client):
    _, run = stop(signal.SIGTERM)

    result = command("train", f"resume={run.info.run_id}", "trainer.max_epochs=2")

    assert result.code == 2
    assert "trainer.max_epochs: run" in result.err
    assert "has trained 4 epochs already, got 2" in result.err
    assert client.get_run(run.info.run_id).info.status == "KILLED"


def test_a_file_that_has_changed_meanwhile_is_refused(command, all_runs, client, table, monkeypatch):
    from remanence.models.dnn import DNN

    path = table()
    with monkeypatch.context() as patched:
        patched.setattr(DNN, "validation_step", lambda *_: signal.raise_signal(signal.SIGTERM))
        chosen = ("data.target=d33", "data.features=[x,amount]", "ensemble=single")
        assert (
            command("train", "experiment=piezo/table", "data/split=stratified", f"data.path={path}", *chosen).code
            == 143
        )
    (run,) = all_runs()
    table(amount=[float(row % 5) for row in range(30)])

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    anew, line = result.err.splitlines()
    assert anew == f"remanence: run {run.info.run_id} left no checkpoint: it begins anew"
    assert f"{path}: has changed since run {run.info.run_id} read it (SHA-256 " in line
    assert client.get_run(run.info.run_id).info.status == "KILLED"


@pytest.mark.parametrize("from_the_start", [True, False])
def test_system_metrics_go_on_after_their_last_step(stop, command, client, monkeypatch, from_the_start):
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.01")
    _, run = stop(signal.SIGTERM, f"tracking.system_metrics={str(from_the_start).lower()}")

    def steps():
        history = client.get_metric_history(run.info.run_id, "system/system_memory_usage_megabytes")
        return [point.step for point in history]

    before = steps()
    assert bool(before) == from_the_start

    added = [] if from_the_start else ["tracking.system_metrics=true"]
    result = command("train", f"resume={run.info.run_id}", *added)

    assert result.code == 0, result.err
    assert steps() == list(range(len(steps())))
    assert len(steps()) > len(before)


def test_a_deleted_run_is_one_line(stop, command, client):
    _, run = stop(signal.SIGTERM)
    client.delete_run(run.info.run_id)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert "was deleted" in result.err


@pytest.mark.parametrize(
    ("host", "reason"),
    [(None, "is still running as process "), ("nebula", "of nebula, whose death cannot be seen from here")],
)
def test_a_run_that_another_folder_of_outputs_works_on_is_not_resumed(
    stop, command, client, outputs, monkeypatch, tmp_path, host, reason
):
    """An earlier release works on it, which does not say again and again that it does."""
    _, run = stop(signal.SIGTERM)
    client.delete_tag(run.info.run_id, "remanence.claim")
    own, _, since, _ = run.data.tags["remanence.owner"].split()
    client.set_tag(run.info.run_id, "remanence.owner", f"{host or own} {os.getppid()} {since}")
    client.update_run(run.info.run_id, status="RUNNING")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "elsewhere"))
    address = f"tracking.uri=sqlite:///{outputs}/mlflow.db"

    result = command("train", f"resume={run.info.run_id}", address)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert reason in line
    if host is not None:  # what the line says brings it back
        client.set_terminated(run.info.run_id, "KILLED")
        assert command("train", f"resume={run.info.run_id}", address).code == 0


def test_a_run_whose_process_died_is_resumed_though_mlflow_says_running(stop, command, client):
    _, run = stop(signal.SIGTERM)
    client.delete_tag(run.info.run_id, "remanence.claim")
    host, _, since, _ = run.data.tags["remanence.owner"].split()
    client.set_tag(run.info.run_id, "remanence.owner", f"{host} 999999999 {since}")
    client.update_run(run.info.run_id, status="RUNNING")

    assert command("train", f"resume={run.info.run_id}").code == 0


def test_a_run_is_resumed_in_another_folder_than_it_was_started_in(command, all_runs, client, table, monkeypatch):
    from remanence.models.dnn import DNN

    path = table()
    monkeypatch.chdir(path.parent)
    with monkeypatch.context() as patched:
        patched.setattr(DNN, "validation_step", lambda *_: signal.raise_signal(signal.SIGTERM))
        chosen = ("data.target=d33", "data.features=[x,amount]", "ensemble=single", "trainer.max_epochs=2")
        assert (
            command("train", "experiment=piezo/table", "data/split=stratified", f"data.path={path.name}", *chosen).code
            == 143
        )
    (run,) = all_runs()
    monkeypatch.chdir("/")

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    tags = client.get_run(run.info.run_id).data.tags
    assert not [key for key in tags if key.startswith("remanence.resumed.")]


@pytest.mark.parametrize("ensemble", ["single", "stacked"])
def test_a_process_that_is_killed_as_it_has_written_a_checkpoint_leaves_no_gap(
    command, all_runs, client, monkeypatch, ten_epochs, ensemble
):
    """Lightning logs an epoch after its checkpoint is written, and the logger sends a few seconds of epochs at once."""
    from remanence.tracking.client import RunClient
    from remanence.training.checkpoint import Checkpoint
    from remanence.training.stacked.course import Course

    class Killed(BaseException):
        """Nothing is written after it."""

    def write(self, *arguments, untouched, patched, **named):
        untouched(self, *arguments, **named)
        epoch = self.epoch - 1 if isinstance(self, Course) else arguments[0].current_epoch
        if epoch == 4:
            patched.setattr(RunClient, "_write", lambda *_, **__: None)
            raise Killed

    with monkeypatch.context() as patched:
        for writer in (Checkpoint, Course):
            patched.setattr(writer, "write", partialmethod(write, untouched=writer.write, patched=patched))
        with pytest.raises(Killed):
            command("train", *ten_epochs, f"ensemble={ensemble}")
    (run,) = all_runs()

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    for key in ("train/loss", "val/loss"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert sorted(steps) == list(range(10))


def test_a_run_that_died_before_it_had_named_its_data_is_resumed(command, table, client, monkeypatch):
    from remanence.tracking.client import RunClient

    own = (
        "experiment=piezo/table",
        "data/split=stratified",
        f"data.path={table()}",
        "data.target=d33",
        "data.features=[x,amount]",
    )
    small = ("figures=brief", "ensemble=single", "trainer.max_epochs=1", "baselines=none")
    with monkeypatch.context() as patched:
        patched.setattr(RunClient, "log_inputs", lambda *_: signal.raise_signal(signal.SIGTERM))
        assert command("train", *own, *small).code == 143
    (run,) = client.search_runs([client.get_experiment_by_name("mine").experiment_id])

    resumed = command("train", f"resume={run.info.run_id}")

    assert resumed.code == 0, resumed.err
    assert len(client.get_run(run.info.run_id).inputs.dataset_inputs) == 1


def test_a_run_whose_data_were_moved_says_with_which_key_and_is_resumed_with_it(command, table, client, tmp_path):
    path = table()
    own = (
        "experiment=piezo/table",
        "data/split=stratified",
        f"data.path={path}",
        "data.target=d33",
        "data.features=[x,amount]",
    )
    small = ("figures=brief", "ensemble=single", "trainer.max_epochs=2", "baselines=none", "callbacks.patience=null")
    assert command("train", *own, *small).code == 0
    (run,) = client.search_runs([client.get_experiment_by_name("mine").experiment_id])
    client.set_terminated(run.info.run_id, "KILLED")
    there, other = tmp_path / "its new place.csv", table("other.csv", rows=31)
    path.rename(there)
    resume = ("train", f"resume={run.info.run_id}", "trainer.max_epochs=3")

    for command_line in (resume, ("evaluate", f"run={run.info.run_id}")):
        lost = command(*command_line)
        assert (lost.code, lost.err) == (
            2,
            f"remanence: error: {path}: no such file; run {run.info.run_id} read its data there; "
            "give data.path=<where it is now>\n",
        )
    wrong = command(*resume, f"data.path={other}")
    assert (wrong.code, wrong.err) == (
        2,
        f"remanence: error: {other}: is no file that run {run.info.run_id} has read: its content is another\n",
    )
    found = command(*resume, f"data.path={there}")

    assert found.code == 0, found.err
    assert client.get_run(run.info.run_id).info.status == "FINISHED"
    assert command("evaluate", f"run={run.info.run_id}").code == 0
