"""A kind of data beside the package: images, in ``tests/own_kind/images``, and one line of its YAML."""

import os
import signal
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from optuna.trial import TrialState

import remanence as rm

HERE = Path(__file__).parent
OWN = (f"hydra.searchpath=[file://{HERE}/conf]", "allowed_targets=[remanence.,images.]", "data=images")
SMALL = (*OWN, "model=conv_autoencoder", "baselines=images", "trainer.max_epochs=3", "data.number=30")


@pytest.fixture(autouse=True)
def beside_the_folder(monkeypatch):
    """Work where the package ``images`` lies, as its author would."""
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("REMANENCE_ALLOWED_TARGETS", "images.")


@pytest.fixture
def images(tmp_path):
    """Return a file of other images, and what it holds."""
    from images.data import simulate

    x = simulate(12, noise=0.02, seed=7)
    np.save(tmp_path / "other.npy", x)
    return tmp_path / "other.npy", x


def test_it_trains_and_everything_is_tracked(finished, client):
    run = finished(*SMALL, "name=small")

    of_run = run.info.run_id
    logged = {entry.path for folder in ("figures", "tables") for entry in client.list_artifacts(of_run, folder)}
    assert {"figures/images.png", "tables/test_errors.csv"} <= logged
    metrics = {"test/mse", "test/r2", "val/mse", "baseline/pca/test/mse", "train/loss", "val/loss"}
    assert metrics <= set(run.data.metrics)
    errors = pd.read_csv(client.download_artifacts(of_run, "tables/test_errors.csv"))
    assert run.data.metrics["test/mse"] == pytest.approx(errors["mse"].mean(), rel=1e-6)
    assert len(errors) == 6, "a fifth of them is held out"
    assert run.data.params["data.kind"] == "images.kind:IMAGES"
    assert run.data.tags["remanence.model"] == "ConvAutoencoder"
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.name == "images (synthetic)"


def test_a_longer_training_comes_near_the_principal_components(finished):
    metrics = finished(*SMALL, "data.number=60", "trainer.max_epochs=60").data.metrics

    assert metrics["test/r2"] > 0.5
    assert metrics["test/mse"] < 4 * metrics["baseline/pca/test/mse"]


def test_mlflow_loads_the_logged_model_which_predicts_as_the_verb_does(command, finished, images):
    run = finished(*SMALL)
    path, x = images

    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    predicted = loaded.predict(x.astype(np.float64))

    assert predicted["decoded"].shape == x.shape
    assert command("predict", f"run={run.info.run_id}", f"input={path}", f"output={path}.csv").code == 0
    np.testing.assert_allclose(predicted["latents"], pd.read_csv(f"{path}.csv"), rtol=1e-6)


def test_it_evaluates_and_predicts(command, finished, images, tmp_path):
    run = finished(*SMALL, "name=small")
    path, x = images

    own = command("evaluate", "run=small")
    other = command("evaluate", "run=small", f"data.path={path}")
    written = command("predict", "run=small", f"input={path}", f"output={tmp_path / 'latents.csv'}")

    assert (own.code, other.code, written.code) == (0, 0, 0), own.err + other.err + written.err
    assert f"{run.data.metrics['test/mse']:.4g}"[:5] in own.out
    assert "12" in other.out
    assert written.out.startswith("12 predicted")
    assert pd.read_csv(tmp_path / "latents.csv").shape == (len(x), 4)


def test_it_is_used_from_python(outputs, images, tmp_path, monkeypatch):
    path, x = images

    run = rm.train(*SMALL)

    assert run.metrics["test/mse"] > 0
    assert [Path(figure).stem for figure in run.figures] == ["images"]
    pd.testing.assert_frame_equal(run.predict(x), run.predict(path))
    assert rm.open_data(*SMALL).x.shape == (30, 16, 16)
    folder = run.export(tmp_path / "model")
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS", raising=False)
    exported = rm.load_exported(folder, allowed_targets=["images."])
    np.testing.assert_array_equal(exported.predict(x)["latents"], run.predict(x))
    with pytest.raises(rm.ConfigurationError, match=r"kind: 'images.kind:IMAGES' is not under allowed_targets"):
        rm.load_exported(folder)


