import pickle

import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.band_excitation_line import BandExcitationLine
from remanence.errors import DataError

STILL = known.spectra(known.SATURATION[:, None])[:, 0]


def opened(name, **arguments):
    return BandExcitationLine(manifest.FOLDER / f"{name}.h5", **arguments)


@pytest.mark.parametrize(
    ("name", "shape"), [("be_line", (1, 20)), ("be_image", (4, 5)), ("be_image_before_beps", (4, 5))]
)
def test_a_line_or_image_is_one_spectrum_for_each_pixel(name, shape):
    scan = opened(name)

    assert (scan.main.grid.shape, scan.pixels, scan.measured) == (shape, 20, 20)
    np.testing.assert_allclose(scan.frequency, known.FREQUENCY)
    np.testing.assert_array_equal(scan.read()[:, 0], STILL)
    np.testing.assert_array_equal(scan.read(slice(3, 7))[:, 0], STILL[3:7])
    assert np.isnan(scan.voltage).all()
    assert scan.units == {"signal": "V", "Frequency": "Hz"}


def test_an_nsid_image_of_spectra_is_read_alike():
    scan = opened("nsid_be_image")

    assert (scan.main.format, scan.main.grid.shape) == ("NSID", (4, 5))
    np.testing.assert_allclose(scan.frequency, known.FREQUENCY[::2])


def test_of_several_datasets_the_one_without_a_bias_is_read_and_told():
    assert opened("be_image_before_beps").said == (
        "/Measurement_000/Channel_000/Raw_Data is read, of 2 datasets; data.measurement or data.channel chooses",
    )


def test_an_ac_sweep_is_read_at_the_largest_drive_or_at_the_step_that_is_chosen():
    largest, first, last = (opened("be_ac_sweep", step=step) for step in (None, 0, -1))

    assert [scan.step for scan in (largest, first, last)] == [7, 0, 15]
    assert [float(scan.voltage[0]) for scan in (largest, first, last)] == [2.0, 0.25, 0.25]
    assert largest.said == (
        "16 spectra for each pixel, of which step 7 is read (AC_Amplitude 2 A, Direction 0); data.step chooses",
    )
    strong, weak = (np.abs(scan.read()).max(axis=(1, 2)) for scan in (largest, first))
    np.testing.assert_allclose(strong / weak, 8, rtol=0.15)


def test_one_step_of_a_loop_is_read_if_it_is_asked_for():
    scan = opened("beps_snake", step=4)

    np.testing.assert_array_equal(scan.read()[:, 0], known.spectra(known.loops(known.bias()))[:, 4])


def test_frequencies_are_read_in_rising_order_and_with_the_unit_that_is_given():
    scan = opened("be_image", units={"Frequency": "kHz"}, names={"Frequency": "Frequency"})

    np.testing.assert_allclose(scan.frequency, 1e3 * known.FREQUENCY)
    assert "where no contact resonance is expected" in scan.said[0]


def test_chunks_are_the_whole():
    scan = opened("be_image")

    parts = list(scan.chunks(6))

    assert [part.stop for part, _ in parts] == [6, 12, 18, 20]
    np.testing.assert_array_equal(np.concatenate([spectra for _, spectra in parts]), scan.read())
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(scan)).read(), scan.read())


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("beps_snake", {}, "has a bias, of 16 spectra for each pixel: experiment=beps/raw reads its loops; data.step="),
        ("be_ac_sweep", {"step": 16}, "step 16 is not there; it has 16, counted from 0"),
        ("be_image", {"step": -2}, "step -2 is not there; it has 1, counted from 0"),
        ("be_image", {"names": {"DC_Offset": "bins"}}, "data.names: it has no dimension 'bins' to be DC_Offset"),
        ("be_image", {"measurement": "Measurement_007"}, "no main dataset /Measurement_007/Channel_*/Raw_Data"),
        ("nsid_image", {}, "is an NSID image without a spectral dimension; expected one band-excitation spectrum"),
        ("iv_map", {}, "has no dimension 'Frequency'; it has: DC_Offset"),
    ],
)
def test_what_is_no_line_is_named_in_one_line(name, arguments, reason):
    with pytest.raises(DataError) as caught:
        opened(name, **arguments)

    (line,) = str(caught.value).splitlines()
    assert reason in line
    assert line.startswith(str(manifest.FOLDER / f"{name}.h5"))
