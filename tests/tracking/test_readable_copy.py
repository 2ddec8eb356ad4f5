import shutil
import signal
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from mlflow import MlflowClient
from read_only import where_nobody_writes

import remanence as rm
from remanence.tracking.readable_copy import readable_copy
from remanence.tracking.writable import files_of


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"x": [0.1, 0.2], "lph_slope": [0.2, 0.3]}).to_csv(path, index=False)
    return path


@pytest.fixture
def only_readable(monkeypatch):
    """Let the database of a folder of outputs look as if this user may not write to it."""
    from remanence.tracking import database, stored_runs

    def only(outputs):
        for module in (database, stored_runs):
            monkeypatch.setattr(module, "may_change", lambda path: outputs not in path.parents)

    return only


@pytest.mark.slow
def test_runs_are_looked_at_where_nobody_may_write(stop, command, train, outputs, tmp_path, rows):
    _, stopped = stop(signal.SIGTERM)
    run = train("model=linear").info.run_id
    there = tmp_path / "elsewhere" / "outputs"
    there.parent.mkdir()
    shutil.move(outputs, there)
    outputs.symlink_to(there)  # REMANENCE_OUTPUTS names it
    files = sorted(there.rglob("*"))

    answers = where_nobody_writes(
        there,
        ["compare", "piezo", "--csv", str(tmp_path / "runs.csv")],
        ["predict", f"run={run}", f"input={rows}", f"output={tmp_path / 'out.csv'}"],
        ["evaluate", f"run={run}"],
        ["train", f"fork={stopped.info.run_id}", "trainer.max_epochs=2", f"paths.outputs={tmp_path / 'mine'}"],
        ["train", "experiment=piezo/single", "data.replicates=4", "model=linear"],
        ["train", f"resume={stopped.info.run_id}"],
        ["register", f"run={run}", "name=mine"],
    )

    if isinstance(answers, str):
        pytest.skip(answers)
    looking, changing = answers[:4], answers[4:]
    assert [code for code, _, _ in looking] == [0] * 4, [err for _, _, err in looking]
    assert len(pd.read_csv(tmp_path / "runs.csv")) == 2
    assert len(pd.read_csv(tmp_path / "out.csv")) == 2
    assert len(list((tmp_path / "mine" / "runs").iterdir())) == 1
    for code, _, err in changing:
        assert code == 2
        (line,) = err.splitlines()
        assert " belongs to " in line
        assert line.endswith("to write, set REMANENCE_OUTPUTS=<a folder of your own>")
    assert sorted(there.rglob("*")) == files


def test_figures_and_tables_of_moved_outputs_are_loaded_from_a_copy_of_the_database(
    train, outputs, tmp_path, monkeypatch, only_readable
):
    run = train("model=linear").info.run_id
    there = tmp_path / "elsewhere"
    shutil.move(outputs, there)
    shutil.rmtree(there / "runs")  # only what the database says where it is
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(there))
    only_readable(there)
    before = {path: path.stat().st_mtime_ns for path in there.rglob("*")}

    loaded = rm.load(run)

    assert [path.name for path in loaded.figures] == ["parity_d33.png"]
    assert len(loaded.table("test_predictions")) > 0
    assert len(loaded.evaluate()) > 2
    assert rm.runs().id.tolist() == [run]
    assert {path: path.stat().st_mtime_ns for path in there.rglob("*")} == before


def test_what_another_process_has_just_written_is_in_the_copy(outputs):
    database = outputs / "mlflow.db"
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        empty = readable_copy(database)
        MlflowClient(f"sqlite:///{database}").create_experiment("piezo")
        assert (outputs / "mlflow.db-wal").stat().st_size > 0

        copy = readable_copy(database)

        assert copy != empty
        assert readable_copy(database) == copy, "unchanged, so not copied again"
    experiments = MlflowClient(f"sqlite:///{copy}").search_experiments()
    assert [experiment.name for experiment in experiments] == ["piezo", "Default"]


def test_a_database_whose_last_writer_was_killed_is_copied_with_its_log(outputs, tmp_path, monkeypatch):
    database = outputs / "mlflow.db"
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("INSERT INTO experiments (experiment_id, name, workspace) VALUES (7, 'piezo', 'default')")
        writer.commit()
        there = tmp_path / "read only"
        there.mkdir()
        for path in files_of(database)[1:3]:  # without the shared memory, which only a living process has
            shutil.copy(path, there / path.name)

    def refused(*_):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("remanence.tracking.readable_copy._back_up", refused)
    copy = readable_copy(there / "mlflow.db")

    with closing(sqlite3.connect(copy)) as reader:
        assert reader.execute("SELECT name FROM experiments WHERE experiment_id = 7").fetchall() == [("piezo",)]
    assert sorted(path.name for path in there.iterdir()) == ["mlflow.db", "mlflow.db-wal"]
