"""What is read of files of many origins, against numbers of h5py or of their script; docs/formats.md lists them."""

import h5py
import numpy as np
import pytest
from instruments import known
from instruments.manifest import FOLDER
from instruments.scans import ALL_FORC, SCANS

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.configuration.validate import check_target
from remanence.errors import DataError

CHANNEL = "Measurement_000/Channel_000"


def measured(data, name, **options):
    """Return what a class of data reads of a file."""
    given = [f"data.path={FOLDER / name}", *(f"data.{key}={value}" for key, value in options.items())]
    cfg = compose([f"data={data}", *given])
    return build("data", check_target("data", cfg, allowed=cfg.allowed_targets)).read()


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
    found = measured("raw", name)
    with h5py.File(FOLDER / name) as file:
        fit = file[f"{CHANNEL}/Raw_Data-SHO_Fit_000/Fit"][:]

    np.testing.assert_allclose(found.values[..., 1], fit["Frequency [Hz]"] / 1e3, atol=0.1)  # by magnitudes alone
    np.testing.assert_allclose(np.abs(found.values[..., 0]), fit["Amplitude [V]"], atol=1e-5)


def test_the_generator_of_bglib_writes_the_resonances_that_are_found():
    found = measured("raw", "bglib_generated.h5")
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
        ("iv_map.h5", "has no dimension 'Frequency'"),
    ],
)
def test_what_is_no_scan_of_loops_is_named(name, message):
    with pytest.raises(DataError, match=message):
        measured("raw", name)
