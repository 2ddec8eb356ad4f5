"""A tracked model of loops on other scans: the numbers of one piece, chunk by chunk; other instruments are refused."""

import gc
import re
import shutil
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import torch
import yaml
from declared_scan import declare
from mlflow import MlflowClient

from remanence.data.spectra.raw import Raw
from remanence.data.spectra.simulated import SimulatedScan
from remanence.errors import DataError
from remanence.models.beta_vae import BetaVAE
from remanence.models.pca import PCA
from remanence.studies.spectra import scan as chunked
from remanence.studies.spectra.apply import AppliedSpectra
from remanence.studies.spectra.logged_model import Instrument, SpectralModel

SMALL = {"cols": 6, "steps": 16, "bins": 20, "snr": 60.0}
SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}
NETWORK = {"latents": 3, "units": 4, "blocks": 1, "layers": 1, "dense": 6, "patch": 4}
NETWORK |= {"read_out": "last", "positions": False, "inference_steps": 0}
NOTHING_READ = SimpleNamespace(inputs=SimpleNamespace(dataset_inputs=[]))
CHANNEL = "/Measurement_000/Channel_000"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A scan of 60 pixels with outliers and dead pixels."""
    path = tmp_path_factory.mktemp("scans") / "scan.h5"
    SimulatedScan(rows=10, outliers=0.02, dead_pixels=0.07, cycles=2, **SMALL).write(path)
    return path


@pytest.fixture(scope="module")
def data(path):
    return Raw(path=str(path), split=SPLIT).open()


@pytest.fixture(scope="module")
def trained(path, tmp_path_factory, fresh_database):
    """Outputs with a run of PCA on the scan, named loops, and its stored configuration."""
    from remanence.verbs.cli import main

    outputs = tmp_path_factory.mktemp("outputs")
    shutil.copy(fresh_database, outputs / "mlflow.db")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(outputs))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        small = ("baselines=none", "figures=brief", "model.n_components=3", "data.split.validation=0.1", "name=loops")
        assert main(["train", "experiment=beps/raw", f"data.path={path}", "model=pca", *small]) == 0
    (folder,) = (outputs / "runs").iterdir()
    return outputs, yaml.safe_load((folder / "config.yaml").read_text())


@pytest.fixture
def ask(trained, command, monkeypatch):
    """Answer a verb about the run of the scan."""

    def run(verb, *arguments):
        monkeypatch.setenv("REMANENCE_OUTPUTS", str(trained[0]))
        return command(verb, "run=loops", *arguments)

    return run


@pytest.fixture(params=[PCA, BetaVAE], ids=lambda kind: kind.__name__)
def model(request, data):
    """A linear model, and a network that is untrained."""
    if request.param is PCA:
        return SpectralModel(PCA(**data.shape, n_components=3).fit(data.x[data.fold.fitting]), Instrument.of(data))
    torch.manual_seed(0)
    return SpectralModel(BetaVAE(**data.shape, **NETWORK), Instrument.of(data))


def applied(model, config):
    """The model as a run of this configuration would have logged it."""
    return AppliedSpectra(
        SimpleNamespace(id="made", config=config, stored_file=lambda name: None, found=NOTHING_READ), model
    )


@pytest.mark.parametrize("pixels", [7, 60, 1000])
def test_a_scan_read_in_chunks_gives_the_numbers_of_one_piece(
    model, data, path, trained, tmp_path, monkeypatch, pixels
):
    monkeypatch.setattr(chunked, "PIXELS", pixels)
    expected = model.predict(data.measured.values[data.valid])

    assert applied(model, trained[1]).predict_file(str(path), str(tmp_path / "out.h5"), []) == 60

    assert 0 < data.valid.sum() < 60
    with h5py.File(tmp_path / "out.h5") as file:
        np.testing.assert_array_equal(file["measured"], data.measured.values)
        np.testing.assert_array_equal(file["valid"], data.valid)
        np.testing.assert_array_equal(file["resonances/bad"], data.measured.resonances.bad)
        np.testing.assert_array_equal(file["resonances/quality_factor"], data.measured.resonances.quality_factor)
        written = {name: file[name][()] for name in ("embedding", "reconstruction")}
        for name, dataset in (("distance", "distance"), ("novelty", "novelty"), ("sd", "latents_sd")):
            if name in expected:
                maps = file[path.stem][dataset][dataset][()]
                assert maps.shape[:2] == (10, 6)
                written[name] = maps.reshape(60, *maps.shape[2:])
        assert set(written) == set(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(written[name][data.valid], values, rtol=1e-5, atol=1e-5 * np.abs(values).max())
            assert np.isnan(written[name][~data.valid]).all()
        assert file.attrs["shape"].tolist() == [10, 6]
        assert file["axis"].attrs["label"] == "DC bias (V)"


def test_several_scans_are_a_group_each(ask, data, path, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(path, tmp_path / folder / "scan.h5")
    SimulatedScan(rows=3, **SMALL).write(tmp_path / "a" / "scan2.h5")

    result = ask("predict", f"input={tmp_path}/?/scan*.h5", f"output={tmp_path}/latents.h5")

    assert result.code == 0, result.err
    assert "138 predicted from 3 files, written to" in result.out
    with h5py.File(tmp_path / "latents.h5") as file:
        assert sorted(file) == ["scan", "scan2", "scan_#2"]
        assert [len(file[f"{name}/latents/latents"]) for name in sorted(file)] == [10, 3, 10]
        for name in ("scan", "scan_#2"):
            measured = file[f"{name}/measured_piezoresponse/measured_piezoresponse"][...]
            np.testing.assert_array_equal(measured.reshape(60, 16), data.measured.values[..., 0])
        assert file["scan2"].attrs["scan"].endswith("a/scan2.h5")
        assert file["scan/latents/latents"].dims[1][0][-1] == pytest.approx(2e-6)  # metres, as the scan has it


def test_errors_are_those_of_one_piece(model, data, path, trained, monkeypatch, capsys):
    monkeypatch.setattr(chunked, "PIXELS", 7)

    metrics = applied(model, trained[1]).evaluate(str(path), [])

    assert metrics["pixels"] == data.valid.sum()
    for part, pixels in (("test", data.fold.test), ("train", data.fold.fitting)):
        measured = data.measured.values[pixels]
        error = model.predict(measured)["reconstruction"] - measured
        assert metrics[f"{part}/mse"] == pytest.approx(np.mean((error / data.scaling.sd) ** 2), rel=1e-5)
        for channel, name in enumerate(("piezoresponse", "resonance_frequency")):
            expected = np.sqrt(np.mean(error[..., channel] ** 2))
            assert metrics[f"{part}/{name}/rmse"] == pytest.approx(expected, rel=1e-5)
    told = capsys.readouterr().out
    fitted, every = len(data.fold.fitting), data.valid.sum()
    assert f"{fitted} of {every} pixels were fitted: their error (train/…) is not a test error" in told


def test_pixels_that_a_run_was_fitted_to_are_told_apart(ask, data, trained, path):
    result = ask("evaluate", f"data.path={path}")

    assert result.code == 0, result.err
    client = MlflowClient(f"sqlite:///{trained[0]}/mlflow.db")
    (run,) = client.search_runs([client.get_experiment_by_name("scan").experiment_id])
    fitted = len(data.fold.fitting)
    assert f"{fitted} of {data.valid.sum()} pixels were fitted" in result.out
    printed = dict(re.findall(r"│ (\S+) +│ +(\S+) │", result.out))
    assert printed["test/mse"] == f"{run.data.metrics['test/mse']:.6g}"
    assert printed["train/pixels"] == str(fitted)
    assert "train/mse" in printed


def test_without_a_file_the_pixels_held_out_are_evaluated(ask, trained):
    outputs, _ = trained
    result = ask("evaluate")

    assert result.code == 0, result.err
    client = MlflowClient(f"sqlite:///{outputs}/mlflow.db")
    (run,) = client.search_runs([client.get_experiment_by_name("scan").experiment_id])
    assert f"{run.data.metrics['test/mse']:.6g}" in result.out


def test_memory_does_not_grow_with_the_scan(data, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(chunked, "PIXELS", 20)
    monkeypatch.setattr("remanence.data.spectra.resonance_fit.CACHED", 20 * SMALL["steps"])
    model = SpectralModel(PCA(**data.shape, n_components=3).fit(data.x[data.fold.fitting]), Instrument.of(data))

    def peak(rows):
        SimulatedScan(rows=rows, **SMALL).write(tmp_path / f"{rows}.h5")
        gc.collect()
        gc.freeze()  # the more there is from other tests, the later Python looks for cycles
        tracemalloc.start()
        try:
            applied(model, trained[1]).predict_file(str(tmp_path / f"{rows}.h5"), str(tmp_path / "out.h5"), [])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.unfreeze()

    peak(10)  # what is imported and cached at the first call
    small, large = peak(60), peak(150)  # in both Python has begun to look for cycles of h5py's selections
    spectra = 540 * SMALL["steps"] * SMALL["bins"] * 8  # bytes by which the loops' spectra grow
    assert large - small < 0.05 * spectra


def test_a_model_of_an_earlier_release_says_that_it_tells_no_novelty(data, path, trained, tmp_path, capsys):
    model = SpectralModel(PCA(**data.shape, n_components=3).fit(data.x[data.fold.fitting]), Instrument.of(data))

    applied(model, trained[1]).predict_file(str(path), str(tmp_path / "out.h5"), [])

    assert "no held-out pixels stand in its model, so that nothing tells novel ones" in (
        " ".join(capsys.readouterr().out.split())
    )
    with h5py.File(tmp_path / "out.h5") as file:
        assert "novelty" not in file[path.stem]
        assert "distance" in file[path.stem]


def test_a_scan_whose_first_pixels_are_dead_has_nan_there(data, path, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(chunked, "PIXELS", 6)
    broken = tmp_path / "broken.h5"
    shutil.copy(path, broken)
    with h5py.File(broken, "r+") as file:
        file[f"{CHANNEL}/Raw_Data"][:12] = 0
    model = SpectralModel(PCA(**data.shape, n_components=3).fit(data.x[data.fold.fitting]), Instrument.of(data))

    applied(model, trained[1]).predict_file(str(broken), str(tmp_path / "out.h5"), [])

    with h5py.File(tmp_path / "out.h5") as file:
        assert not file["valid"][:12].any()
        assert np.isnan(file["embedding"][:12]).all()
        assert np.isfinite(file["embedding"][12:][file["valid"][12:]]).all()


def other_scan(tmp_path, **arguments):
    SimulatedScan(**{"rows": 3, "cycles": 1, **SMALL, **arguments}).write(tmp_path / "other.h5")
    return tmp_path / "other.h5"


def other_steps(tmp_path):
    return other_scan(tmp_path, steps=12)


def other_bias(tmp_path):
    path = other_scan(tmp_path)
    with h5py.File(path, "r+") as file:
        table = file[f"{CHANNEL}/Spectroscopic_Values"]
        row = [label.decode() for label in table.attrs["labels"]].index("DC_Offset")
        table[row] = table[row] * 0.5
    return path


def other_signal(tmp_path):
    path = other_scan(tmp_path)
    with h5py.File(path, "r+") as file:
        file[f"{CHANNEL}/Raw_Data"].attrs["units"] = "mV"
    return path


def never_written(tmp_path):
    path = other_scan(tmp_path)
    declare(path, 10**9, written=0)
    return path


def other_frequency(tmp_path):
    path = other_scan(tmp_path)
    with h5py.File(path, "r+") as file:
        for name in ("Spectroscopic_Values", "Spectroscopic_Indices"):
            units = file[f"{CHANNEL}/{name}"].attrs["units"].tolist()
            file[f"{CHANNEL}/{name}"].attrs["units"] = np.array([b"kHz", *units[1:]])
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (other_steps, "has 12 steps of DC bias (V) from -16 to 16; the run's model takes 16 steps of DC bias (V)"),
        (
            other_bias,
            "has 16 steps of DC bias (V) from -8 to 8, the run's model 16 steps of DC bias (V) from -16 to 16",
        ),
        (other_signal, "declares signal in mV; the run's model was trained on V"),
        (never_written, "declares the shape (1000000000, "),
        (
            other_frequency,
            "the dimension Frequency is in kHz, which gives 1.285e+09 to 1.365e+09 Hz: no band is excited",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["evaluate", "predict"])
def test_a_scan_of_another_instrument_is_one_line_and_leaves_no_file(ask, tmp_path, make, reason, verb):
    other, out = make(tmp_path), tmp_path / "out.h5"

    result = ask(verb, *([f"data.path={other}"] if verb == "evaluate" else [f"input={other}", f"output={out}"]))

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "other.h5" in line
    assert reason in line
    assert "resonances fitted" not in result.out  # it is refused before the fit, which takes minutes
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["other.h5"]


def test_a_model_of_other_channels_is_refused(data, path, trained, tmp_path):
    colours = Instrument([0.0, 1.0], "t", ["f"], "joined", {"mean": [[0.0]], "sd": [[1.0]]})
    model = SpectralModel(PCA(steps=2, channels=1), colours)

    with pytest.raises(DataError, match=r"has the channels piezoresponse .*, resonance .*; the run's model needs 'f'"):
        applied(model, trained[1]).predict_file(str(path), str(tmp_path / "o.h5"), [])


def test_a_model_of_one_channel_takes_it_from_a_raw_scan_whatever_it_was_trained_on(data, path, trained, tmp_path):
    whole = Instrument.of(data)
    of_resonance = {key: [[value[0][1]]] for key, value in whole.scaling.items()}
    instrument = Instrument(whole.axis, whole.axis_label, [whole.channels[1]], "joined", of_resonance)
    model = PCA(steps=16, channels=1, n_components=2).fit(data.x[data.fold.fitting][..., 1:])
    published = {**trained[1], "data": {"_target_": "remanence.data.spectra.beps.BEPS", "dir": None}}

    applied(SpectralModel(model, instrument), published).predict_file(str(path), str(tmp_path / "out.h5"), [])

    with h5py.File(tmp_path / "out.h5") as file:
        np.testing.assert_array_equal(file["measured"], data.measured.values[..., 1:])
        assert file["measured"].attrs["channels"].tolist() == ["resonance frequency (kHz)"]


def test_another_cycle_and_field_are_chosen_by_name(ask, path, tmp_path):
    for choice in ("data.cycle=0", "data.field=on"):
        result = ask("predict", f"input={path}", f"output={tmp_path}/out.h5", choice)
        assert result.code == 0, result.err
        key, _, value = choice.removeprefix("data.").partition("=")
        expected = Raw(path=str(path), split=SPLIT, **{key: int(value) if value.isdigit() else value}).open()
        with h5py.File(tmp_path / "out.h5") as file:
            np.testing.assert_array_equal(file["measured"], expected.measured.values)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["input={path}", "output={tmp}/out.h5", "data.cycle=7"], "cycle 7 is not there"),
        (["input={path}", "output={tmp}/out.h5", "data.cycl=0"], "unknown key 'data.cycl'; did you mean 'data.cycle'?"),
        (["input={path}", "output={tmp}/out.csv"], "cannot write '.csv'; expected .h5 or .hdf5"),
        (["input={tmp}/none.h5", "output={tmp}/out.h5"], "no such file"),
        (["input={path}", "output={path}"], "is the input, which would be lost"),
    ],
)
def test_what_cannot_be_predicted_is_one_line(ask, path, tmp_path, arguments, reason):
    result = ask("predict", *(argument.format(path=path, tmp=tmp_path) for argument in arguments))

    assert result.code == 2
    assert reason in result.err
    assert [entry.name for entry in tmp_path.iterdir()] == ["outputs"]
    assert Path(path).is_file()


def test_changes_without_a_file_are_refused(ask):
    result = ask("evaluate", "data.cycle=0")

    assert result.code == 2
    assert "data.cycle=0: say of which file, with data.path=" in result.err
