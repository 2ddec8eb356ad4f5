import os
import resource
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import optuna
import pandas as pd
import pytest
from filelock import FileLock
from mlflow import MlflowClient

from chromium import chromium
from tracking.server import serve

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


SMALL = (
    "figures=brief",
    "ensemble=single",
    "trainer.max_epochs=2",
    "baselines=quick",
    "baselines.random_forest.n_estimators=5",
)
"""Overrides that make any run take half a second."""
TEN_EPOCHS = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    "trainer.max_epochs=10",
    "callbacks.checkpoint_seconds=0",
    "~baselines.random_forest",
)


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


@pytest.fixture(autouse=True)
def restored_address():
    """Restore the tracking address after each test: MLflow keeps it in the process and in the environment."""
    place, before = "MLFLOW_TRACKING_URI", os.environ.get("MLFLOW_TRACKING_URI")
    yield
    mlflow.set_tracking_uri(None)
    os.environ.pop(place, None)
    if before is not None:
        os.environ[place] = before
    if (stray := Path("mlflow.db")).exists():
        stray.unlink()
        pytest.fail("the test has left mlflow.db in the working directory: it called MLflow without an address")


@pytest.fixture(autouse=True)
def same_signals():
    """Let no test leave another answer to a signal: a later test that stops a training would get that answer."""
    asking = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in asking}
    yield
    left = [number for number in asking if signal.getsignal(number) != before[number]]
    for number in left:
        signal.signal(number, before[number])
    assert left == [], "the test has left a handler of these signals"


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
    """Run ``remanence`` in this process: ``command("train", "experiment=piezo/single")``."""
    from remanence.verbs.cli import main

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


@pytest.fixture
def parent(all_runs):
    """Return the run of the only sweep."""

    def find():
        (found,) = [run for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]
        return found

    return find


@pytest.fixture
def children(all_runs):
    """Return the runs of the trials of sweeps, in the order of their numbers."""

    def find():
        runs = [run for run in all_runs() if "remanence.trial" in run.data.tags]
        return sorted(runs, key=lambda run: int(run.data.tags["remanence.trial"]))

    return find


@pytest.fixture
def trials(outputs):
    """Return the trials of a study: ``trials("piezo/mine")``."""

    def find(name: str):
        return optuna.load_study(study_name=name, storage=f"sqlite:///{outputs}/sweeps.db").trials

    return find


@pytest.fixture
def unillustrated(monkeypatch):
    """Leave out the page and the figures at the end of a sweep: they have tests of their own."""
    monkeypatch.setattr("remanence.sweeps.conduct.summarise", lambda *given: None)


@pytest.fixture
def artifact(client):
    """Fetch an artifact: ``artifact(run, "config.yaml").read_text()``."""

    def fetch(run, path: str) -> Path:
        return Path(client.download_artifacts(run.info.run_id, path))

    return fetch


@pytest.fixture(scope="session")
def browser():
    """A browser without a window; starting it takes seconds, for slow tests. Skips where there is none."""
    with chromium() as started:
        yield started


@pytest.fixture
def server(tmp_path, fresh_database):
    """A running ``mlflow server`` that can be killed and started again; takes seconds, for slow tests."""
    with serve(tmp_path / "server", fresh_database) as running:
        yield running


@pytest.fixture
def folder(outputs):
    """Return the folder of a run, which for the runs of a sweep is below that of the sweep."""

    def find(run) -> Path:
        return outputs / run.data.tags.get("remanence.folder", f"runs/{run.info.run_id}")

    return find


@pytest.fixture
def train(command, all_runs):
    """Train something small and return its run: ``train("model=linear")``, ``train("data.path=…", experiment=…)``."""

    def run(*arguments: str, experiment: str = "piezo/single"):
        before = {run.info.run_id for run in all_runs()}
        simulated = ("data.replicates=4",) if experiment == "piezo/single" else ()
        split = ("data/split=stratified",) if experiment == "piezo/table" else ()
        if any(argument.startswith("data/split=") for argument in arguments):
            split = ()
        result = command("train", f"experiment={experiment}", *SMALL, *simulated, *split, *arguments)
        assert result.code == 0, result.err
        (new,) = [run for run in all_runs() if run.info.run_id not in before]
        return new

    return run


@pytest.fixture
def finished(command, all_runs):
    """Train something tiny and return its finished run."""

    def run(*arguments):
        result = command("train", *arguments)
        assert result.code == 0, result.err
        (new,) = all_runs()
        assert new.info.status == "FINISHED"
        return new

    return run


@pytest.fixture
def ten_epochs():
    """The command line of a run of ten epochs that writes a checkpoint after each."""
    return TEN_EPOCHS


@pytest.fixture
def room():
    """Leave room for so many bytes in any file: ``room(1000)``; a larger one is refused as a full disk refuses it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def nobody():
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def stop(command, all_runs, monkeypatch):
    """Train until epoch 4, stop there by a signal or an exception, and return the answer and the MLflow run."""

    def run(how: signal.Signals | Exception, *arguments: str):
        from remanence.models.dnn import DNN

        untouched = DNN.validation_step

        def validation_step(self, batch, batch_index):
            if self.current_epoch == 4 and isinstance(how, Exception):
                raise how
            if self.current_epoch == 4:
                signal.raise_signal(how)
            untouched(self, batch, batch_index)

        with monkeypatch.context() as patched:
            patched.setattr(DNN, "validation_step", validation_step)
            result = command("train", *TEN_EPOCHS, *arguments)
        (stopped,) = all_runs()
        return result, stopped

    return run


@pytest.fixture
def table(tmp_path):
    """Write a small table with the columns x, amount, kind, d33 and eps_r; keyword arguments replace columns."""

    def write(name: str = "mine.csv", rows: int = 30, **columns) -> Path:
        random = np.random.default_rng(0)
        x, amount, kind = random.uniform(0, 0.3, rows), np.arange(rows) % 7, np.array(["NS", "QS"])[np.arange(rows) % 2]
        d33 = 120 + 200 * x + 3 * amount + 10 * (kind == "QS") + random.normal(0, 1, rows)
        values = {"x": x, "amount": amount, "kind": kind, "d33": d33, "eps_r": 900 + 5 * d33, **columns}
        path = tmp_path / name
        pd.DataFrame(values).to_csv(path, index=False)
        return path

    return write


@pytest.fixture(scope="session")
def instruments():
    """The folder of files that other software wrote."""
    return Path(__file__).parent / "data" / "instruments"


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data; skips where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data are not at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def messy():
    """The folder of tables as laboratories have them, see its README."""
    return Path(__file__).parent / "data" / "messy"