def test_it_is_compared(command, finished):
    finished(*SMALL, "name=small")

    result = command("compare", "custom")

    assert result.code == 0
    header = next(line for line in result.out.splitlines() if "test/mse" in line)
    assert "test/r2" in header
    assert "test/rmse" not in header


def test_it_is_forked_from_its_weights_unless_it_has_seen_what_is_held_out_now(command, all_runs, finished, images):
    path, _ = images
    finished(*SMALL, f"data.path={path}", "trainer.max_epochs=30", "name=small")

    result = command("train", "fork=small", "trainer.max_epochs=1", "name=forked")

    assert result.code == 0, result.err
    runs = {run.info.run_name: run for run in all_runs()}
    assert runs["forked"].data.tags["remanence.forked_from"] == runs["small"].info.run_id
    assert runs["forked"].data.metrics["test/mse"] < 2 * runs["small"].data.metrics["test/mse"]
    other_split = command("train", "fork=small", "data.seed=1")
    assert other_split.err.startswith("remanence: error: fork: data.seed: run ")
    assert "has trained on rows that would be held out now" in other_split.err


def test_an_interrupted_training_goes_on_as_if_it_had_not_been(command, all_runs, monkeypatch):
    from images.network import ConvAutoencoder

    whole = command("train", *SMALL, "trainer.max_epochs=8", "callbacks.checkpoint_seconds=0", "name=whole")
    assert whole.code == 0, whole.err

    def stop(self):
        if self.current_epoch == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(ConvAutoencoder, "on_train_epoch_start", stop)
        stopped = command("train", *SMALL, "trainer.max_epochs=8", "callbacks.checkpoint_seconds=0", "name=stopped")
    assert stopped.code == 143

    assert command("train", "resume=stopped").code == 0

    runs = {run.info.run_name: run for run in all_runs()}
    assert runs["stopped"].info.status == "FINISHED"
    assert runs["stopped"].data.metrics == runs["whole"].data.metrics


@pytest.mark.parametrize(
    "jobs", [pytest.param(1, id="here"), pytest.param(2, id="in processes", marks=pytest.mark.slow)]
)
def test_it_is_swept(command, children, trials, jobs):
    result = command("train", "-m", *SMALL, "model.latents=2,3", "sweep.name=latents", f"n_jobs={jobs}")

    assert result.code == 0, result.err
    assert [trial.state for trial in trials("latents")] == [TrialState.COMPLETE] * 2
    assert [run.data.params["model.latents"] for run in children()] == ["2", "3"]


@pytest.mark.parametrize("model", ["pca", "nmf"])
def test_a_model_of_a_kind_that_may_stand_beside_it_is_no_model_of_its_own(command, model):
    result = command("train", *OWN, f"model={model}", "baselines=none")

    assert result.code == 2
    assert result.err.startswith("remanence: error: model: ")
    assert "of kind 'images'" in result.err


def test_baselines_of_tables_are_refused_by_name(command, all_runs):
    result = command("train", *OWN, "model=conv_autoencoder")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: baselines.linear: Linear is a model for data of kind 'table'")
    assert "baselines=none" in line
    assert all_runs() == []


@pytest.mark.parametrize("option", ["ensemble=stacked", "augmentation=noise", "beta_schedule=linear"])
@pytest.mark.parametrize("sweep", [(), ("-m", "model.latents=2,3")], ids=["run", "sweep"])
def test_options_that_it_does_not_have_are_refused_by_name(command, all_runs, option, sweep):
    result = command("train", *sweep, *SMALL, option)

    assert result.code == 2
    (line,) = result.err.splitlines()
    group = option.partition("=")[0]
    assert line.startswith(f"remanence: error: {group}: means nothing to data of kind 'images'")
    assert all_runs() == []


def test_a_network_beside_the_network_is_refused_before_anything_is_tracked(command, all_runs, monkeypatch):
    from images import network as networks

    class Unmixing(networks.ConvAutoencoder):
        def __init__(self, *, steps, channels):
            super().__init__(height=steps, width=channels)

    monkeypatch.setattr(networks, "Unmixing", Unmixing, raising=False)
    network = "+baselines.other={_target_: images.network.Unmixing}"

    result = command("train", *OWN, "model=conv_autoencoder", "baselines=none", network)

    assert result.code == 2
    assert result.err == "remanence: error: baselines.other: Unmixing is a network; leave it out\n"
    assert all_runs() == []


