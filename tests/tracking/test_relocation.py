import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

import remanence as rm
from remanence.tracking.database import connect
from remanence.tracking.relocation import ADDRESSES, PLACE_TAG, moved_address, relocate

TRAIN = ("train", "experiment=piezo/single", "data.replicates=4", "model=linear", "~baselines.random_forest")


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and time of every file below a folder; SQLite's shared memory says nothing about the runs."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".db-shm"]
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def addresses(database: Path) -> set[str]:
    """Return every address in the database that names a file or folder."""
    with closing(sqlite3.connect(database)) as connection:
        found = [connection.execute(f"SELECT {column} FROM {table}") for table, column in ADDRESSES]
        return {value for rows in found for (value,) in rows if str(value).startswith("file:")}


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"x": [0.1, 0.2], "lph_slope": [0.2, 0.3]}).to_csv(path, index=False)
    return path


@pytest.fixture
def untag(outputs):
    """Make experiments look like those of an earlier release."""

    def run():
        with closing(sqlite3.connect(outputs / "mlflow.db")) as connection, connection:
            connection.execute("DELETE FROM experiment_tags WHERE key = ?", (PLACE_TAG,))

    return run


def bring(outputs: Path, place: Path, how: str) -> Path:
    """Move or copy outputs to another absolute path, as it is on another machine, and return their new place."""
    there = place / "another machine" / "räume"
    there.parent.mkdir(parents=True)
    (shutil.move if how == "moved" else shutil.copytree)(outputs, there)
    return there


@pytest.mark.parametrize("how", ["moved", "copied"])
@pytest.mark.parametrize("made", ["now", "by an earlier release"])
def test_outputs_are_used_where_they_are_brought_to(
    command, train, untag, outputs, tmp_path, monkeypatch, rows, how, made
):
    run = train("model=linear")
    assert command("register", f"run={run.info.run_id}", "name=mine").code == 0
    if made != "now":
        untag()
    there = bring(outputs, tmp_path, how)
    before = state(outputs) if how == "copied" else None
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(there))

    assert command("compare", "piezo").code == 0
    predicted = command("predict", "run=models:/mine/1", f"input={rows}", f"output={tmp_path / 'out.csv'}")
    assert predicted.code == 0, predicted.err
    evaluated = command("evaluate", f"run={run.info.run_id}")
    assert evaluated.code == 0, evaluated.err
    loaded = rm.load(run.info.run_id)
    assert [path.name for path in loaded.figures] == ["parity_d33.png"]
    assert loaded.tables == ["calibration", "fold_errors", "models", "test_predictions"]
    assert all(path.is_relative_to(there) for path in loaded.figures)
    new = command(*TRAIN, "seed=7")
    assert new.code == 0, new.err

    assert {address.startswith(f"{there.as_uri()}/artifacts/piezo") for address in addresses(there / "mlflow.db")} == {
        True
    }
    assert len(list((there / "artifacts" / "piezo").glob("*/artifacts/config.yaml"))) == 2
    assert (state(outputs) if outputs.exists() else None) == before


def test_mlflow_itself_loads_models_in_the_new_place(command, train, outputs, tmp_path, monkeypatch, rows):
    run = train("model=linear")
    assert command("register", f"run={run.info.run_id}", "name=mine", "alias=best").code == 0
    there = bring(outputs, tmp_path, "moved")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(there))
    assert command("compare", "piezo").code == 0

    mlflow.set_tracking_uri(f"sqlite:///{there}/mlflow.db")
    for address in (f"runs:/{run.info.run_id}/model", "models:/mine@best", "models:/mine/1"):
        assert len(mlflow.pyfunc.load_model(address).predict(pd.read_csv(rows))) == 2


