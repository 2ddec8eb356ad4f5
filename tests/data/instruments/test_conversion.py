import h5py
import numpy as np
import pytest
from instruments import known
from instruments.manifest import FOLDER
from instruments.nanonis_files import SPECTRA, write_3ds, write_sxm

from remanence.data.instruments.conversion import convert, described
from remanence.data.instruments.recorded import Recorded, quantity_and_unit
from remanence.data.spectra.nsid_writer import Axis
from remanence.errors import DataError


def test_a_volume_of_igor_is_a_spectral_image_of_nsid(command, tmp_path):
    result = command("data", "convert", str(FOLDER / "igor_volume.ibw"), str(tmp_path / "a.h5"))

    assert result.code == 0, result.err
    assert "Volume (V): 4 Y x 5 X x 17 Bias" in result.out
    with h5py.File(tmp_path / "a.h5") as file:
        data = file["Measurement_000/Channel_000/Volume/Volume"]
        np.testing.assert_array_equal(data[...].reshape(20, 17), known.loops(np.linspace(-16, 16, 17)))
        assert dict(data.attrs)["data_type"] == "SPECTRAL_IMAGE"
        assert [scale.attrs["units"] for scale in (data.dims[axis][0] for axis in range(3))] == ["m", "m", "V"]


def test_what_a_grid_lacks_is_said_and_is_nan(tmp_path, capsys):
    convert(str(write_3ds(tmp_path / "a.3ds", measured=4)), str(tmp_path / "a.h5"))

    assert "Current (A): 3 Y x 2 X x 4 Bias; 8 of 24 values were never recorded and are NaN" in capsys.readouterr().out
    with h5py.File(tmp_path / "a.h5") as file:
        values = file["Measurement_000/Channel_000/Current/Current"][...]
    np.testing.assert_array_equal(values[:2], SPECTRA[:2, :, 0])
    assert np.isnan(values[2]).all()


def test_each_image_is_a_channel(tmp_path):
    convert(str(write_sxm(tmp_path / "a.sxm")), str(tmp_path / "a.h5"))

    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["Measurement_000"]) == ["Channel_000", "Channel_001"]
        assert file["Measurement_000/Channel_001/Z backward/Z backward"].attrs["data_type"] == "IMAGE"


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path):
    (tmp_path / "a.xyz").write_text("")
    with pytest.raises(
        DataError, match=r"the ending '.xyz' is not known; expected one of .ibw, .3ds, .sxm, .gwy, .dm3"
    ):
        convert(str(tmp_path / "a.xyz"), str(tmp_path / "a.h5"))


@pytest.mark.parametrize("target", ["a.txt", "no/a.h5"])
def test_a_target_that_cannot_be_written_is_refused(tmp_path, target):
    with pytest.raises(DataError, match=r"cannot write|does not exist"):
        convert(str(FOLDER / "igor_image.ibw"), str(tmp_path / target))


def test_a_file_that_is_missing_is_named(command, tmp_path):
    result = command("data", "convert", str(tmp_path / "a.ibw"), str(tmp_path / "a.h5"))

    assert result.code == 2
    assert "a.ibw: no such file" in result.err


def test_source_and_target_are_asked_for(command):
    result = command("data", "convert", "a.ibw")

    assert result.code == 2
    assert "data convert: expected an instrument's file and the file to write" in result.err


def test_a_channel_is_described_in_one_line():
    axes = [Axis("Y", np.arange(2), "m", "Length", "SPATIAL"), Axis("Bias", np.arange(3), "V")]

    assert described(Recorded("I", np.ones((2, 3)), axes)) == "I: 2 Y x 3 Bias"


@pytest.mark.parametrize(
    ("label", "parts"), [("Bias (V)", ("Bias", "V")), ("LI Demod 1 X (A)", ("LI Demod 1 X", "A")), ("Z", ("Z", ""))]
)
def test_a_label_is_a_quantity_and_a_unit(label, parts):
    assert quantity_and_unit(label) == parts
