import pickle

import h5py
import numpy as np
import pytest

from remanence.data.array_file import ArraySummary, load_array, summarise_arrays
from remanence.errors import DataError


class Harmful:
    def __reduce__(self):
        return print, ("code in a file was run",)


def message(read, path):
    with pytest.raises(DataError) as caught:
        read(path)
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert text.startswith(f"{path}: ")
    return text


def test_numbers_are_read_as_they_are(tmp_path):
    values = np.arange(6, dtype=np.int16).reshape(2, 3)
    np.save(tmp_path / "a.npy", values)

    read = load_array(tmp_path / "a.npy")

    assert read.dtype == np.int16
    np.testing.assert_array_equal(read, values)


def test_a_missing_file_is_named(tmp_path):
    assert message(load_array, tmp_path / "none.npy").endswith("no such file")


@pytest.mark.parametrize(
    "content", [b"", b"bias,P\n1,2\n", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff{", b"\x89HDF\r\n"]
)
def test_what_is_no_array_is_one_line(tmp_path, content):
    path = tmp_path / "a.npy"
    path.write_bytes(content)

    assert "is not a whole .npy file of numbers" in message(load_array, path)


def test_a_truncated_array_is_one_line(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(100))
    path.write_bytes(path.read_bytes()[:400])

    assert "is not a whole .npy file of numbers" in message(load_array, path)


@pytest.mark.parametrize("plain", [True, False])
def test_pickled_objects_are_refused_and_not_run(tmp_path, capsys, plain):
    path = tmp_path / "a.npy"
    if plain:
        path.write_bytes(pickle.dumps(Harmful()))
    else:
        np.save(path, np.array([Harmful()], dtype=object), allow_pickle=True)

    message(load_array, path)

    assert capsys.readouterr().out == ""


def test_an_archive_in_place_of_an_array_is_one_line(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")

    assert "archive of arrays" in message(load_array, tmp_path / "a.npy")


@pytest.mark.parametrize("values", [np.array(["a"]), np.zeros(2, dtype=complex), np.zeros(2, dtype=[("a", float)])])
def test_what_is_no_real_number_is_one_line(tmp_path, values):
    np.save(tmp_path / "a.npy", values)

    assert "expected real numbers" in message(load_array, tmp_path / "a.npy")


def test_each_array_is_summarised(tmp_path):
    np.save(tmp_path / "bias.npy", np.array([[-1.5, np.nan, 2]]))
    np.savez(tmp_path / "fit.npz", records=np.zeros(4, dtype=[("Q", "f4"), ("R2", "f4")]), names=np.array(["a"]))
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file["group/raw"] = np.zeros((2, 3), dtype=np.complex64)

    assert summarise_arrays(tmp_path / "bias.npy") == [ArraySummary("bias", (1, 3), "float64", "-1.5 to 2")]
    assert summarise_arrays(tmp_path / "fit.npz") == [
        ArraySummary("records", (4,), "Q, R2", ""),
        ArraySummary("names", (1,), "<U1", ""),
    ]
    assert summarise_arrays(tmp_path / "scan.h5") == [ArraySummary("/group/raw", (2, 3), "complex64", "")]


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5"])
def test_a_file_that_cannot_be_summarised_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"garbage")

    message(summarise_arrays, tmp_path / name)
