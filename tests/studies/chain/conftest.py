import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from mlflow import MlflowClient
from small_mixtures import OWN_SCALES, SHORT, own_gaps, own_mixes


@dataclass
class ChainRun:
    """A finished run of a chain."""

    outputs: Path
    run_id: str

    @property
    def folder(self) -> Path:
        return self.outputs / "runs" / self.run_id

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(f"sqlite:///{self.outputs}/mlflow.db")

    @property
    def run(self):
        return self.client.get_run(self.run_id)

    @property
    def model(self) -> Path:
        """Where the logged model lies."""
        (logged,) = self.run.outputs.model_outputs
        return Path(self.client.get_logged_model(logged.model_id).artifact_location.removeprefix("file://"))

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "tables" / f"{name}.csv", float_precision="round_trip")


def train_once(name, factory, fresh_database, arguments) -> ChainRun:
    """Train once for all tests, of other processes as well."""
    from remanence.verbs.cli import main

    base = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    outputs = base / name
    with FileLock(base / f"{name}.lock"):
        if not (outputs / "finished").exists():
            shutil.rmtree(outputs, ignore_errors=True)
            outputs.mkdir()
            shutil.copy(fresh_database, outputs / "mlflow.db")
            with pytest.MonkeyPatch.context() as patched:
                patched.setenv("REMANENCE_OUTPUTS", str(outputs))
                patched.delenv("MLFLOW_TRACKING_URI", raising=False)
                assert main(["train", *SHORT, *arguments(outputs)]) == 0
            (outputs / "finished").touch()
    (folder,) = (outputs / "runs").iterdir()
    return ChainRun(outputs, folder.name)


@pytest.fixture(scope="session")
def own_run(tmp_path_factory, fresh_database):
    """A run on one's own tables: a gap of compositions, below the energy and density of mixtures."""

    def arguments(folder):
        own_gaps().to_csv(folder / "gaps.csv", index=False)
        own_mixes().to_csv(folder / "mixes.csv", index=False)
        gaps = f"gaps: {{path: {folder}/gaps.csv, composition: composition, units: {{gap: eV}}}}"
        mixes = f"mixes: {{path: {folder}/mixes.csv, composition: composition, categorical: [additive]}}"
        baselines = ["baselines=quick", "baselines.random_forest.n_estimators=5"]
        return [
            *("data=chain", "model=nested_ae", f"data.tables={{{gaps}, {mixes}}}", "trainer.max_epochs=4", "name=own"),
            f"model.scales={' '.join(OWN_SCALES.split())}",
            *(*baselines, "+model@baselines.single_autoencoder=single_autoencoder"),
        ]

    return train_once("own_chain", tmp_path_factory, fresh_database, arguments)


@pytest.fixture(scope="session")
def perovskite_run(tmp_path_factory, fresh_database, shared_data):
    """A short run on the published tables of gaps and binding energies."""
    alone = [f"model.scales.{scale}.gaussian_process=false" for scale in ("ions", "solvent")]

    def arguments(folder):
        return [
            *("experiment=nested/perovskite", f"data.dir={shared_data}/perovskite", *SHORT[2:], *alone),
            *("baselines=none", "figures=brief", "trainer.max_epochs=30", "name=perovskite"),
        ]

    return train_once("perovskite_chain", tmp_path_factory, fresh_database, arguments)


@pytest.fixture
def ask(command, monkeypatch):
    """Answer a verb from the outputs of a run: ``ask(own_run, "predict", "input=…", "output=…")``."""

    def run(chain, verb, *arguments):
        monkeypatch.setenv("REMANENCE_OUTPUTS", str(chain.outputs))
        return command(verb, f"run={chain.run_id}", *arguments)

    return run
