import pickle
import shutil

import h5py
import numpy as np
import pytest

from remanence.data.spectra.fitted_loops import interpolate
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.simulated import SimulatedScan
from remanence.data.table_file import digest_of

SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}
SMALL = {"rows": 6, "cols": 5, "steps": 24, "bins": 40, "cycles": 2, "snr": 50.0}
CLEAN = {"outliers": 0.0, "dead_pixels": 0.0}
CHANNEL = "/Measurement_000/Channel_000"


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A scan of 30 pixels in which every spectrum is good."""
    path = tmp_path_factory.mktemp("scans") / "größe = 6 x 5.h5"
    SimulatedScan(**SMALL, **CLEAN).write(path)
    return path


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """A scan of 30 pixels with outliers and dead pixels."""
    path = tmp_path_factory.mktemp("scans") / "spoilt.h5"
    SimulatedScan(**SMALL, outliers=0.02, dead_pixels=0.07).write(path)
    return path


def opened(path, **arguments):
    return Raw(path=str(path), **{"split": SPLIT, **arguments}).open()


@pytest.mark.parametrize("arguments", [{}, {"field": "on"}, {"cycle": 0}, {"field": "on", "cycle": -2}])
def test_the_loops_are_near_the_truth(scan, arguments):
    data = opened(scan, **arguments)
    measured, clean = data.measured.values, data.measured.clean

    assert measured.shape == clean.shape == (30, 24, 2)
    off = np.abs(measured - clean)
    piezoresponse, resonance = np.moveaxis(measured, -1, 0)
    assert 1300 < resonance.min() < resonance.max() < 1350
    assert np.corrcoef(piezoresponse.ravel(), clean[..., 0].ravel())[0, 1] > 0.999
    assert np.median(off[..., 0]) < 0.02 * clean[..., 0].std()
    assert np.median(off[..., 1]) < 0.1  # kHz
    assert data.measured.resonances.rotation == pytest.approx(-0.6, abs=0.05)  # the simulator's phase, undone


def test_what_was_measured_is_described(scan):
    data = opened(scan, side=2.0)

    assert data.measured.axis_label == "DC bias (V)"
    assert data.measured.channels == ("piezoresponse (arb. units)", "resonance frequency (kHz)")
    np.testing.assert_allclose(data.measured.axis, SimulatedScan(**SMALL).voltage, rtol=1e-6)
    assert (data.scene.shape, data.scene.side) == ((6, 5), 2.0)
    assert (data.source.name, data.source.location) == (scan.name, str(scan))
    assert data.source.digest == digest_of(scan)
    assert data.measured.notes["data/bad_fits"] == data.measured.notes["data/masked_pixels"] == 0
    assert 0.9 < data.measured.notes["data/median_r2"] < 1


def test_field_and_cycle_are_selected(scan):
    off, on, first = (opened(scan, **chosen) for chosen in ({}, {"field": "on"}, {"cycle": 0}))

    on_minus_off = (on.measured.values - off.measured.values)[..., 0]
    assert on_minus_off[:, off.measured.axis.argmax()].mean() > 0  # the electrostatic tilt
    assert on_minus_off[:, off.measured.axis.argmin()].mean() < 0
    assert not np.array_equal(first.measured.values, off.measured.values)  # another cycle, other noise
    np.testing.assert_array_equal(first.measured.clean, off.measured.clean)


def test_a_simulated_scan_brings_its_latent_factors(scan):
    data = opened(scan)

    truth = SimulatedScan(**SMALL).truth
    assert data.synthetic
    assert data.measured.factors.names == tuple(truth)
    for column, values in enumerate(truth.values()):
        np.testing.assert_array_equal(data.measured.factors.values[:, column], values.ravel())


def test_a_scan_without_truth_is_a_measurement(scan, tmp_path):
    shutil.copy(scan, path := tmp_path / "measured.h5")
    with h5py.File(path, "r+") as file:
        del file[f"{CHANNEL}/Ground_Truth"]

    data = opened(path)

    assert not data.synthetic
    assert data.measured.factors is data.measured.clean is None
    np.testing.assert_array_equal(data.x, opened(scan).x)


def test_bad_fits_are_interpolated_or_masked_and_reported(spoilt, capsys):
    data = opened(spoilt)
    bad, notes = data.measured.resonances.bad, data.measured.notes
    dead = bad.mean(axis=1) > 0.2

    assert 0 < dead.sum() < 15
    assert bad[~dead].any()
    np.testing.assert_array_equal(data.valid, ~dead)
    assert np.isfinite(data.measured.values[~dead]).all()
    assert np.isnan(data.measured.values[dead]).all()
    assert not data.x[dead].any()
    assert (notes["data/bad_fits"], notes["data/masked_pixels"]) == (bad.sum(), dead.sum())
    out = capsys.readouterr().out
    assert f"720 resonances fitted, {bad.sum()} bad" in out
    assert f"{bad[~dead].sum()} of them interpolated, the rest in {dead.sum()} masked pixels" in out


def test_interpolated_steps_lie_between_their_neighbours(spoilt):
    data = opened(spoilt)
    values, bad = data.measured.values, data.measured.resonances.bad
    alone = bad & ~np.roll(bad, 1, axis=1) & ~np.roll(bad, -1, axis=1) & data.valid[:, None]

    between = (np.roll(values, 1, axis=1) + np.roll(values, -1, axis=1)) / 2
    assert alone.any()
    np.testing.assert_allclose(values[alone], between[alone])


@pytest.mark.parametrize(("limit", "masked"), [(0.001, "more"), (0.2, "dead"), (0.99, "dead")])
def test_the_share_of_bad_fits_that_masks_a_pixel_is_chosen(spoilt, limit, masked):
    data = opened(spoilt, max_bad=limit)
    dead = data.measured.resonances.bad.all(axis=1)

    assert (~data.valid).sum() >= dead.sum()
    if masked == "more":
        np.testing.assert_array_equal(~data.valid, data.measured.resonances.bad.any(axis=1))


def test_a_stricter_fit_finds_more_bad_ones(spoilt):
    assert opened(spoilt, minimum_r2=0.95).measured.resonances.bad.sum() > opened(spoilt).measured.resonances.bad.sum()


def test_the_example_is_a_good_spectrum_as_it_was_measured(spoilt):
    fitted = opened(spoilt).measured.resonances
    pixel, step = fitted.example

    assert not fitted.bad[pixel, step]
    assert fitted.r2[pixel, step] == pytest.approx(np.median(fitted.r2[~fitted.bad]), abs=0.01)
    assert fitted.spectrum.shape == fitted.bins.shape == (40,)
    peak = fitted.bins[np.abs(fitted.spectrum).argmax()]
    assert peak == pytest.approx(fitted.frequency[pixel, step], abs=10)


def test_the_fit_does_not_depend_on_how_many_pixels_are_read_at_a_time(scan, monkeypatch):
    whole = opened(scan).measured.values
    monkeypatch.setattr("remanence.data.spectra.resonance_fit.CACHED", 1)

    np.testing.assert_allclose(opened(scan).measured.values, whole, rtol=1e-5, atol=1e-10)


def test_unmeasured_pixels_of_a_broken_off_scan_are_masked(scan, tmp_path):
    shutil.copy(scan, path := tmp_path / "broken.h5")
    with h5py.File(path, "r+") as file:
        file[f"{CHANNEL}/Raw_Data"][25:] = 0
        file[f"{CHANNEL}/Raw_Data"][4] = np.nan

    data = opened(path)

    assert np.flatnonzero(~data.valid).tolist() == [4, 25, 26, 27, 28, 29]


def test_gaps_close_around_the_cycle():
    loops = np.array([[np.nan, 1.0, 2.0, 3.0], [0.0, np.nan, np.nan, 3.0], [np.nan, 1.0, np.nan, 1.0]])[..., None]

    interpolate(loops, np.array([True, True, False]))

    np.testing.assert_allclose(loops[:2, :, 0], [[2, 1, 2, 3], [0, 1, 2, 3]])
    assert np.isnan(loops[2, [0, 2]]).all()


def test_all_channels_of_a_step_are_bridged_together():
    loops = np.zeros((1, 4, 2))
    loops[0, :, 1] = [0, 10, 20, 10]
    loops[0, 1] = np.nan

    interpolate(loops, np.array([True]))

    assert loops[0, 1].tolist() == [0, 10]


def test_opened_spectra_can_be_pickled(spoilt):
    data = opened(spoilt)

    again = pickle.loads(pickle.dumps(data))

    np.testing.assert_array_equal(again.x, data.x)
    np.testing.assert_array_equal(again.measured.resonances.bad, data.measured.resonances.bad)
