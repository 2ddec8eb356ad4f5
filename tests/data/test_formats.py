"""What is read of files of many origins, against numbers of h5py or of their script; docs/formats.md lists them."""

import h5py
import numpy as np
import pytest
from instruments import known
from instruments.manifest import FOLDER
from instruments.reading import measured
from instruments.scans import ALL_FORC, BIAS, OFF, SCANS

from remanence.errors import DataError

CHANNEL = "Measurement_000/Channel_000"


@pytest.mark.parametrize(("name", "options", "bias", "expected"), SCANS, ids=[f"{n}-{o}" for n, o, _, _ in SCANS])
def test_the_loops_of_a_scan_are_those_that_it_was_made_of(name, options, bias, expected):
    found = measured("raw", name, **options)
    there = ~np.isnan(found.values[..., 0]).any(axis=1)

    np.testing.assert_allclose(found.axis, bias, atol=1e-5)
    np.testing.assert_allclose(found.values[there, :, 0], expected[there], atol=1e-5)
    np.testing.assert_allclose(found.values[there, :, 1], known.resonances(expected)[there] / 1e3, atol=0.5)
    assert found.scene.shape == (known.ROWS, known.COLS)
    assert there.sum() == (17 if "incomplete" in name else 20)


def test_a_loop_that_does_not_switch_has_no_sense_of_its_own():
    """Its response is found up to the sign, which only a loop that goes up with the bias tells."""
    found = measured("raw", "forc_resetting.h5", forc=0).values[..., 0]

    np.testing.assert_allclose(np.abs(found), np.abs(ALL_FORC[:, 0]), atol=1e-5)


@pytest.mark.parametrize("name", ["bglib_sho_fit.h5", "bglib_projected_loops.h5"])
def test_a_scan_with_fits_of_bglib_beside_it_has_their_resonances(name):
    found = measured("raw", name, refit=True)
    with h5py.File(FOLDER / name) as file:
        fit = file[f"{CHANNEL}/Raw_Data-SHO_Fit_000/Fit"][:]

    np.testing.assert_allclose(found.values[..., 1], fit["Frequency [Hz]"] / 1e3, atol=0.1)  # by magnitudes alone
    np.testing.assert_allclose(np.abs(found.values[..., 0]), fit["Amplitude [V]"], atol=1e-5)


def test_the_generator_of_bglib_writes_the_resonances_that_are_found():
    found = measured("raw", "bglib_generated.h5", refit=True)
    with h5py.File(FOLDER / "bglib_generated.h5") as file:
        group = file[f"{CHANNEL}/Raw_Data-SHO_Fit_000"]
        values, labels = group["Spectroscopic_Values"], list(group["Spectroscopic_Values"].attrs["labels"])
        off = values[labels.index(b"Field")] == 0
        expected = group["Fit"]["Frequency [Hz]"][:, off] / 1e3

    np.testing.assert_allclose(found.values[..., 1], expected, atol=0.05)


@pytest.mark.parametrize(
    ("name", "steps", "channels"), [("be_relaxation.h5", 16, 8), ("ckpfm_raw.h5", 16, 6), ("be_ac_sweep.h5", 16, 2)]
)
def test_every_read_step_has_channels_of_its_own(name, steps, channels):
    assert measured("raw", name).values.shape == (20, steps, channels)


def test_a_sweep_of_the_amplitude_has_an_axis_of_its_own():
    found = measured("raw", "be_ac_sweep.h5")

    assert found.axis_label == "AC amplitude (A)"
    np.testing.assert_allclose(found.axis, np.r_[1:9, 8:0:-1] / 4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("be_image.h5", "is a band-excitation line or image, one spectrum for each pixel"),
        ("be_line.h5", "is a band-excitation line or image, one spectrum for each pixel"),
        ("nsid_be_image.h5", "is a band-excitation line or image, one spectrum for each pixel"),
        ("nsid_image.h5", "is an NSID image without a spectral dimension"),
        ("iv_map.h5", "holds loops that somebody has fitted"),
    ],
)
def test_what_is_no_scan_of_loops_is_named(name, message):
    with pytest.raises(DataError, match=message):
        measured("raw", name)


FITTED = [
    ("nsid_loops.h5", {}, BIAS, OFF),
    ("nsid_x_first.h5", {}, BIAS, OFF),
    ("nsid_two_spectral_dimensions.h5", {}, BIAS, 0.5 * OFF),
    ("nsid_several.h5", {}, BIAS, OFF),
    ("iv_map.h5", {}, BIAS, 1e-9 * OFF / known.SATURATION[:, None]),
    ("loops.npz", {}, BIAS, OFF),
    ("loops.mat", {}, BIAS, OFF),
    ("loops_flat.npy", {"axis": FOLDER / "bias.npy", "shape": "[4,5]"}, BIAS, OFF),
    ("loops_map.npy", {"axis": FOLDER / "bias.npy"}, BIAS, OFF),
    ("loops_two_channels.npy", {"axis": FOLDER / "bias.npy"}, BIAS, OFF),
    ("loops_wide.csv", {}, BIAS, OFF),
    ("loops_in_columns.csv", {"shape": "[4,5]"}, BIAS, OFF),
]
"""File of loops, options, bias (steps,) and the first channel (pixels, steps)."""


