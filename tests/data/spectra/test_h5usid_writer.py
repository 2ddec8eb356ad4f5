import h5py
import pytest

from remanence.data.spectra.h5usid_writer import new_hdf5
from remanence.errors import DataError


def test_endings_in_capitals_are_endings(tmp_path):
    with new_hdf5(tmp_path / "loops.H5") as file:
        file["x"] = [1, 2]

    with h5py.File(tmp_path / "loops.H5") as file:
        assert file["x"][()].tolist() == [1, 2]


def test_what_is_wrong_with_another_file_is_not_said_of_this_one(tmp_path):
    with pytest.raises(FileNotFoundError), new_hdf5(tmp_path / "out.h5"):
        (tmp_path / "in.h5").read_bytes()
    with pytest.raises(DataError, match=r"out\.h5: cannot be written: .*disk is full"), new_hdf5(tmp_path / "out.h5"):
        raise OSError(28, "the disk is full")
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "out.h5").mkdir()

    with pytest.raises(DataError, match=r"out\.h5: is a folder"), new_hdf5(tmp_path / "out.h5"):
        pass
