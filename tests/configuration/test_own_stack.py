"""Networks of the user's own as members of a stack, from the command line."""

import sys

import numpy as np
import pandas as pd
import pytest

from remanence.foundation.trust import trusting
from remanence.studies.table.logged_model import TableModel
from remanence.tracking.logged_model import saved_model_of

NETWORKS = '''
import torch
from pytorch_lightning import LightningModule
from torch import nn


class Own(LightningModule):
    """Scales its inputs and targets."""

    def __init__(self, *, n_features, n_targets=1):
        super().__init__()
        self.save_hyperparameters()
        for name, width in (("mean", n_features), ("scale", n_features), ("y_mean", n_targets), ("y_scale", n_targets)):
            self.register_buffer(name, torch.zeros(width))
        self.make(n_features, n_targets)

    def prepare(self, x, y):
        for name, values in (("", x), ("y_", y)):
            getattr(self, name + "mean").copy_(torch.as_tensor(values.mean(axis=0)))
            getattr(self, name + "scale").copy_(torch.as_tensor(values.std(axis=0)))

    def forward(self, x):
        return self.body((x - self.mean) / self.scale) * self.y_scale + self.y_mean

    def row_loss(self, x, y):
        return (((self(x) - y) / self.y_scale) ** 2).mean(dim=1)

    def training_step(self, batch, batch_index):
        return self.row_loss(*batch).mean()

    def validation_step(self, batch, batch_index):
        self.log("val/loss", self.row_loss(*batch).mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)

    @torch.no_grad()
    def predict(self, x):
        self.eval()
        return self(torch.as_tensor(x, dtype=torch.float32)).double().numpy()


class Many(Own):
    def make(self, n_features, n_targets):
        self.r = nn.Parameter(torch.randn(3, n_features))
        self.hidden, self.out = nn.Linear(n_features, 8), nn.Linear(8, n_targets)

    def body(self, z):
        return self.out(torch.tanh(self.hidden(z[:, None] * self.r))).mean(dim=1)


class Sequential(Own):
    def make(self, n_features, n_targets):
        self.lstm, self.norm, self.out = nn.LSTM(1, 8, batch_first=True), nn.LayerNorm(8), nn.Linear(8, n_targets)

    def body(self, z):
        return self.out(self.norm(self.lstm(z[:, :, None])[0][:, -1]))


class Tied(Own):
    def make(self, n_features, n_targets):
        self.first, self.middle, self.again = nn.Linear(n_features, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.again.weight, self.out = self.middle.weight, nn.Linear(8, n_targets)

    def body(self, z):
        return self.out(torch.tanh(self.again(torch.tanh(self.middle(torch.tanh(self.first(z)))))))


class Normed(Own):
    def make(self, n_features, n_targets):
        self.layers = nn.Sequential(nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, n_targets))

    def body(self, z):
        return self.layers(z)


class Wrong(Own):
    def make(self, n_features, n_targets):
        self.layer = nn.Linear(n_features + 1, n_targets)

    def body(self, z):
        return self.layer(z)
'''
KINDS = ["Many", "Sequential", "Tied", "Normed", "Wrong"]
SHORT = ("experiment=piezo/ns", "trainer.max_epochs=3", "baselines=none", "figures=brief", "data.target=d33")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Arguments that let the user's networks be found."""
    folder = tmp_path / "work"
    files = {"nets/__init__.py": "", "nets/own.py": NETWORKS}
    files |= {f"conf/model/{kind.lower()}.yaml": f"_target_: nets.own.{kind}\n" for kind in KINDS}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.chdir(folder)
    yield [f"hydra.searchpath=[file://{folder}/conf]", "allowed_targets=[remanence.,nets.]", *SHORT]
    for name in [name for name in sys.modules if name.split(".")[0] == "nets"]:
        del sys.modules[name]


@pytest.mark.parametrize("model", ["many", "sequential", "tied"])
def test_eight_members_train_and_the_logged_model_predicts_as_they_did(command, all_runs, client, own, model):
    result = command("train", *own, f"model={model}", "ensemble.folds=4", "ensemble.repeats=2")

    assert result.code == 0, result.err
    (run,) = all_runs()
    tested = pd.read_csv(
        client.download_artifacts(run.info.run_id, "tables/test_predictions.csv"), float_precision="round_trip"
    )
    with trusting(["nets."]):
        loaded = saved_model_of(run.info.run_id, TableModel.load)
    predicted = loaded.predict(tested[["x", "lph_slope"]])
    np.testing.assert_allclose(predicted["d33"], tested["d33_predicted"], rtol=1e-6)
    weights = loaded.model.members.state_dict()
    drawn = weights["network.r" if model == "many" else next(name for name in weights if "weight" in name)]
    assert len(drawn.flatten(1).unique(dim=0)) == 8


def test_a_fork_begins_with_the_weights_of_such_members(command, all_runs, client, own):
    assert command("train", *own, "model=many", "ensemble.folds=2", "ensemble.repeats=1").code == 0
    (first,) = all_runs()

    result = command("train", f"fork={first.info.run_id}", "trainer.max_epochs=2", "allowed_targets=nets.")

    assert result.code == 0, result.err
    began, ended = (client.get_metric_history(run.info.run_id, "val/loss") for run in (all_runs()[0], first))
    assert began[0].value < min(point.value for point in ended)


@pytest.mark.parametrize(
    ("given", "advised"),
    [([], ["ensemble=single"]), (["data/split=kfold"], ["ensemble=single", "data/split=stratified"])],
)
def test_statistics_of_a_batch_are_refused_before_a_run_is_tracked_and_the_advice_helps(
    command, all_runs, own, given, advised
):
    result = command("train", *own, "model=normed", *given)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ensemble: layers.1 of Normed is a BatchNorm1d: ")
    assert line.endswith(f", or add {' '.join(advised)}")
    assert all_runs() == []
    result = command("train", *own, "model=normed", *given, *advised)
    assert result.code == 0, result.err


def test_a_forward_that_fails_is_told_before_a_run_is_tracked(command, all_runs, own):
    result = command("train", *own, "model=wrong")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: model: Wrong cannot take a step of training: RuntimeError: mat1 and mat2")
    assert all_runs() == []
