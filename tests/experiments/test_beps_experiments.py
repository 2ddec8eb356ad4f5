"""Experiments on spectra from the command line to the logged model, on a few colours and a few epochs."""

import json
import signal

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch

from remanence.configuration.choices import choices
from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.data.spectra.toy import Toy
from remanence.models.beta_vae import BetaVAE
from remanence.studies.kinds import checked

EXPERIMENTS = choices(conf_folder() / "experiment" / "beps")
COLOURS = {"colours": 300, "validation": 60, "gamut": 60, "image_size": 12}
TOY = (
    "experiment=beps/toy", "figures=brief", *(f"data.{key}={value}" for key, value in COLOURS.items()),
    "trainer.max_epochs=8", "beta_schedule.warmup_epochs=2", "beta_schedule.stage_epochs=2",
    "beta_schedule.refine_epochs=3", "model.units=8",
)  # fmt: skip
"""Warm-up in epochs 0 and 1, stages of epochs 2-3 and 4, refinement in epochs 5 to 7."""
ALONE = (*TOY, "baselines=none", "callbacks.checkpoint_seconds=0")


@pytest.fixture
def stop(command, all_runs, monkeypatch):
    """Train until an epoch, be killed there by a signal, and return the run."""

    def run(epoch, *arguments):
        untouched = BetaVAE.validation_step

        def validation_step(self, batch, batch_index):
            if self.current_epoch == epoch:
                signal.raise_signal(signal.SIGTERM)
            untouched(self, batch, batch_index)

        with monkeypatch.context() as patched:
            patched.setattr(BetaVAE, "validation_step", validation_step)
            assert command("train", *arguments).code == 143
        (stopped,) = all_runs()
        return stopped

    return run


def names(client, run, folder):
    return {entry.path.removeprefix(f"{folder}/") for entry in client.list_artifacts(run.info.run_id, folder)}


def read(client, run, table):
    path = client.download_artifacts(run.info.run_id, f"tables/{table}.csv")
    return pd.read_csv(path, float_precision="round_trip")


def without_times(metrics):
    return {key: value for key, value in metrics.items() if not key.endswith("_seconds")}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_composes_with_a_schedule_that_fits_its_epochs(name):
    cfg = checked(compose([f"experiment=beps/{name}"]))

    assert cfg.config == f"beps/{name}"
    assert cfg.callbacks.monitor == "val/mse"
    assert cfg.callbacks.patience is None
    assert cfg.ensemble.folds * cfg.ensemble.repeats == 1


@pytest.mark.parametrize("name", ["toy", "pzt"])
def test_a_fast_choice_is_the_same_problem_in_fewer_epochs(name):
    usual, fast = (checked(compose([f"experiment=beps/{each}"])) for each in (name, f"{name}_fast"))

    assert fast.data == usual.data
    assert fast.trainer.max_epochs < usual.trainer.max_epochs
    assert {key for key, value in usual.model.items() if fast.model[key] != value} <= {"units", "lr"}
    changed = {key for key, value in vars(usual.beta_schedule).items() if vars(fast.beta_schedule)[key] != value}
    assert changed <= {"warmup_epochs", "refine_epochs", "refine_from", "refine_to"}


@pytest.mark.parametrize(("name", "epochs", "batch"), [("toy_paper", 6500, 300), ("pzt_paper", 20_000, 300)])
def test_published_experiments_have_the_published_numbers(name, epochs, batch):
    cfg = checked(compose([f"experiment=beps/{name}", "trainer=gpu"]))

    assert cfg.trainer.max_epochs == epochs
    assert cfg.trainer.accelerator == "gpu"
    assert cfg.data["batch_size"] == batch
    assert (cfg.model["units"], cfg.model["blocks"], cfg.model["layers"]) == (128, 3, 2)
    assert (cfg.model["lr"], cfg.model["weight_decay"]) == (3e-5, 0.0)


def test_a_toy_run_leaves_metrics_tables_figures_stages_and_its_model(finished, client):
    run = finished(*TOY, "baselines.autoencoder.epochs=1", "baselines.autoencoder_mlp.epochs=2")

    metrics = run.data.metrics
    own = {"test/mse", "test/mse_sampled", "test/mse_painting", "test/active_units", "test/r2", "test/f/rmse"}
    assert own <= set(metrics)
    for name in ("pca", "nmf", "dictionary_learning", "autoencoder", "autoencoder_mlp"):
        assert {f"baseline/{name}/test/{key}" for key in ("mse", "mse_amortised", "mse_painting")} <= set(metrics)
        assert metrics[f"baseline/{name}/test/mse"] <= metrics[f"baseline/{name}/test/mse_amortised"] + 1e-9
    assert {"test/mig", "test/disentanglement", "test/knn_r2/R", "baseline/pca/test/knn_r2/B"} <= set(metrics)
    assert metrics["test/active_units"] <= 3
    assert metrics["train/loss"] > 0
    assert {"stages.csv", "comparison.csv"} <= names(client, run, "tables")
    assert {"embedding_maps.png", "reconstructions.png", "schedule_curves.png"} <= names(client, run, "figures")
    checkpoints = {"best.ckpt", "last.ckpt", "stage_000.ckpt", "stage_001.ckpt", "stage_002.ckpt"}
    assert names(client, run, "checkpoints") == checkpoints

    stages = read(client, run, "stages")
    assert stages["epoch"].tolist() == [1, 3, 4]
    assert stages["chosen"].sum() == 1
    beta = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "beta")}
    assert [beta[epoch] for epoch in range(5)] == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])
    assert beta[5] == pytest.approx(stages["beta"][stages["chosen"]].item())
    assert beta[5] > beta[6] > beta[7]

    data = Toy(**COLOURS, scaling="step").open()
    tested = data.fold.test
    answer = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(data.measured.values[tested])
    error = (answer["reconstruction"] - data.measured.values[tested]) / data.scaling.sd
    assert np.mean(error**2) == pytest.approx(metrics["test/mse"], rel=1e-5)
    assert (np.abs(answer["embedding"]).max(axis=0) > 0).sum() == 3  # the rest are masked


