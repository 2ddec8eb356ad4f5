"""The files of other software are those of the manifest, and hold what ``instruments/known.py`` says, by h5py alone."""

import json

import h5py
import numpy as np
import pytest
from instruments import known, manifest

ENTRIES = json.loads(manifest.MANIFEST.read_text(encoding="utf-8"))
CHANNEL = "Measurement_000/Channel_000"


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_file_is_the_one_that_was_written(name):
    assert manifest.sha256(manifest.FOLDER / name) == ENTRIES[name]["sha256"]
    assert (manifest.FOLDER / name).stat().st_size < 200_000


def test_every_file_is_in_the_manifest():
    assert [path.name for path in manifest.data_files()] == sorted(ENTRIES)


def test_the_coercive_bias_is_what_the_loops_show():
    fine = known.bias(steps=1600)
    rising = known.loops(np.tile(fine, 2))[:, 1600:2000]

    np.testing.assert_allclose(fine[np.argmax(rising > 0, axis=1)], known.COERCIVE, atol=0.05)


def test_the_spectra_are_those_of_the_loops():
    with h5py.File(manifest.FOLDER / "beps_snake.h5") as file:
        data, places = file[f"{CHANNEL}/Raw_Data"][:], file[f"{CHANNEL}/Position_Indices"][:]
    on_map = np.empty_like(data)
    on_map[places[:, 1] * known.COLS + places[:, 0]] = data
    expected = known.spectra(known.loops(known.bias())).reshape(len(data), -1)

    assert places[5:10, 0].tolist() == [4, 3, 2, 1, 0]
    np.testing.assert_array_equal(on_map, expected)


def test_the_fit_of_bglib_finds_what_the_spectra_were_made_of():
    with h5py.File(manifest.FOLDER / "bglib_sho_fit.h5") as file:
        fit = file[f"{CHANNEL}/Raw_Data-SHO_Fit_000/Fit"][:]
    loops = known.loops(known.bias())

    np.testing.assert_allclose(fit["Frequency [Hz]"], known.resonances(loops), atol=100)
    np.testing.assert_allclose(fit["Amplitude [V]"], np.abs(loops), atol=1e-5)


def test_a_cycle_of_a_quarter_of_the_bias_does_not_switch():
    with h5py.File(manifest.FOLDER / "beps_quarter_first_cycle.h5") as file:
        bias = file[f"{CHANNEL}/Spectroscopic_Values"][1, :: known.BINS]

    np.testing.assert_array_equal(bias, [*known.bias(4.0), *known.bias()])
    assert (known.loops(bias)[:, :16] < 0).all()


def test_the_axes_of_nsid_are_scales_of_the_dataset():
    with h5py.File(manifest.FOLDER / "nsid_complex_beps.h5") as file:
        data = file[f"{CHANNEL}/spectra/spectra"]
        scales = [data.dims[axis][0] for axis in range(4)]

        assert [scale.attrs["dimension_type"] for scale in scales] == ["SPATIAL"] * 2 + ["SPECTRAL"] * 2
        np.testing.assert_array_equal(scales[2], known.bias())
