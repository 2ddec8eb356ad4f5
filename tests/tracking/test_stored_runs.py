"""Reading runs from the tables themselves gives what MLflow gives, and only where the tables are known."""

import math
import sqlite3
import sys
from contextlib import closing
from subprocess import run as run_process

import mlflow.store.db.utils as mlflow_schema
import pytest
from mlflow.entities import Metric

from remanence.tracking.search import tracked_runs
from remanence.tracking.stored_runs import SCHEMA, stored_runs

CONFIG, PAPER, KIND = "remanence.config", "remanence.paper", "remanence.kind"


@pytest.fixture
def uri(outputs):
    return f"sqlite:///{outputs}/mlflow.db"


@pytest.fixture
def runs(client):
    """Runs of two experiments, a sweep with a reused run, deleted runs, and what another program wrote."""
    piezo, beps, gone = (client.create_experiment(name) for name in ("piezo", "beps", "gone"))
    made = {}

    def make(name, experiment=piezo, start=0, **tags):
        given = {CONFIG: "piezo/ns", PAPER: "piezo", **{f"remanence.{key}": value for key, value in tags.items()}}
        made[name] = client.create_run(experiment, start_time=start, tags=given, run_name=name)
        return made[name].info.run_id

    parent = make("sweep of lr", start=1, kind="sweep", sweep_name="mine")
    client.set_tag(parent, "remanence.sweep", parent)
    for number in range(3):
        run = make(f"trial {number}", start=10 - number, sweep=parent, sweep_name="mine")
        client.log_param(run, "model.lr", f"0.{number}")
        client.log_batch(run, metrics=[Metric("test/r2", 0.1 * number, 0, 0), Metric("val/mse", math.nan, 0, 0)])
    make("reused", start=3, reused_by=f"x {parent}")
    make("elsewhere", beps, start=4, paper="beps", config="beps/toy")
    client.delete_run(make("deleted", start=5))
    make("of a deleted experiment", gone, start=6)
    client.delete_experiment(gone)
    client.create_run(piezo, run_name="another program's")
    return parent


@pytest.mark.parametrize(
    "wanted", [None, "piezo", "piezo/ns", "beps/toy", "mine", "sweep of lr", "{parent}", "nothing"]
)
def test_the_runs_are_those_that_mlflow_finds(client, runs, uri, wanted):
    wanted = wanted and wanted.format(parent=runs)

    read, found = stored_runs(uri, wanted), tracked_runs(client, wanted)

    assert [run.info.run_id for run in read] == [run.info.run_id for run in found]
    for one, other in zip(read, found, strict=True):
        assert vars(one.info) == {key: getattr(other.info, key) for key in vars(one.info)}
        assert one.data.params == other.data.params
        assert repr(one.data.metrics) == repr({key: other.data.metrics[key] for key in one.data.metrics})
        assert one.data.tags == other.data.tags


def test_the_data_of_a_run_are_read(train, uri):
    run = train("model=linear")

    (read,) = stored_runs(uri, "piezo")

    assert read.datasets == [(each.dataset.name, each.dataset.digest) for each in run.inputs.dataset_inputs]


def test_tables_of_another_version_are_read_through_mlflow(train, command, uri, outputs, monkeypatch):
    run = train("model=linear")
    monkeypatch.setattr("remanence.tracking.stored_runs.SCHEMA", "another")

    assert stored_runs(uri, "piezo") is None
    result = command("compare", "piezo")
    assert result.code == 0, result.err
    assert run.info.run_id[:8] in result.out


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "sqlite:////nowhere/mlflow.db", "file:///tmp"])
def test_what_is_no_database_is_read_through_mlflow(address):
    assert stored_runs(address, "piezo") is None


def test_the_tables_that_are_read_are_those_of_the_installed_mlflow():
    assert mlflow_schema._get_latest_schema_revision() == SCHEMA


def test_reading_writes_nothing_and_needs_no_mlflow(train, uri, outputs):
    train("model=linear")
    with closing(sqlite3.connect(outputs / "mlflow.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (outputs / "mlflow.db").read_bytes()
    script = "import sys; from remanence.verbs.cli import main; code = main(['compare', 'piezo']); "
    script += "sys.exit(code or 'mlflow' in sys.modules)"

    ended = run_process([sys.executable, "-c", script], check=False, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    assert (outputs / "mlflow.db").read_bytes() == before
