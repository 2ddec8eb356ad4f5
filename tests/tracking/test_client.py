import threading

import pytest
from flaky import Flaky, no_answer
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from remanence.tracking import client as client_module
from remanence.tracking import created_once
from remanence.tracking.client import RunClient, TrackingLost
from remanence.tracking.outbox import Outbox


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Try again at once."""
    monkeypatch.setattr(client_module, "RETRY", 0.0)
    monkeypatch.setattr(client_module, "PAUSE", 0.0)
    monkeypatch.setattr(created_once, "PAUSE", 0.0)


@pytest.fixture
def run_id(client, outputs):
    experiment = client.create_experiment("piezo", (outputs / "artifacts").as_uri())
    return client.create_run(experiment).info.run_id


@pytest.fixture
def flaky(client):
    return Flaky(client)


@pytest.fixture
def run(flaky, run_id, outputs):
    """The client of a run whose server may go away."""
    folder = outputs / "runs" / run_id
    (folder / "figures").mkdir(parents=True)
    (folder / "figures" / "parity.png").write_text("drawn")
    (folder / "model").mkdir()
    Model().save(str(folder / "model" / "MLmodel"))
    return RunClient(flaky, folder, uri="the server")


def log_everything(run, run_id):
    run.update_run(run_id, status="RUNNING")
    run.log_batch(run_id, params=[Param("lr", "0.1"), Param("width", "64")])
    dataset = Dataset(name="nbbt", digest="abc", source_type="local", source="nbbt.csv")
    run.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    for epoch in range(3):
        run.log_batch(run_id, metrics=[Metric("loss", 1 / (epoch + 1), 1000 + epoch, epoch)])
    run.set_tag(run_id, "fit_seconds", "2.0")
    run.set_tag(run_id, "fit_seconds", 2.5)
    run.log_batch(run_id, metrics=[Metric("test/r2", 0.9, 2000, 3), Metric("odd", float("nan"), 2000, 3)])
    run.log_artifact(run_id, str(run._folder / "figures" / "parity.png"), "figures")
    run.log_model(run_id, str(run._folder / "model"), step=3)
    run.set_terminated(run_id, status="FINISHED")


def described(client, run_id):
    """Everything that MLflow knows of a run."""
    run = client.get_run(run_id)
    metrics = {
        key: [(point.step, str(point.value), point.timestamp) for point in client.get_metric_history(run_id, key)]
        for key in run.data.metrics
    }
    (model,) = client.search_logged_models([run.info.experiment_id])
    return {
        "status": run.info.status,
        "end": run.info.end_time,
        "params": run.data.params,
        "tags": {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.")},
        "metrics": metrics,
        "inputs": [(entry.dataset.name, entry.dataset.digest) for entry in run.inputs.dataset_inputs],
        "outputs": [(output.model_id, output.step) for output in run.outputs.model_outputs],
        "artifacts": [entry.path for entry in client.list_artifacts(run_id, "figures")],
        "model": (model.name, str(model.status), model.source_run_id, sorted(each.key for each in model.metrics)),
        "files": [entry.path for entry in client.list_logged_model_artifacts(model.model_id)],
    }


def expected(client, run_id):
    (model,) = client.search_logged_models([client.get_run(run_id).info.experiment_id])
    return {
        "status": "FINISHED",
        "end": None,
        "params": {"lr": "0.1", "width": "64"},
        "tags": {"fit_seconds": "2.5"},
        "metrics": {
            "loss": [(0, "1.0", 1000), (1, "0.5", 1001), (2, str(1 / 3), 1002)],
            "test/r2": [(3, "0.9", 2000)],
            "odd": [(3, "nan", 2000)],
        },
        "inputs": [("nbbt", "abc")],
        "outputs": [(model.model_id, 3)],
        "artifacts": ["figures/parity.png"],
        "model": ("model", "READY", run_id, ["odd", "test/r2"]),
        "files": ["MLmodel"],
    }


def test_a_server_that_answers_gets_everything_at_once_and_the_folder_nothing(run, run_id, client):
    log_everything(run, run_id)

    assert {**described(client, run_id), "end": None} == expected(client, run_id)
    assert not (run._folder / "outbox.jsonl").exists()


@pytest.mark.parametrize("answered", [0, 5, *range(10, 18)])  # from the tenth on, of the model
def test_a_server_that_comes_back_gets_everything_in_order(run, run_id, flaky, client, answered, capsys):
    flaky.answers = answered
    log_everything(run, run_id)
    assert client.get_run(run_id).info.status == "RUNNING"
    assert len(Outbox(run._folder)) > 0

    flaky.answers = None
    run.settle(0)

    assert {**described(client, run_id), "end": None} == expected(client, run_id)
    assert not (run._folder / "outbox.jsonl").exists()
    away, back = capsys.readouterr().err.splitlines()
    assert away.startswith("remanence: the server does not answer (connection refused); what it misses is kept in /")
    assert back == "remanence: the server answers again and has got all that it missed"


@pytest.fixture
def new_run(run, run_id, client):
    """The client of a run that this process has created, inside a block in which its calls are gathered."""
    run.created = client.get_run(run_id)
    with run.gathering():
        yield run


def test_calls_that_wait_for_each_other_are_few_and_say_the_same(new_run, run_id, flaky, client):
    log_everything(new_run, run_id)

    assert {**described(client, run_id), "end": None} == expected(client, run_id)
    assert flaky.calls.count("log_batch") == 1
    assert not {"get_run", "search_runs", "search_logged_models"}.intersection(flaky.calls)


@pytest.mark.parametrize("answered", range(11))
def test_calls_that_wait_for_each_other_are_kept_when_the_server_goes_away(new_run, run_id, flaky, client, answered):
    flaky.answers = answered
    log_everything(new_run, run_id)
    assert (client.get_run(run_id).info.status == "RUNNING") == bool(Outbox(new_run._folder))

    flaky.answers = None
    new_run.settle(0)

    assert {**described(client, run_id), "end": None} == expected(client, run_id)
    assert not (new_run._folder / "outbox.jsonl").exists()


def test_what_waits_goes_out_when_it_has_waited_long_enough(new_run, run_id, client, monkeypatch):
    new_run.set_tag(run_id, "state", "waits")
    assert "state" not in client.get_run(run_id).data.tags

    monkeypatch.setattr(client_module, "GATHER", 0.0)
    new_run.log_artifact(run_id, str(new_run._folder / "figures" / "parity.png"), "figures")

    assert client.get_run(run_id).data.tags["state"] == "waits"


def test_what_is_read_comes_after_what_waits(new_run, run_id):
    new_run.set_tag(run_id, "state", "written")

    assert new_run.get_run(run_id).data.tags["state"] == "written"


def test_what_another_thread_sends_and_mlflow_refuses_is_an_error_of_the_run(new_run, run_id, client):
    new_run.log_batch(run_id, metrics=[Metric("no\nname", 1.0, 0, 0)])
    new_run.log_artifact(run_id, str(new_run._folder / "figures" / "parity.png"), "figures")
    beats = threading.Thread(target=new_run.deliver)
    beats.start()
    beats.join()

    with pytest.raises(MlflowException, match="Invalid"):
        new_run.deliver()
    assert new_run.deliver()
    assert [entry.path for entry in client.list_artifacts(run_id, "figures")] == ["figures/parity.png"]


def test_what_was_sent_already_may_be_sent_again(run, run_id, flaky, client):
    flaky.answers = 0
    log_everything(run, run_id)
    saved = (run._folder / "outbox.jsonl").read_bytes()
    flaky.answers = None
    run.settle(0)
    once = described(client, run_id)

    for _ in range(2):
        (run._folder / "outbox.jsonl").write_bytes(saved)
        RunClient(client, run._folder, uri="").settle(0)

    assert described(client, run_id) == once


def test_one_that_goes_away_again_and_again_gets_everything_once(run, run_id, flaky, client):
    for answered in (1, 2, 1, 3, 2):
        flaky.answers = answered
        run.log_batch(run_id, metrics=[Metric("loss", float(answered), 0, len(run.points["loss"]))])
        run.log_batch(run_id, metrics=[Metric("loss", float(answered), 0, len(run.points["loss"]))])
    flaky.answers = None
    run.settle(0)

    assert [point.step for point in client.get_metric_history(run_id, "loss")] == list(range(10))
    assert flaky.calls.count("log_batch") == 10


def test_nothing_overtakes_what_waits(run, run_id, flaky, client, monkeypatch):
    flaky.answers = 0
    run.set_tag(run_id, "state", "first")
    monkeypatch.setattr(client_module, "RETRY", 1000.0)
    run.set_tag(run_id, "state", "second")
    flaky.answers = None
    run.set_tag(run_id, "state", "third")

    assert "state" not in client.get_run(run_id).data.tags
    assert len(Outbox(run._folder)) == 3


def test_a_server_that_hangs_costs_a_tenth_of_the_training(run, run_id, flaky, monkeypatch):
    seconds, tries = [0.0], []

    def hang(_):
        tries.append(seconds[0])
        seconds[0] += 5.0
        no_answer()

    monkeypatch.setattr(client_module, "check_health", hang)
    monkeypatch.setattr(client_module.time, "monotonic", lambda: seconds[0])
    flaky.answers = 0
    while seconds[0] < 1000:
        run.set_tag(run_id, "state", "training")
        seconds[0] += 1.0

    assert 900 / 55 < len(tries) < 1000 / 50


def test_what_mlflow_refuses_is_an_error_at_once_and_leaves_nothing_behind(run, run_id, client):
    with pytest.raises(MlflowException, match="Invalid"):
        run.log_batch(run_id, metrics=[Metric("no\nname", 1.0, 0, 0)])
    run.set_tag(run_id, "next", "1")

    assert client.get_run(run_id).data.tags["next"] == "1"
    assert not (run._folder / "outbox.jsonl").exists()


def test_what_mlflow_refuses_of_the_queue_stays_in_it_with_all_that_follows(run, run_id, flaky):
    flaky.answers = 0
    run.log_batch(run_id, metrics=[Metric("no\nname", 1.0, 0, 0)])
    run.set_tag(run_id, "next", "1")
    flaky.answers = None

    with pytest.raises(TrackingLost, match="Invalid") as lost:
        run.settle(0)

    assert f"remanence sync {run._folder}" in str(lost.value)
    assert lost.value.folder == run._folder
    assert len(Outbox(run._folder)) == 2


def test_a_file_that_is_gone_is_said_and_holds_up_nothing(run, run_id, flaky, client, capsys):
    flaky.answers = 0
    run.log_artifact(run_id, str(run._folder / "figures" / "parity.png"), "figures")
    run.set_tag(run_id, "next", "1")
    (run._folder / "figures" / "parity.png").unlink()
    flaky.answers = None
    run.settle(0)

    assert "parity.png is gone and was not sent" in capsys.readouterr().err
    assert client.get_run(run_id).data.tags["next"] == "1"


def test_a_read_comes_after_what_was_written_before_it(run, run_id, flaky):
    flaky.answers = 0
    run.set_tag(run_id, "state", "written")
    flaky.answers = None

    assert run.get_run(run_id).data.tags["state"] == "written"


def test_a_read_that_is_never_answered_names_the_folder(run, run_id, flaky):
    flaky.answers = 0

    with pytest.raises(TrackingLost, match=r"connection refused.*remanence sync"):
        run.get_run(run_id)
    with pytest.raises(AttributeError):
        _ = run.no_such_call


def test_threads_may_log_beside_each_other(run, run_id, flaky, client):
    def log(name):
        for step in range(40):
            flaky.answers = 1 if step % 5 == 2 else None
            run.log_batch(run_id, metrics=[Metric(name, float(step), step, step)])

    threads = [threading.Thread(target=log, args=(name,)) for name in ("train", "system")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flaky.answers = None
    run.settle(0)

    for name in ("train", "system"):
        assert [point.step for point in client.get_metric_history(run_id, name)] == list(range(40))
