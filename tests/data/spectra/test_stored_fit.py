import re
import shutil

import h5py
import numpy as np
import pytest
from instruments import known, manifest

import remanence as rm
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.streamed_loops import StreamedLoops

CHANNEL = "/Measurement_000/Channel_000"
FEW = ("data.split.validation=0.1",)
FIT = f"{CHANNEL}/Raw_Data-SHO_Fit_000"
AMPLITUDE, FREQUENCY, QUALITY = "Amplitude [V]", "Frequency [Hz]", "Quality Factor"
PHASE, R2 = "Phase [rad]", "R2 Criterion"


def measured(path, **arguments):
    return Raw(path=str(path), **{"refit": False} | arguments).read()


def told(capsys):
    return capsys.readouterr().out.replace("\n", " ")


@pytest.fixture
def scan(tmp_path):
    """A scan with the fit that BGlib stored beside it, to be changed."""
    path = tmp_path / "scan.h5"
    shutil.copy(manifest.FOLDER / "bglib_sho_fit.h5", path)
    return path


def changed(path, **fields):
    """Change the records of the stored fit; each field is a function of its values."""
    names = {"amplitude": AMPLITUDE, "frequency": FREQUENCY, "quality": QUALITY, "phase": PHASE, "r2": R2}
    with h5py.File(path, "r+") as file:
        records = file[f"{FIT}/Fit"][...]
        for name, change in fields.items():
            records[names[name]] = change(records[names[name]])
        file[f"{FIT}/Fit"][...] = records
    return path


@pytest.mark.parametrize("name", ["bglib_sho_fit.h5", "bglib_projected_loops.h5", "bglib_generated.h5"])
def test_a_good_fit_is_taken_and_gives_the_loops_of_a_fresh_one(name, capsys):
    path = manifest.FOLDER / name

    stored, said = measured(path), told(capsys)
    (printed,) = re.findall(r"data\.refit=\S+", said)
    fresh = rm.open_data("beps/raw", f"data.path={path}", printed, *FEW).measured

    assert f"the stored fit {FIT}/Fit is taken: 100.0% of 320 spectra are explained, median R² 1.000" in said
    assert "320 resonances taken as they are stored, 0 bad" in said
    assert "stored" not in told(capsys)
    loops = fresh.values[..., 0]
    np.testing.assert_allclose(stored.values[..., 0], loops, atol=0.01 * np.abs(loops).max())
    np.testing.assert_allclose(stored.values[..., 1], fresh.values[..., 1], atol=0.05)
    assert not np.array_equal(stored.values, fresh.values)


def test_the_values_are_those_of_the_records(scan):
    with h5py.File(scan) as file:
        records = file[f"{FIT}/Fit"][...]

    fitted = measured(scan).resonances

    np.testing.assert_array_equal(fitted.frequency, records[FREQUENCY] / 1e3)
    np.testing.assert_array_equal(fitted.amplitude, records[AMPLITUDE])
    np.testing.assert_allclose(fitted.phase, records[PHASE], atol=1e-12)
    np.testing.assert_array_equal(fitted.r2, records[R2])


def test_negative_quality_factors_are_the_opposite_sense_of_the_phase(scan):
    expected = measured(scan)
    changed(scan, quality=np.negative, phase=np.negative)
    with h5py.File(scan, "r+") as file:
        file[f"{CHANNEL}/Raw_Data"][...] = file[f"{CHANNEL}/Raw_Data"][...].conj()

    opposite = measured(scan)

    assert (expected.notes["data/phase_sense"], opposite.notes["data/phase_sense"]) == (1, -1)
    np.testing.assert_allclose(opposite.values, expected.values, rtol=1e-9)
    assert opposite.resonances.quality_factor.min() > 0
    np.testing.assert_allclose(opposite.resonances.spectrum, expected.resonances.spectrum)


def test_negative_amplitudes_are_phases_turned_by_pi(scan):
    expected = measured(scan).values

    changed(scan, amplitude=np.negative, phase=lambda phase: phase + np.pi)

    np.testing.assert_allclose(measured(scan).values, expected, rtol=1e-5)


def half(values):
    """Return values of which those of every second pixel are zero, as an interrupted fit leaves them."""
    return np.where(np.arange(len(values))[:, None] % 2, 0, values)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phase": np.zeros_like}, "median R²"),
        ({"amplitude": half, "r2": half}, "50.0% of 320 spectra are explained"),
        ({"frequency": lambda frequency: frequency / 1e3}, "0.0% of 320 spectra are explained, median R² -1.000"),
        ({"r2": lambda r2: r2 * np.nan}, "0.0% of 320 spectra are explained"),
    ],
)
def test_a_fit_that_explains_less_than_a_fresh_one_is_made_again(scan, changes, reason, capsys):
    fresh = measured(scan, refit=True).values
    told(capsys)

    found = measured(changed(scan, **changes)).values

    said = told(capsys)
    assert f"the stored fit {FIT}/Fit is not used: " in said
    assert reason in said
    assert "320 resonances fitted" in said
    np.testing.assert_array_equal(found, fresh)


def test_a_fit_of_another_bias_is_not_used(scan, capsys):
    with h5py.File(scan, "r+") as file:
        file[f"{FIT}/Spectroscopic_Values"][...] *= 2

    measured(scan)

    assert f"the stored fit {FIT}/Fit is not used: its DC_Offset is not that of the scan" in told(capsys)


def test_a_few_bad_fits_are_interpolated_as_bad_fresh_ones_are(scan):
    def one_is_lost(values):
        return np.where((np.arange(20)[:, None] == 7) & (np.arange(16) == 3), np.nan, values)

    found = measured(changed(scan, frequency=one_is_lost))

    assert np.argwhere(found.resonances.bad).tolist() == [[7, 3]]
    assert np.isfinite(found.values).all()
    between = (found.values[7, 2] + found.values[7, 4]) / 2
    np.testing.assert_allclose(found.values[7, 3], between)


def test_stored_fits_are_streamed_to_the_last_digit(scan, monkeypatch, capsys):
    whole, said = measured(scan), told(capsys)
    monkeypatch.setattr("remanence.data.spectra.stored_fit.CHUNK", 100)

    with h5py.File.in_memory() as store:
        streamed = StreamedLoops(Raw(path=str(scan), refit=False))
        streamed.fit(store)

        np.testing.assert_array_equal(streamed.read(slice(0, 20)), whole.values)
    assert (streamed.phase_sense, told(capsys)) == (1, said)


def test_a_scan_without_a_stored_fit_is_fitted(capsys):
    found = measured(manifest.FOLDER / "beps_snake.h5")

    assert "320 resonances fitted" in told(capsys)
    np.testing.assert_allclose(found.values[..., 0], known.loops(known.bias()), atol=1e-5)
