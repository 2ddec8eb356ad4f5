import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from mlflow import MlflowClient

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass
class Result:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory):
    """A migrated, empty database: making the schema costs seconds, copying the file milliseconds."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    path = folder / "template" / "mlflow.db"
    with FileLock(folder / "template.lock"):
        if not path.exists():
            from remanence.tracking.database import connect

            connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def outputs(tmp_path, monkeypatch, fresh_database):
    """An empty outputs folder with a ready database; commands of the test write there."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    shutil.copy(fresh_database, folder / "mlflow.db")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(folder))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def client(outputs):
    """MLflow client of the database under ``outputs``."""
    return MlflowClient(f"sqlite:///{outputs}/mlflow.db")


@pytest.fixture
def command(outputs, capsys):
    """Run ``remanence`` in this process: ``command("train", "experiment=piezo/ns")``."""
    from remanence.cli import main

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def all_runs(client):
    """Return every run of every experiment."""

    def find():
        experiments = [experiment.experiment_id for experiment in client.search_experiments()]
        return list(client.search_runs(experiments)) if experiments else []

    return find


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data; skips where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data are not at {SHARED_DATA}")
    return SHARED_DATA
