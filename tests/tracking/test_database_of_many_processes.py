"""Real processes that log to one SQLite file at the same time."""

import multiprocessing
import sqlite3
import time
from collections import namedtuple
from contextlib import closing

import psutil
import pytest

from remanence.tracking.database import connect
from remanence.tracking.run import Run

PROCESSES = 8


def log(uri, outputs, run_id, how, points, together):
    """Log ``points`` losses, of epochs that take some milliseconds or as fast as possible."""
    run = Run(connect(uri), run_id, uri=uri, outputs=outputs)
    logger = run.logger()
    together.wait()
    for epoch in range(points):
        if how == "epochs":
            logger.log_metrics({"train/loss": 1 / (epoch + 1), "epoch": epoch})
            time.sleep(0.005)
        else:
            run.log_metrics({"train/loss": 1 / (epoch + 1)}, epoch)
    logger.flush()


@pytest.mark.slow
@pytest.mark.parametrize(("how", "points"), [("epochs", 1000), ("one by one", 200)])
def test_processes_that_log_to_one_file_at_once_lose_no_point(outputs, how, points):
    uri = f"sqlite:///{outputs}/mlflow.db"
    client = connect(uri)
    experiment = client.create_experiment("piezo", (outputs / "artifacts").as_uri())
    runs = [client.create_run(experiment).info.run_id for _ in range(PROCESSES)]
    context = multiprocessing.get_context("forkserver")  # imports once
    context.set_forkserver_preload(["remanence.tracking.database", "remanence.tracking.logger"])
    together = context.Barrier(PROCESSES, timeout=120)
    workers = [context.Process(target=log, args=(uri, outputs, run_id, how, points, together)) for run_id in runs]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=280)

    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    for run_id in runs:
        logged = {point.step: point.value for point in client.get_metric_history(run_id, "train/loss")}
        assert logged == {epoch: 1 / (epoch + 1) for epoch in range(points)}


def test_a_file_lets_one_write_while_others_read(outputs):
    connect(f"sqlite:///{outputs}/mlflow.db")

    with closing(sqlite3.connect(outputs / "mlflow.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_on_a_network_is_left_as_it_was(outputs, monkeypatch):
    mount = namedtuple("mount", "mountpoint fstype")
    with closing(sqlite3.connect(outputs / "mlflow.db")) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [mount("/", "ext4"), mount(str(outputs), "nfs4")])

    connect(f"sqlite:///{outputs}/mlflow.db")

    with closing(sqlite3.connect(outputs / "mlflow.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
