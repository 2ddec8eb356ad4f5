"""Predictions of spectra as DataFrames: of arrays in memory, and of scans."""

import shutil

import numpy as np
import pandas as pd
import pytest

import remanence as rm
from remanence.data.spectra.simulated import SimulatedScan

SMALL = {"rows": 8, "cols": 6, "steps": 16, "bins": 20, "snr": 60.0}


@pytest.fixture(scope="module")
def trained(tmp_path_factory, fresh_database):
    """Outputs with a run of PCA, named loops, on the scan ``scan.h5``."""
    outputs = tmp_path_factory.mktemp("loops")
    shutil.copy(fresh_database, outputs / "mlflow.db")
    SimulatedScan(dead_pixels=0.1, cycles=2, **SMALL).write(outputs / "scan.h5")
    small = ("baselines=none", "figures=brief", "model.n_components=3", "data.split.validation=0.1", "name=loops")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(outputs))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        rm.train("beps/raw", f"data.path={outputs}/scan.h5", "model=pca", *small)
    return outputs


@pytest.fixture
def run(trained, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(trained))
    return rm.load("loops")


@pytest.fixture
def values(trained):
    """Spectra of the scan (pixels, steps, channels), masked pixels NaN."""
    return rm.open_data("beps/raw", f"data.path={trained}/scan.h5", "data.split.validation=0.1").values


LATENTS = ["latent_1", "latent_2", "latent_3"]


def test_a_scan_has_a_row_a_pixel_as_the_runs_own_table(run, trained, capsys):
    predicted = run.predict(trained / "scan.h5")

    assert capsys.readouterr() == ("", "")
    assert list(predicted.columns) == ["valid", "mse", "row", "column", "distance", "novelty", *LATENTS]
    own = run.table("latents")
    assert predicted["valid"].tolist() == (own["part"] != "masked").tolist()
    assert 0 < predicted["valid"].sum() < len(predicted) == 48
    pd.testing.assert_frame_equal(predicted[["row", "column"]], own[["row", "column"]], check_dtype=False)
    valid = predicted["valid"]
    np.testing.assert_allclose(predicted.loc[valid, ["mse", *LATENTS]], own.loc[valid, ["mse", *LATENTS]], rtol=1e-4)
    assert predicted.loc[~valid, ["mse", *LATENTS]].isna().all(axis=None)
    np.testing.assert_allclose(predicted["distance"] ** 2, predicted["mse"], rtol=1e-12)
    held_out = np.sort(predicted.loc[own["part"] == "test", "distance"])
    expected = np.searchsorted(held_out * (1 - 1e-5), predicted.loc[valid, "distance"]) / (len(held_out) + 1)
    np.testing.assert_allclose(predicted.loc[valid, "novelty"], expected, atol=1 / len(held_out))
    assert predicted.loc[~valid, ["distance", "novelty"]].isna().all(axis=None)
    assert predicted.attrs["units"] == {}


def test_an_array_gives_the_rows_of_its_scan(run, trained, values):
    predicted, of_scan = run.predict(values), run.predict(trained / "scan.h5")

    assert predicted["valid"].tolist() == of_scan["valid"].tolist()
    np.testing.assert_allclose(predicted[["mse", *LATENTS]], of_scan[["mse", *LATENTS]], rtol=1e-5)


def test_a_scan_can_be_read_in_another_way(run, trained):
    last, first = run.predict(trained / "scan.h5"), run.predict(trained / "scan.h5", cycle=0)

    assert not np.allclose(last[LATENTS], first[LATENTS], equal_nan=True)
    assert not run.evaluate(trained / "scan.h5", cycle=0).equals(run.evaluate(trained / "scan.h5"))


def test_an_array_in_which_nothing_is_valid_has_no_latents(run, values):
    predicted = run.predict(np.full_like(values[:3], np.nan))

    assert predicted["valid"].tolist() == [False] * 3
    assert predicted["mse"].isna().all()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (np.zeros((4, 3, 2)), rm.DataError, r"expected \(n, \d+ steps, 2 channels"),
        (pd.DataFrame({"x": [1.0]}), rm.ConfigurationError, "expected spectra .* got DataFrame; the run is on spectra"),
    ],
)
def test_what_is_no_spectra_of_this_instrument_is_refused(run, given, error, message):
    with pytest.raises(error, match=message):
        run.predict(given)


def test_an_array_takes_no_way_of_reading(run, values):
    with pytest.raises(rm.ConfigurationError, match=r"data\.cycle=0"):
        run.predict(values, cycle=0)


def test_spectra_have_nothing_to_be_made(run):
    with pytest.raises(rm.ConfigurationError, match="unmixes spectra; only models of tables have inputs to search"):
        run.design("mse<1", over="x=0:1")
