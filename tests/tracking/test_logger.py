import pytest
from mlflow import MlflowClient

from remanence.tracking.logger import RunLogger


class FakeClient:
    """Counts calls and keeps points; fails when told to."""

    def __init__(self):
        self.calls, self.points, self.broken = 0, [], False

    def log_batch(self, run_id, metrics):
        if self.broken:
            raise ConnectionError("server lost")
        self.calls += 1
        self.points += [(metric.key, metric.step, metric.value) for metric in metrics]

    def deliver(self):
        """Send what waits: nothing does."""


def log_epochs(logger, epochs):
    for epoch in epochs:
        logger.log_metrics({"train/loss": 1.0 / (epoch + 1), "val/loss": 0.5, "epoch": float(epoch)}, step=10 * epoch)


def test_many_epochs_go_out_in_few_calls_and_nothing_is_lost():
    client = FakeClient()
    logger = RunLogger(client, "id", seconds=1e9)

    log_epochs(logger, range(1200))
    assert client.calls == 2
    logger.finalize("success")

    assert client.calls == 3
    assert len(client.points) == 2400
    assert [step for key, step, _ in client.points if key == "train/loss"] == list(range(1200))


def test_no_call_holds_more_points_than_mlflow_takes():
    client = FakeClient()
    logger = RunLogger(client, "id", seconds=1e9)

    logger.log_metrics({f"test/{index}": 0.0 for index in range(2500)}, step=0)

    assert client.calls == 3
    assert len(client.points) == 2500


def test_points_go_out_when_the_time_is_up():
    client = FakeClient()
    logger = RunLogger(client, "id", seconds=0.0)

    log_epochs(logger, range(5))

    assert client.calls == 5


def test_points_are_filed_under_their_epoch_not_their_step():
    client = FakeClient()
    logger = RunLogger(client, "id")

    logger.log_metrics({"train/loss": 0.25, "epoch": 7.0}, step=70)
    logger.log_metrics({"train/rate": 0.5}, step=3)
    logger.flush()

    assert client.points == [("train/loss", 7, 0.25), ("train/rate", 3, 0.5)]


def test_a_failing_call_keeps_its_points():
    client = FakeClient()
    logger = RunLogger(client, "id", seconds=1e9)
    log_epochs(logger, range(3))
    client.broken = True
    with pytest.raises(ConnectionError):
        logger.flush()

    client.broken = False
    logger.flush()

    assert len(client.points) == 6


def test_a_resumed_logger_does_not_send_points_again():
    client = FakeClient()
    logger = RunLogger(client, "id", after={"train/loss": 4, "val/loss": 4})

    log_epochs(logger, range(3, 8))
    logger.flush()

    assert {step for _, step, _ in client.points} == {5, 6, 7}


def test_a_logger_says_which_run_it_is_bound_to_and_logs_no_parameters():
    logger = RunLogger(FakeClient(), "some id")

    assert (logger.name, logger.version) == ("mlflow", "some id")
    assert logger.log_hyperparams({"lr": 1}) is None


def test_a_whole_training_needs_fewer_calls_than_epochs(train, monkeypatch):
    calls = []
    untouched = MlflowClient.log_batch

    def count(self, run_id, metrics=(), params=(), tags=(), **named):
        calls.append(len(metrics))
        return untouched(self, run_id, metrics=metrics, params=params, tags=tags, **named)

    monkeypatch.setattr(MlflowClient, "log_batch", count)

    run = train("trainer.max_epochs=60", "callbacks.patience=null")

    assert sum(calls) >= 60 * 3
    assert len(calls) < 60
    assert run.data.metrics["train/loss"] > 0
