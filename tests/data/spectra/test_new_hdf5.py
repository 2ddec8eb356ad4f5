import os
import tempfile

import h5py
import numpy as np
import pytest

from remanence.data.spectra.new_hdf5 import new_hdf5, scratch_hdf5
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


def fill(file):
    """Write spectra, as a prediction does, and many small groups, which HDF5 keeps until the file is closed."""
    spectra = file.create_dataset("spectra", (1000, 50), "f8")
    for start in range(0, 1000, 100):
        spectra[start : start + 100] = np.random.default_rng(0).random((100, 50))
    for number in range(300):
        file.create_group(f"group {number}")


@pytest.mark.parametrize("size", [0, 1000, 100_000, 399_000, 410_000, 450_000])
def test_a_disk_that_becomes_full_at_any_time_leaves_the_earlier_file_and_one_line(tmp_path, room, size):
    path = tmp_path / "out.h5"
    path.write_text("earlier")

    room(size)
    with pytest.raises(DataError) as raised, new_hdf5(path) as file:
        fill(file)

    assert str(raised.value) == f"{path}: cannot be written: File too large"
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_with_just_enough_room_takes_the_file(tmp_path, room):
    room(1_000_000)
    with new_hdf5(tmp_path / "out.h5") as file:
        fill(file)

    with h5py.File(tmp_path / "out.h5") as file:
        assert len(file) == 301
        assert file["spectra"][999].all()


def test_nothing_is_left_of_a_scratch_file_and_a_full_folder_is_named(tmp_path, monkeypatch, room):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch_hdf5() as file:
        fill(file)
        assert file["spectra"][0].all()
        assert not os.listdir(tmp_path)

    room(100_000)
    with pytest.raises(DataError) as raised, scratch_hdf5() as file:
        fill(file)

    assert str(raised.value) == f"{tmp_path}: cannot be written: File too large"
