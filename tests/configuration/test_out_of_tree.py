import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

NETWORK = '''
import torch
from pytorch_lightning import LightningModule
from remanence.models.standardizer import Standardizer


class Cubic(LightningModule):
    """A polynomial without cross terms."""

    def __init__(self, *, n_features, n_targets=1, degree=3):
        super().__init__()
        if degree > 9:
            raise ValueError("degree: nobody needs more than 9")
        self.save_hyperparameters()
        self.scaler = Standardizer(n_features)
        self.linear = torch.nn.Linear(n_features * degree, n_targets)

    def prepare(self, x, y):
        self.scaler.fit(torch.as_tensor(x, dtype=torch.float32))

    def forward(self, x):
        z = self.scaler(x)
        return self.linear(torch.cat([z**power for power in range(1, self.hparams["degree"] + 1)], dim=1))

    def training_step(self, batch, batch_index):
        return torch.nn.functional.mse_loss(self(batch[0]), batch[1])

    def validation_step(self, batch, batch_index):
        self.log("val/loss", torch.nn.functional.mse_loss(self(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.05)

    @torch.no_grad()
    def predict(self, x):
        return self(torch.as_tensor(x, dtype=torch.float32)).double().numpy()
'''
EXPERIMENT = """# @package _global_
defaults:
  - /experiment/piezo/single
  - override /model: mine
allowed_targets: [remanence., mine.]
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's folder beside which they work: ``conf`` and a package with a network."""
    folder = tmp_path / "work"
    files = {
        "mine/__init__.py": "",
        "mine/cubic.py": NETWORK,
        "conf/model/mine.yaml": "_target_: mine.cubic.Cubic\ndegree: 3\n",
        "conf/experiment/own/cubic.yaml": EXPERIMENT,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.chdir(folder)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "mine"]:
        del sys.modules[name]


def own(folder):
    return f"hydra.searchpath=[file://{folder}/conf]"


def test_a_users_own_network_trains_and_loads_back(train, client, mine, monkeypatch):
    run = train(own(mine), "model=mine", "allowed_targets=[remanence.,mine.]")

    assert run.data.tags["remanence.model"] == "Cubic"
    assert run.data.params["model.degree"] == "3"
    tested = pd.read_csv(
        client.download_artifacts(run.info.run_id, "tables/test_predictions.csv"), float_precision="round_trip"
    )
    monkeypatch.setenv("REMANENCE_ALLOWED_TARGETS", "mine.")
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    np.testing.assert_array_equal(loaded.predict(tested[["x", "lph_slope"]])["d33"], tested["d33_predicted"])


def test_a_users_own_experiment_allows_its_own_classes(command, all_runs, mine):
    result = command("train", own(mine), "experiment=own/cubic", "trainer.max_epochs=2", "model.degree=2")

    assert result.code == 0, result.err
    (run,) = all_runs()
    assert run.data.tags["remanence.config"] == "own/cubic"
    assert run.data.tags["remanence.paper"] == "own"


def test_a_sweep_finds_the_users_own_folder(command, all_runs, mine):
    result = command("train", "-m", own(mine), "experiment=own/cubic", "trainer.max_epochs=2", "model.degree=1,2")

    assert result.code == 0, result.err
    assert sorted(run.data.params["model.degree"] for run in all_runs() if run.data.params) == ["1", "2"]


def test_a_class_outside_the_allowed_prefixes_is_refused(command, all_runs, mine):
    result = command("train", own(mine), "experiment=piezo/single", "model=mine")

    assert result.code == 2
    assert "model._target_: 'mine.cubic.Cubic' is not under allowed_targets (remanence.)" in result.err
    assert all_runs() == []


@pytest.mark.parametrize(
    ("override", "key", "reason"),
    [
        ("model.degree=10", "model: ", "nobody needs more than 9"),
        ("model._target_=mine.cubic.Cubi", "model._target_: ", "cannot be imported: module"),
        ("+model.size=3", "model.size: ", "unknown key; model has: n_features, n_targets, degree"),
        ("model.degre=3", "model.degre: ", "unknown key; did you mean 'model.degree'?"),
    ],
)
def test_what_the_users_own_class_refuses_is_one_line(command, mine, override, key, reason):
    result = command("train", own(mine), "experiment=own/cubic", override)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: {key}")
    assert reason in line


@pytest.mark.slow
def test_every_verb_finds_the_users_class_from_the_console_script(outputs, mine, client):
    script = Path(sys.executable).parent / "remanence"

    def remanence(*arguments):
        return subprocess.run([script, *arguments], capture_output=True, text=True, timeout=120)

    done = remanence("train", own(mine), "experiment=own/cubic", "trainer.max_epochs=2", "name=cubic")
    assert done.returncode == 0, done.stderr
    assert "allowed_targets" in remanence("evaluate", "run=cubic").stderr
    done = remanence("evaluate", "run=cubic", "allowed_targets=mine.")
    assert done.returncode == 0, done.stderr
    assert "test/r2" in done.stdout
