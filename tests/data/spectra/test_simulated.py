import inspect
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
import yaml

from remanence.data.spectra.band_excitation import BandExcitation
from remanence.data.spectra.ground_truth import read_ground_truth
from remanence.data.spectra.simulated import SimulatedScan
from remanence.science.band_excitation.sho import sho_response
from remanence.science.band_excitation.switching import FACTORS

CONF = Path(__file__).parents[3] / "conf" / "data" / "_simulated_scan.yaml"
QUIET = {"snr": 1e9, "outliers": 0.0, "dead_pixels": 0.0}


@pytest.fixture
def written(tmp_path):
    """Write a small scan and return it with its reader: ``scan, spectra = written(field="on", snr=5.0)``."""

    def write(field="off", cycle=-1, **arguments):
        scan = SimulatedScan(**{"rows": 6, "cols": 8, "steps": 24, "bins": 40, **arguments})
        scan.write(tmp_path / "scan.h5")
        return scan, BandExcitation(tmp_path / "scan.h5", field=field, cycle=cycle)

    return write


def test_the_defaults_are_those_of_the_yaml_and_of_the_instrument():
    configured = yaml.safe_load(CONF.read_text())
    defaults = {name: argument.default for name, argument in inspect.signature(SimulatedScan).parameters.items()}

    assert configured.pop("_target_") == f"{SimulatedScan.__module__}.{SimulatedScan.__name__}"
    assert configured == defaults
    assert SimulatedScan().spectra == 691_200


def test_the_file_is_read_as_a_band_excitation_scan(written):
    scan, spectra = written(cycles=2)

    assert spectra.main.path == "/Measurement_000/Channel_000/Raw_Data"
    assert spectra.main.shape == (48, 2 * 2 * 24 * 40)
    assert spectra.main.dtype == np.complex64
    assert (spectra.map_shape, spectra.fields, spectra.cycles) == ((6, 8), ["off", "on"], 2)
    np.testing.assert_allclose(spectra.voltage, scan.voltage, rtol=1e-6)
    np.testing.assert_allclose(spectra.frequency, np.linspace(1285e3, 1365e3, 40))
    assert not spectra.unmeasured().any()


@pytest.mark.parametrize("field", ["on", "off"])
def test_without_noise_a_spectrum_is_the_oscillator_of_its_ground_truth(written, field):
    scan, spectra = written(field, **QUIET)
    truth = read_ground_truth(spectra.main, field=field)

    response = truth.piezoresponse + 1j * scan.crosstalk
    parameters = (np.abs(response), 1e3 * truth.resonance_frequency, truth.quality_factor, np.angle(response) + 0.6)
    expected = sho_response(torch.from_numpy(np.stack(parameters, -1)), torch.from_numpy(scan.frequency)).numpy()
    np.testing.assert_allclose(spectra.read(), expected, atol=1e-4 * np.abs(expected).max())


def test_the_ground_truth_holds_the_latent_maps(written):
    scan, spectra = written()
    truth = read_ground_truth(spectra.main)

    assert truth.names == tuple(FACTORS)
    assert truth.units == tuple(factor.unit for factor in FACTORS.values())
    for column, values in enumerate(scan.truth.values()):
        np.testing.assert_array_equal(truth.factors[:, column].reshape(6, 8), values)


def test_the_field_tilts_the_loops(written):
    _, spectra = written(**QUIET)
    off, on = (read_ground_truth(spectra.main, field=field).piezoresponse for field in ("off", "on"))

    assert ((on - off)[:, 0] > 0).all()
    assert ((on - off)[:, 12] < 0).all()


def test_the_noise_has_the_height_that_was_asked_for(written):
    scan, noisy = written(snr=10.0, outliers=0.0, dead_pixels=0.0)
    noise = noisy.read()
    _, quiet = written(**QUIET)
    noise = noise - quiet.read()

    assert noise.real.std() == pytest.approx(scan.noise, rel=0.03)
    assert noise.imag.std() == pytest.approx(scan.noise, rel=0.03)
    typical = np.median(scan.truth["amplitude"])
    assert typical * 180 / scan.noise == pytest.approx(10)


def test_outliers_and_dead_pixels_hold_noise_only_and_are_in_the_ground_truth(written):
    scan, spectra = written(snr=100.0, outliers=0.05, dead_pixels=0.1)
    truth = read_ground_truth(spectra.main)
    height = np.abs(spectra.read()).max(axis=2) / scan.noise
    dead = truth.outliers.all(axis=1)

    assert 0 < dead.sum() < 12
    assert truth.outliers[~dead].mean() == pytest.approx(0.05, abs=0.03)
    assert height[dead].max() < 8
    assert 8 < np.median(height[~dead][truth.outliers[~dead]]) < 25
    assert np.median(height[~truth.outliers]) > 50


def test_resonance_and_amplitude_drift_over_the_scan(written):
    _, spectra = written(resonance_drift=4.0, amplitude_drift=0.2)
    drifting = read_ground_truth(spectra.main)
    _, spectra = written(resonance_drift=0.0, amplitude_drift=0.0)
    steady = read_ground_truth(spectra.main)

    elapsed = np.arange(48) / 48
    drift = (drifting.resonance_frequency - steady.resonance_frequency).mean(axis=1)
    np.testing.assert_allclose(drift, 4 * elapsed, atol=1e-3)
    np.testing.assert_allclose(drifting.piezoresponse[:, 0] / steady.piezoresponse[:, 0], 1 - 0.2 * elapsed, rtol=1e-4)


def test_the_seed_decides_the_file(written):
    contents = []
    for seed in (1, 1, 2):
        _, spectra = written(seed=seed)
        contents.append(spectra.read())

    np.testing.assert_array_equal(contents[0], contents[1])
    assert not np.array_equal(contents[0], contents[2])


def test_readers_of_the_format_find_the_attributes_they_look_for(written):
    scan, spectra = written()

    with h5py.File(spectra.file.path) as file:
        measurement = file["Measurement_000"]
        assert file.attrs["data_type"] == "BEPSData"
        assert measurement.attrs["VS_measure_in_field_loops"] == "in and out-of-field"
        assert measurement.attrs["num_udvs_steps"] == scan.spectra_per_pixel == 48
        np.testing.assert_allclose(measurement["Channel_000/Bin_Frequencies"], scan.frequency)
        assert [label.decode() for label in measurement["Position_Indices"].attrs["labels"]] == ["X", "Y"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_a_line_of_pixels_will_do(written, shape):
    _, spectra = written(rows=shape[0], cols=shape[1])

    assert spectra.map_shape == shape
    assert spectra.read().shape == (shape[0] * shape[1], 24, 40)


def test_fitted_loops_are_the_true_ones(written):
    from remanence.science.band_excitation.sho_fit import fit_sho

    scan, spectra = written(bins=74, steps=48)
    truth = read_ground_truth(spectra.main)
    fit = fit_sho(spectra.read().reshape(-1, 74), spectra.frequency)
    good = ~truth.outliers.ravel()

    off = np.abs(fit.resonance_frequency / 1e3 - truth.resonance_frequency.ravel())[good]
    piezoresponse = (fit.amplitude * np.cos(fit.phase - scan.phase))[good]
    assert np.mean(off < 0.0015 * 1325) > 0.99
    assert np.std(piezoresponse - truth.piezoresponse.ravel()[good]) < 0.04e-4
