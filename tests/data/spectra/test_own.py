import h5py
import numpy as np
import pytest
from instruments import known

from remanence.data.spectra.own import OwnSpectra
from remanence.errors import DataError


def read(path, **options):
    return OwnSpectra(path=str(path), **options).read()


@pytest.mark.parametrize(
    ("name", "steps", "axis", "channels"),
    [
        ("nsid_iv_map.h5", 41, "Bias (V)", ("Current (A)",)),
        ("iv_map.h5", 16, "Bias (V)", ("Current (A)",)),
        ("nsid_raman.h5", 181, "wavenumber (1/cm)", ("Intensity (counts)",)),
        ("nsid_odd_names.h5", 16, r"$\sqrt E$ (eV^.5)", ("Counts (counts)",)),
        ("nsid_loops.h5", 16, "Voltage (V)", ("Piezoresponse (V)",)),
        (
            "nsid_two_spectral_dimensions.h5",
            16,
            "Voltage (V)",
            ("Piezoresponse (V), Cycle 0", "Piezoresponse (V), Cycle 1"),
        ),
        ("nsid_channels.h5", 16, "Voltage (V)", ("loops, channel 0", "loops, channel 1")),
    ],
)
def test_any_axis_of_a_file_of_the_field_is_read(instruments, name, steps, axis, channels):
    measured = read(instruments / name)

    assert measured.values.shape == (20, steps, len(channels))
    assert (measured.axis_label, measured.channels) == (axis, channels)
    assert measured.scene.shape == (4, 5)
    assert measured.scene.side == pytest.approx(2.0)


@pytest.mark.parametrize("name", ["nsid_loops.h5", "nsid_x_first.h5"])
def test_pixels_stand_row_by_row_whichever_axis_is_first(instruments, name):
    np.testing.assert_allclose(read(instruments / name).values[..., 0], known.loops(known.bias()))


def test_another_dimension_can_be_the_axis(instruments):
    measured = read(instruments / "nsid_two_spectral_dimensions.h5", axis="Cycle")

    assert measured.values.shape == (20, 2, 16)
    assert measured.axis.tolist() == [0, 1]


def test_the_real_map_of_loops_agrees_with_a_plain_reading(shared_data):
    path = shared_data / "nsid" / "BEPS_PTO_50x50.h5"
    with h5py.File(path) as file:
        values = file["Channel_000/generic/generic"][()]  # (X, Y, Voltage)
        axis = file["Channel_000/generic/Voltage"][()]

    measured = read(path)

    np.testing.assert_array_equal(measured.values.reshape(50, 50, 64), values.transpose(1, 0, 2))
    np.testing.assert_array_equal(measured.axis, axis)
    assert measured.scene.side == pytest.approx(2.0, rel=1e-6)


def test_the_real_channels_of_a_microscope_are_images(shared_data):
    with pytest.raises(
        DataError, match=r"Raw_Data is an image of 16384 pixels without a spectral dimension \(h5USID\)"
    ):
        read(shared_data / "be" / "SingFreqPFM_0003.h5")


def test_names_units_and_side_of_the_user_are_taken(instruments):
    options = {"axis_label": "Raman shift (1/cm)", "channels": ["intensity"], "side": 7.5}

    measured = read(instruments / "nsid_raman.h5", **options)

    assert (measured.axis_label, measured.channels, measured.scene.side) == ("Raman shift (1/cm)", ("intensity",), 7.5)


def test_an_array_without_a_map_has_no_scene(instruments):
    assert read(instruments / "loops_flat.npy", axis="bias.npy").scene is None
    assert read(instruments / "loops_flat.npy", axis="bias.npy", shape=[4, 5]).scene.shape == (4, 5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "nsid_image.h5",
            "is an image of 20 pixels without a spectral dimension (NSID); what would be read has a value",
        ),
        ("nsid_point_spectrum.h5", "is the spectrum of a single point (NSID); expected those of many pixels"),
        ("igor_curve.ibw", "an instrument's own file: remanence data convert"),
        ("hyperspy_loops.hspy", "no main dataset"),
        ("no such.h5", "no such file"),
    ],
)
def test_what_is_not_read_is_named_as_what_it_is(instruments, name, expected):
    with pytest.raises(DataError) as caught:
        read(instruments / name)
    assert expected in str(caught.value)
    assert str(instruments / name) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_without_a_path_the_way_is_named():
    with pytest.raises(DataError, match=r"data.path: no file given; add data.path=.* to experiment=spectra/own"):
        OwnSpectra().read()
