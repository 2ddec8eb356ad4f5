import h5py
import numpy as np
import pytest

from remanence.data.spectra.named_arrays import read_arrays
from remanence.errors import DataError

VALUES = np.arange(12.0).reshape(3, 4)


def test_arrays_come_back_as_numpy_and_scipy_wrote_them(tmp_path):
    from scipy.io import savemat

    np.save(tmp_path / "one.npy", VALUES + 1j)
    np.savez(tmp_path / "many.npz", first=VALUES, text=np.array(["a"]))
    savemat(tmp_path / "matlab.mat", {"first": VALUES, "cell": np.array([{}], dtype=object)})

    assert list(read_arrays(tmp_path / "one.npy")) == ["one"]
    np.testing.assert_array_equal(read_arrays(tmp_path / "one.npy")["one"], VALUES + 1j)
    for name in ("many.npz", "matlab.mat"):
        found = read_arrays(tmp_path / name)
        assert list(found) == ["first"]
        np.testing.assert_array_equal(found["first"], VALUES)


def test_a_matlab_file_in_hdf5_has_its_axes_in_the_order_of_matlab(tmp_path):
    path = tmp_path / "new.mat"
    with h5py.File(path, "w", userblock_size=512) as file:  # MATLAB writes its header into the block of 512 bytes
        file["first"] = VALUES.T
        file["complex"] = np.rec.fromarrays([VALUES.T, -VALUES.T], names="real,imag")
    with open(path, "r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")

    found = read_arrays(path)

    np.testing.assert_array_equal(found["first"], VALUES)
    np.testing.assert_array_equal(found["complex"], VALUES - 1j * VALUES)


@pytest.mark.parametrize("name", ["no.npy", "torn.npy", "torn.npz", "torn.mat", "texts.npz"])
def test_a_file_that_cannot_be_read_is_named_in_one_line(tmp_path, name):
    path = tmp_path / name
    if name == "texts.npz":
        np.savez(path, text=np.array(["a"]))
    elif name != "no.npy":
        path.write_bytes(b"\x93NUMPY\x01\x00" if name.endswith(".npy") else b"PK\x03\x04 and no more")

    with pytest.raises(DataError) as caught:
        read_arrays(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(DataError):
        read_arrays(tmp_path / "objects.npy")