def test_the_network_as_published_trains_on_the_toy_problem(finished, outputs):
    run = finished(
        "experiment=beps/toy_paper", *TOY[1:-4], "trainer.max_epochs=5", "beta_schedule.warmup_epochs=2",
        "beta_schedule.stage_epochs=1", "model.units=4", "model.blocks=1", "baselines=none",
    )  # fmt: skip

    checkpoint = torch.load(outputs / "runs" / run.info.run_id / "checkpoints" / "best.ckpt", weights_only=True)
    beta = float(checkpoint["state_dict"]["beta"])
    assert round(beta, 6) in (0.005, 0.01, 0.015)
    assert float(checkpoint["state_dict"]["l1"]) == pytest.approx(1e-5 * 10**beta)
    assert "encoder.norm.running_mean" in checkpoint["state_dict"]


LOOPS = ("baselines=none", "figures=brief", "beta_schedule.warmup_epochs=1", "model.units=3", "model.blocks=1")


def test_the_network_trains_on_the_loops(finished, shared_data):
    run = finished(
        "experiment=beps/pzt", f"data.dir={shared_data}/beps", *LOOPS, "trainer.max_epochs=3",
        "beta_schedule.refine_epochs=1", "data.batch_size=720", "data.split.test=0.5",
    )  # fmt: skip

    assert {"test/piezoresponse/rmse", "test/resonance_frequency/rmse"} <= set(run.data.metrics)


@pytest.mark.slow
def test_the_network_as_published_trains_on_all_loops(finished, shared_data):
    run = finished(
        "experiment=beps/pzt_paper", f"data.dir={shared_data}/beps", *LOOPS, "trainer.max_epochs=3",
        "beta_schedule.stage_epochs=1", "data.batch_size=720",
    )  # fmt: skip

    metrics = run.data.metrics
    assert metrics["test/mse"] == metrics["train/mse"] == metrics["val/mse"]  # nothing is held out


def test_a_linear_model_goes_the_same_way(finished, client):
    run = finished(*TOY[:-1], "model=pca", "baselines=none")

    assert run.data.tags["remanence.model"] == "PCA"
    assert "test/active_units" not in run.data.metrics
    assert "stages.csv" not in names(client, run, "tables")
    assert "checkpoints" not in {entry.path for entry in client.list_artifacts(run.info.run_id)}


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        (
            ["trainer.max_epochs=5"],
            ["trainer.max_epochs: 5 ", "beta_schedule.warmup_epochs=", "beta_schedule.refine_epochs="],
        ),
        (["-m", "seed=0,1", "trainer.max_epochs=5"], ["trainer.max_epochs: 5 "]),
        (["model.patch=7"], ["model.patch: must divide the 25 steps of a spectrum, got 7"]),
        (["beta_schedule=staged", "beta_schedule.warmup_epochs=0"], ["beta_schedule.warmup_epochs: "]),
    ],
)
def test_a_configuration_that_cannot_train_is_one_line_and_no_run(command, all_runs, arguments, reasons):
    colours = [f"data.{key}={value}" for key, value in COLOURS.items()]

    result = command("train", *arguments, "experiment=beps/toy", *colours)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert [reason for reason in reasons if reason not in line] == []
    assert all_runs() == []


@pytest.fixture
def uninterrupted_metrics(command, all_runs, client):
    """Metrics of the run left alone; the run itself is forgotten."""
    assert command("train", *ALONE).code == 0
    (run,) = all_runs()
    client.delete_run(run.info.run_id)
    return without_times(run.data.metrics)


def test_a_run_killed_when_its_refinement_begins_ends_as_the_uninterrupted_one(
    stop, command, client, uninterrupted_metrics
):
    run = stop(5, *ALONE)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    resumed = client.get_run(run.info.run_id)
    assert resumed.info.status == "FINISHED"
    assert without_times(resumed.data.metrics) == uninterrupted_metrics
    for key in ("train/loss", "val/active_units", "beta"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert sorted(steps) == list(range(8))


def test_epochs_that_leave_no_rise_are_refused_on_resuming(stop, command, client, outputs):
    run = stop(3, *ALONE)

    result = command("train", f"resume={run.info.run_id}", "trainer.max_epochs=4")

    assert result.code == 2
    assert "trainer.max_epochs: 4 epochs leave none" in result.err
    assert client.get_run(run.info.run_id).info.status == "KILLED"
    assert json.loads((outputs / "runs" / run.info.run_id / "run.json").read_text())["status"] == "KILLED"


CONTROLLED = (
    *TOY, "baselines=controls", "~baselines.autoencoder", "baselines.autoencoder_mlp.epochs=12",
    "callbacks.checkpoint_seconds=0",
)  # fmt: skip
"""The run's own model ends after eight epochs; then an autoencoder is trained beside it."""


@pytest.mark.slow
def test_a_run_killed_while_a_baseline_trains_goes_on_with_the_baseline(stop, command, client, all_runs):
    run = stop(10, *CONTROLLED)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    resumed = without_times(client.get_run(run.info.run_id).data.metrics)
    client.delete_run(run.info.run_id)
    assert command("train", *CONTROLLED).code == 0
    (whole,) = all_runs()
    assert resumed == without_times(whole.data.metrics)
    assert resumed["baseline/autoencoder_mlp/test/mse"] < resumed["baseline/autoencoder_mlp/test/mse_amortised"]
