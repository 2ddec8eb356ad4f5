"""A user's own network on spectra, which knows nothing of β."""

import sys

import mlflow
import numpy as np
import pytest

NETWORK = '''
import torch
from pytorch_lightning import LightningModule


class Bottleneck(LightningModule):
    """A linear autoencoder, which is all that a model of spectra has to be: trained, embed and decode."""

    def __init__(self, *, steps, channels, width=3):
        super().__init__()
        self.save_hyperparameters()
        self.down = torch.nn.Linear(steps * channels, width)
        self.up = torch.nn.Linear(width, steps * channels)

    def forward(self, x):
        return self.up(self.down(x.flatten(1))).reshape(x.shape)

    def training_step(self, batch, batch_index):
        return torch.nn.functional.mse_loss(self(batch), batch)

    def validation_step(self, batch, batch_index):
        self.log("val/mse", torch.nn.functional.mse_loss(self(batch), batch))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)

    @torch.no_grad()
    def embed(self, x):
        return self.down(torch.as_tensor(x).flatten(1)).numpy()

    @torch.no_grad()
    def decode(self, z):
        shape = (len(z), self.hparams["steps"], self.hparams["channels"])
        return self.up(torch.as_tensor(z, dtype=torch.float32)).reshape(shape).numpy()


class Silent(Bottleneck):
    """A network that does not say what it makes of a spectrum."""

    embed = None
'''
TOY = ("experiment=beps/toy", "data.colours=80", "data.validation=20", "data.gamut=20", "data.image_size=8")
OWN = ("allowed_targets=[remanence.,unmixes.]", "model=pca", "~model.n_components", "baselines=none")


@pytest.fixture(autouse=True)
def unmixes(tmp_path, monkeypatch):
    """A module of the user's with networks."""
    (tmp_path / "unmixes.py").write_text(NETWORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("unmixes", None)


def test_it_trains_without_a_schedule_and_is_loaded_by_mlflow(finished, monkeypatch):
    own = "model._target_=unmixes.Bottleneck"

    run = finished(*TOY, *OWN, own, "beta_schedule=none", "trainer.max_epochs=30", "data.batch_size=8")

    assert run.data.tags["remanence.epochs"] == "30"
    assert run.data.metrics["test/r2"] > 0.5
    monkeypatch.setenv("REMANENCE_ALLOWED_TARGETS", "unmixes.")
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    _, steps, channels = loaded.metadata.signature.inputs.inputs[0].shape
    predicted = loaded.predict(np.zeros((2, steps, channels)))
    assert predicted["embedding"].shape == (2, 3)


@pytest.mark.parametrize(
    ("schedule", "key"),
    [("beta_schedule=linear", "kind"), ("beta_schedule=refined_toy", "kind"), ("beta_schedule.cosine=true", "cosine")],
)
def test_it_is_refused_by_name_with_a_schedule_before_anything_is_tracked(command, all_runs, schedule, key):
    neutral = ["beta_schedule=none"] if "." in schedule else []

    result = command("train", *TOY, *OWN, "model._target_=unmixes.Bottleneck", *neutral, schedule)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: beta_schedule.{key}: Bottleneck has no beta, l1, mask, posterior for ")
    assert line.endswith("; add beta_schedule=none")
    assert all_runs() == []


@pytest.mark.parametrize("key", ["model", "baselines.own"])
def test_a_network_that_does_not_embed_is_refused_by_name(command, all_runs, key):
    given = ["model._target_=unmixes.Silent"] if key == "model" else ["+baselines.own={_target_: unmixes.Silent}"]
    own = OWN if key == "model" else ("allowed_targets=[remanence.,unmixes.]", "model=pca", "baselines=none")

    result = command("train", *TOY, *own, *given, "beta_schedule=none")

    assert result.code == 2
    assert result.err == (
        f"remanence: error: {key}: Silent is not a model of spectra; try model=beta_vae, or give it embed()\n"
    )
    assert all_runs() == []
