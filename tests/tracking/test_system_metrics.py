import time

import mlflow
from flaky import Flaky

from remanence.tracking import client as client_module
from remanence.tracking import system_metrics as system_metrics_module
from remanence.tracking.outbox import FILE
from remanence.tracking.run import Run
from remanence.tracking.system_metrics import system_metrics

KEY = "system/cpu_utilization_percentage"


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_samples_go_on_while_the_server_is_away_and_arrive_when_it_is_back(outputs, client, monkeypatch, capfd):
    monkeypatch.setattr(system_metrics_module, "INTERVAL", 0.02)
    monkeypatch.setattr(client_module, "RETRY", 0.0)
    mlflow.set_tracking_uri(f"sqlite:///{outputs}/mlflow.db")  # MLflow's monitor asks for the run once
    run_id = client.create_run(client.create_experiment("piezo")).info.run_id
    flaky = Flaky(client)
    run = Run(flaky, run_id, uri="the server", outputs=outputs)

    with system_metrics(run, enabled=True):
        wait_for(lambda: run.client.points[KEY])
        flaky.answers = 0
        wait_for((run.folder / FILE).exists)
        samples = len(run.client.points[KEY])
        wait_for(lambda: len(run.client.points[KEY]) > samples + 2)
        flaky.answers = None
        wait_for(lambda: not (run.folder / FILE).exists())
    run.client.settle()

    steps = [point.step for point in client.get_metric_history(run_id, KEY)]
    assert steps == list(range(len(steps)))
    assert len(steps) > samples + 2
    away, back = capfd.readouterr().err.splitlines()
    assert "does not answer" in away
    assert "answers again" in back


def test_nothing_is_sampled_unless_asked_for(outputs, client):
    run_id = client.create_run(client.create_experiment("piezo")).info.run_id
    run = Run(client, run_id, uri="the server", outputs=outputs)

    with system_metrics(run, enabled=False):
        pass

    assert client.get_run(run_id).data.metrics == {}
