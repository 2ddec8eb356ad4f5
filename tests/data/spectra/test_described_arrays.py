import numpy as np
import pytest
from instruments.manifest import FOLDER

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