KIND = """
from pathlib import Path
from remanence.studies.kind import Kind

Path(__file__).with_name("was_imported").touch()
NOT_A_KIND = 3
LACKING = Kind(name="lacking", options=frozenset(), study="strange:Study", applied="strange:Study")
GONE = Kind(name="gone", options=frozenset(), study="strange:Nothing", applied="strange:Nothing")
BROKEN = Kind(name="broken", options=frozenset(), study="strange_too:Study", applied="strange_too:Study")


class Study:
    def __init__(self, data, cfg):
        self.cfg = cfg

    def fit(self, model, trainer, *, resume_from=None):
        return None
"""


@pytest.fixture
def strange(tmp_path, monkeypatch):
    """A module of kinds with mistakes; return the file that its import leaves."""
    (tmp_path / "strange.py").write_text(KIND)
    (tmp_path / "strange_too.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "was_imported"
    for name in ("strange", "strange_too"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("kind", ["strange:LACKING", "images_of_mine.kind:IMAGES", "imagesx:IMAGES", "os:system"])
def test_a_kind_that_is_not_allowed_is_refused_before_it_is_imported(command, strange, kind):
    result = command("train", *SMALL, f"data.kind='{kind}'")

    assert result.code == 2
    (line,) = result.err.splitlines()
    package = kind.partition(":")[0].partition(".")[0]
    assert line.startswith(f"remanence: error: data.kind: '{kind}' is not under allowed_targets (remanence., images.)")
    assert line.endswith(f"set REMANENCE_ALLOWED_TARGETS=images.,{package}.")
    assert not strange.exists()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("nonsense", "unknown kind 'nonsense'; known: table, spectra, chain; one of your own is module:NAME"),
        ("tabel", "unknown kind 'tabel'; did you mean 'table'?"),
        ("images.kind:NotThere", "images.kind:NotThere cannot be imported: "),
        ("images.nowhere:IMAGES", "images.nowhere:IMAGES cannot be imported: No module named"),
        ("strange:NOT_A_KIND", "strange:NOT_A_KIND is no Kind, but int"),
        ("strange:LACKING", "strange:Study has no make_trainer, check_baseline, untrained_shapes, rows_seen, begins, "),
        ("strange:GONE", "strange:Nothing cannot be imported: "),
        ("strange:BROKEN", "strange_too:Study cannot be imported: division by zero"),
    ],
)
def test_a_kind_that_is_none_is_one_line_that_names_the_key(command, all_runs, strange, kind, reason):
    allowed = "allowed_targets=[remanence.,images.,strange.,strange_too.]"

    result = command("train", *SMALL, allowed, "baselines=none", f"data.kind='{kind}'")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: data.kind: {reason}")
    assert all_runs() == []


def test_data_of_the_package_are_of_no_other_kind(command):
    result = command("train", "experiment=piezo/single", "+data.kind=spectra")

    assert result.code == 2
    assert result.err == "remanence: error: data.kind: NBBT is of kind 'table', got 'spectra'; leave it out\n"


def test_a_verb_says_how_a_stored_run_is_trusted(command, finished, monkeypatch):
    finished(*SMALL, "name=small")
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS")

    result = command("evaluate", "run=small")

    assert result.code == 2
    assert result.err == (
        "remanence: error: data._target_: 'images.data.Images' is not under allowed_targets (remanence.); "
        "if you trust it, add allowed_targets=[remanence.,images.] or set REMANENCE_ALLOWED_TARGETS=images.\n"
    )
    assert command("evaluate", "run=small", "allowed_targets=images.").code == 0


def test_keys_of_ones_own_data_are_left_to_them(command, finished, monkeypatch):
    finished(*SMALL, "name=small")

    result = command("evaluate", "run=small", "data.number=40")

    assert result.err == "remanence: error: data.number=40: images are read as they are\n"
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS")
    assert "unknown key 'data.number'" in command("evaluate", "run=small", "data.number=40").err