def test_a_copy_is_resumed_and_forked_without_a_trace_in_the_original(stop, command, outputs, tmp_path, monkeypatch):
    import signal

    _, run = stop(signal.SIGTERM)
    there = bring(outputs, tmp_path, "copied")
    before = state(outputs)
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(there))

    forked = command("train", f"fork={run.info.run_id}", "trainer.max_epochs=2")
    assert forked.code == 0, forked.err
    resumed = command("train", f"resume={run.info.run_id}")
    assert resumed.code == 0, resumed.err

    assert state(outputs) == before
    assert MlflowClient(f"sqlite:///{there}/mlflow.db").get_run(run.info.run_id).info.status == "FINISHED"
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(outputs))
    again = command("train", f"resume={run.info.run_id}")
    assert again.code == 0, again.err


def test_a_sweep_goes_on_where_it_is_moved_to(command, outputs, tmp_path, monkeypatch, unillustrated):
    small = ("figures=brief", "baselines=quick", "baselines.random_forest.n_estimators=5", "sweep.name=piezo/mine")
    sweep = ("train", "-m", *TRAIN[1:4], *small)
    assert command(*sweep, "seed=range(0,3)", "hydra.sweeper.n_trials=1", "hydra.sweeper.sampler=random").code == 0
    there = bring(outputs, tmp_path, "moved")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(there))

    result = command(*sweep, "seed=range(0,3)", "hydra.sweeper.n_trials=2", "hydra.sweeper.sampler=random")

    assert result.code == 0, result.err
    assert "1 of 2 trials have ended, going on" in result.out
    assert len(list((there / "sweeps" / "piezo" / "mine").glob("*/config.yaml"))) == 2
    assert not outputs.exists()


def test_two_names_of_one_folder_are_one_place(train, outputs, tmp_path):
    train("model=linear")
    database, link = outputs / "mlflow.db", tmp_path / "link"
    link.symlink_to(outputs)
    before = addresses(database)

    for place in (link / "mlflow.db", database, Path(os.path.relpath(database))):
        assert not relocate(place)

    assert addresses(database) == before


def test_what_never_lay_beside_the_database_stays_where_it_is(command, outputs, tmp_path, monkeypatch, fresh_database):
    """A database that several folders of outputs share, itself in a folder of outputs."""
    shared = tmp_path / "shared" / "mlflow.db"
    shared.parent.mkdir()
    shutil.copy(fresh_database, shared)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{shared}")
    assert command(*TRAIN).code == 0
    before = addresses(shared)
    assert all(address.startswith(f"{outputs.as_uri()}/artifacts/") for address in before)

    monkeypatch.setenv("REMANENCE_OUTPUTS", str(shared.parent))
    assert command(*TRAIN, "seed=1").code == 0
    shutil.move(shared.parent, tmp_path / "moved")
    connect(f"sqlite:///{tmp_path}/moved/mlflow.db")

    assert before < addresses(tmp_path / "moved" / "mlflow.db")
    assert all(place.startswith(f"{outputs.as_uri()}/") for place in addresses(tmp_path / "moved" / "mlflow.db"))


def test_an_experiment_of_an_earlier_release_stays_if_no_run_of_it_lies_beside_the_database(train, untag, outputs):
    train("model=linear")
    untag()
    elsewhere = outputs.parent / "elsewhere"
    (elsewhere / "artifacts" / "piezo").mkdir(parents=True)
    shutil.copy(outputs / "mlflow.db", elsewhere / "mlflow.db")

    assert not relocate(elsewhere / "mlflow.db")


def test_a_link_to_a_database_does_not_move_it(train, outputs, tmp_path):
    train("model=linear")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mlflow.db").symlink_to(outputs / "mlflow.db")

    assert not relocate(tmp_path / "other" / "mlflow.db")


def test_sync_sends_to_the_database_that_was_copied_along(tmp_path):
    run = tmp_path / "copy" / "sweeps" / "piezo" / "mine" / "0003-abc"
    run.mkdir(parents=True)
    assert moved_address("sqlite:////original/mlflow.db", run) == "sqlite:////original/mlflow.db"
    (tmp_path / "copy" / "mlflow.db").touch()

    assert moved_address("sqlite:////original/mlflow.db", run) == f"sqlite:///{tmp_path}/copy/mlflow.db"
    assert moved_address("http://server", run) == "http://server"
