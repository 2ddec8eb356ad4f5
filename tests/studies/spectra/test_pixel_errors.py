"""The errors that ``evaluate`` tells are those of the run, whatever is done to spectra before the model sees them."""

import shutil

import numpy as np
import pytest

import remanence as rm
from remanence.data.spectra.simulated import SimulatedScan

FIRST_STEPS = ["data.crop=[-12,12]", "data.background=linear", "data.smoothing=5", "data.normalisation=norm"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, fresh_database):
    """Outputs with a run of PCA on prepared loops of the scan ``scan.h5``, named prepared."""
    outputs = tmp_path_factory.mktemp("prepared")
    shutil.copy(fresh_database, outputs / "mlflow.db")
    SimulatedScan(rows=8, cols=6, steps=32, bins=20, snr=60.0, cycles=2).write(outputs / "scan.h5")
    small = ("baselines=none", "figures=brief", "model.n_components=3", "data.split.validation=0.1", "name=prepared")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(outputs))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        rm.train("beps/raw", f"data.path={outputs}/scan.h5", "model=pca", "data.scaling=robust", *FIRST_STEPS, *small)
    return outputs


@pytest.fixture
def run(trained, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(trained))
    return rm.load("prepared")


def test_errors_on_the_runs_own_pixels_are_its_metrics_in_the_units_of_the_instrument(run):
    evaluated = dict(run.evaluate().set_index("metric")["value"])

    for key in ("test/mse", "test/piezoresponse/rmse", "test/resonance_frequency/rmse"):
        assert evaluated[key] == pytest.approx(run.metrics[key], rel=1e-4), key
    assert 0.01 < evaluated["test/resonance_frequency/rmse"] < 5  # kHz


def test_a_file_is_prepared_as_the_run_was(run, trained):
    evaluated = dict(run.evaluate(trained / "scan.h5").set_index("metric")["value"])
    predicted = run.predict(trained / "scan.h5")

    assert evaluated["test/mse"] == pytest.approx(run.metrics["test/mse"], rel=1e-4)
    own = run.table("latents")
    np.testing.assert_allclose(predicted["mse"], own["mse"], rtol=1e-3, atol=1e-7)
