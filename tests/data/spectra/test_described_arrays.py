import numpy as np
import pytest
from instruments.manifest import FOLDER

from remanence.data.spectra.array_spectra import spectra_of_arrays
from remanence.data.spectra.described_arrays import described_arrays
from remanence.errors import DataError


def lines_of(path):
    return list(described_arrays(path))


def test_arrays_of_npz_are_told_with_the_axis_that_fits():
    lines = lines_of(FOLDER / "loops.npz")

    assert "  piezoresponse 4 x 5 x 16 float64" in lines
    assert "  looks like   4 x 5 pixels of 16 points along bias" in lines


def test_a_vector_of_matlab_is_an_axis():
    lines = lines_of(FOLDER / "loops.mat")

    assert "  bias          1 x 16 double" in lines
    assert "  looks like   4 x 5 pixels of 16 points along bias" in lines


@pytest.mark.parametrize(("name", "pixels"), [("loops_map", "4 x 5 pixels"), ("loops_flat", "20 pixels")])
def test_without_an_axis_one_is_asked_for(name, pixels):
    lines = lines_of(FOLDER / f"{name}.npy")

    assert f"  looks like   {pixels} of 16 points; no axis is in the file" in lines


def test_the_command_that_is_told_trains_where_several_arrays_could_be_the_axis(tmp_path):
    path = tmp_path / "band.npz"
    arrays = {name: np.zeros((3, 4, 6, 9)) for name in ("amplitude", "phase")}
    np.savez(path, **arrays, frequency=np.arange(9.0), bias=np.arange(6.0))

    lines = lines_of(path)

    assert "  looks like   3 x 4 pixels of 9 points along frequency, 6 channels" in lines
    assert f"  train        remanence train experiment=spectra/own data.path={path} data.axis=frequency" in lines
    assert lines[-1].endswith("data.axis is one of frequency, bias; what is along another axis is a channel")
    assert spectra_of_arrays(path, axis="frequency").values.shape == (12, 9, 12)
    with pytest.raises(DataError, match="frequency, bias could be the axis"):
        spectra_of_arrays(path)


@pytest.mark.parametrize("shape", [(9, 3, 4), (9, 12), (3, 4, 9), (12, 9), (12, 9, 2), (3, 4, 9, 2), (9, 2, 3, 4)])
def test_what_is_told_of_an_array_is_how_it_is_read(tmp_path, shape):
    np.savez(tmp_path / "a.npz", values=np.zeros(shape), axis=np.arange(9.0))

    (told,) = [line for line in lines_of(tmp_path / "a.npz") if "looks like" in line]

    read = spectra_of_arrays(tmp_path / "a.npz")
    pixels = "3 x 4" if read.shape == (3, 4) else "12"
    channels = ", 2 channels" if len(read.channels) == 2 else ""
    assert told == f"  looks like   {pixels} pixels of 9 points along axis{channels}"


def test_one_vector_is_no_map():
    assert "no spectra of pixels" in lines_of(FOLDER / "bias.npy")[-1]


def test_records_are_told_by_their_fields(tmp_path):
    np.savez(tmp_path / "a.npz", fits=np.zeros((2, 3, 4), dtype=[("A", "f4"), ("Q", "f4")]))

    assert "  fits          2 x 3 x 4 records of A, Q" in lines_of(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.mat"])
def test_a_damaged_file_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"not an array")
    with pytest.raises(DataError, match=f"{name}: cannot be read as {name[1:]}"):
        lines_of(tmp_path / name)


def test_the_real_fits_of_a_contact_kelvin_probe_scan_are_named(shared_data):
    path = shared_data / "be" / "ckpfm_loops_10x10.npz"

    lines = lines_of(path)

    assert "  looks like   fits of a contact Kelvin probe scan (cKPFM), a loop for each read bias" in lines
    assert lines[-1] == f"  train        remanence train experiment=beps/loops data.path={path}"