@pytest.mark.parametrize(("name", "options", "bias", "expected"), FITTED, ids=[name for name, *_ in FITTED])
def test_loops_that_somebody_has_fitted_are_read_as_they_are(name, options, bias, expected):
    found = measured("loops", name, **options)

    np.testing.assert_allclose(found.axis, bias, atol=1e-5)
    np.testing.assert_allclose(found.values[..., 0], expected, rtol=1e-6, atol=1e-12)
    assert found.scene.shape == (known.ROWS, known.COLS)


def test_a_second_channel_is_the_resonance():
    for name, options in (("loops.npz", {}), ("loops_two_channels.npy", {"axis": FOLDER / "bias.npy"})):
        found = measured("loops", name, **options)
        np.testing.assert_allclose(found.values[..., 1], known.resonances(OFF) / 1e3)


def test_channels_of_nsid_are_channels():
    found = measured("loops", "nsid_channels.h5")

    np.testing.assert_allclose(found.values, np.stack([OFF, known.resonances(OFF) / 1e3], axis=-1))


def test_fits_of_bglib_are_taken_as_they_are():
    found = measured("loops", "bglib_sho_fit.h5")
    with h5py.File(FOLDER / "bglib_sho_fit.h5") as file:
        fit = file[f"{CHANNEL}/Raw_Data-SHO_Fit_000/Fit"][:]

    np.testing.assert_allclose(found.values[..., 0], OFF, atol=1e-5)
    assert any(np.allclose(found.values[..., channel], fit["Frequency [Hz]"] / 1e3) for channel in range(2))


def test_projected_loops_of_bglib_are_taken_as_they_are(capsys):
    path = f"/{CHANNEL}/Raw_Data-SHO_Fit_000/Fit-Loop_Fit_000/Projected_Loops"
    found = measured("loops", "bglib_projected_loops.h5", dataset=path)
    with h5py.File(FOLDER / "bglib_projected_loops.h5") as file:
        np.testing.assert_allclose(found.values[..., 0], file[path][:])
    assert "so that the height of a loop depends on its phase" in capsys.readouterr().out


def test_spectra_along_any_axis_are_read():
    iv, raman = measured("own", "nsid_iv_map.h5"), measured("own", "nsid_raman.h5")
    odd = measured("own", "nsid_odd_names.h5")
    with h5py.File(FOLDER / "nsid_raman.h5") as file:
        counts = file[f"{CHANNEL}/counts/counts"][:].reshape(20, -1)

    np.testing.assert_allclose(iv.axis, np.linspace(-2, 2, 41))
    np.testing.assert_allclose(iv.values[7, :, 0], 1e-9 * np.sinh(iv.axis) * (1 + known.COERCIVE[7] / 10), rtol=1e-6)
    np.testing.assert_allclose(raman.axis, np.linspace(100, 1000, 181))
    np.testing.assert_array_equal(raman.values[..., 0], counts)
    np.testing.assert_allclose(odd.axis, np.sqrt(np.linspace(1, 100, 16)))
    assert "sqrt E" in odd.axis_label


def test_a_line_of_spectra_is_a_map_of_one_row():
    found = measured("own", "nsid_line_profile.h5")

    np.testing.assert_allclose(found.values[..., 0], OFF[:5])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nsid_image.h5", "is an image of 20 pixels without a spectral dimension"),
        ("nsid_point_spectrum.h5", "is the spectrum of a single point"),
    ],
)
def test_what_has_no_spectra_of_pixels_is_named(name, message):
    for data in ("own", "loops"):
        with pytest.raises(DataError, match=message):
            measured(data, name)


@pytest.mark.parametrize(
    ("name", "shape"), [("be_image.h5", (4, 5)), ("be_line.h5", (1, 20)), ("nsid_be_image.h5", (4, 5))]
)
def test_a_line_or_an_image_has_a_resonance_at_every_pixel(name, shape):
    found = measured("line", name)
    response = {"be_image.h5": known.SATURATION[:, None], "be_line.h5": known.SATURATION[:, None]}.get(
        name, OFF[:, 4:5]
    )

    assert found.scene.shape == shape
    assert found.values.shape[2] == 2  # real and imaginary part
    np.testing.assert_allclose(found.resonances.frequency, known.resonances(response) / 1e3, atol=0.1)
    np.testing.assert_allclose(found.resonances.amplitude, np.abs(response), atol=1e-5)
