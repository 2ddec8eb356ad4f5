"""HDF5 files of any declared size: one line, in a time and in memory that the size of the file bounds."""

import h5py
import numpy as np
import pytest
from declared_scan import declare, nest

import remanence as rm
from remanence.data.published import PUBLISHED
from remanence.data.spectra.hdf5_file import HDF5File
from remanence.data.spectra.simulated import SimulatedScan
from remanence.errors import DataError

PUBLISHED_SCAN = "be/SingFreqPFM_0003.h5"


@pytest.fixture
def scan(tmp_path):
    """A good scan of 100 pixels and 8 bias steps."""
    path = tmp_path / "scan.h5"
    SimulatedScan(rows=10, cols=10, steps=8, bins=20, cycles=1).write(path)
    return path


@pytest.fixture
def train(command):
    """Answer a training on a scan by its only line."""

    def run(path):
        result = command("train", "experiment=beps/raw", f"data.path={path}")
        assert result.code == 2
        (line,) = result.err.splitlines()
        return line

    return run


def test_a_scan_of_a_billion_pixels_that_were_never_written_is_one_line(train, scan):
    declare(scan, 10**9, written=0)

    assert "scan.h5: /Measurement_000/" in train(scan)
    assert "declares the shape (1000000000, " in train(scan)
    assert train(scan).endswith("but no value was ever written")


def test_a_scan_that_does_not_fit_into_memory_is_one_line_with_both_sizes(train, scan, monkeypatch):
    declare(scan, 10**9, written=12)
    monkeypatch.setenv("REMANENCE_MEMORY", "2")

    line = train(scan)

    assert "scan.h5: /Measurement_000/Position_Indices, shape (1000000000, 2) of uint32, takes 80 GB of memory" in line
    assert line.endswith("2 GB are free (REMANENCE_MEMORY=<gigabytes> sets another bound)")


def test_loops_that_do_not_fit_into_memory_are_refused_before_they_are_fitted(command, scan, monkeypatch):
    monkeypatch.setenv("REMANENCE_MEMORY", "0.0001")

    result = command("train", "experiment=beps/raw", f"data.path={scan}")

    assert result.code == 2
    assert "loops of 100 pixels and 8 bias steps takes 0.00012 GB of memory; 0.0001 GB are free" in result.err
    assert "resonances fitted" not in result.out


def test_the_bound_can_be_raised_as_the_message_says(scan, monkeypatch):
    monkeypatch.setenv("REMANENCE_MEMORY", "0.0001")
    with pytest.raises(rm.DataError, match="REMANENCE_MEMORY=<gigabytes>"):
        rm.open_data("beps/raw", f"data.path={scan}")
    monkeypatch.setenv("REMANENCE_MEMORY", "0.001")

    assert rm.open_data("beps/raw", f"data.path={scan}").values.shape == (100, 8, 2)


def test_two_thousand_groups_inside_each_other_are_one_short_line(train, tmp_path):
    nest(tmp_path / "deep.h5", 2000)

    line = train(tmp_path / "deep.h5")

    assert "no main dataset" in line
    assert line.endswith("/g/x")
    assert len(line) < 500


def test_groups_that_lead_to_each_other_are_visited_once(tmp_path):
    with h5py.File(tmp_path / "circle.h5", "w") as file:
        first = file.create_group("first")
        first["x"], first["itself"], first["root"] = np.arange(3), first, file["/"]
        first["soft"], file["nowhere"] = h5py.SoftLink("/first"), h5py.SoftLink("/nowhere")

    assert HDF5File(tmp_path / "circle.h5").datasets == ["/first/x"]


def test_one_value_of_a_huge_chunk_is_refused_because_the_chunk_is_unpacked(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "chunk.h5", "w") as file:
        file.create_dataset("x", (4,), "f8", maxshape=(None,), chunks=(10**6,), compression="gzip")[...] = 1
    monkeypatch.setenv("REMANENCE_MEMORY", "0.001")

    with pytest.raises(DataError, match=r"chunk\.h5: /x, shape \(4,\) of float64, takes 0\.008 GB of memory"):
        HDF5File(tmp_path / "chunk.h5").values("/x", (slice(0, 1),))


@pytest.mark.parametrize(
    ("value", "reason"),
    [(np.zeros(7000), "shape \\(7000,\\), takes 5.6e-05 GB"), (np.arange(3), "can only convert an array of size 1")],
)
def test_an_attribute_that_holds_too_much_is_one_line(scan, value, reason, monkeypatch):
    with h5py.File(scan, "r+") as file:
        file["/Measurement_000/Channel_000/Raw_Data"].attrs["units"] = value
    if len(value) > 10:
        monkeypatch.setenv("REMANENCE_MEMORY", "0.00001")

    with pytest.raises(DataError, match=f"attribute units of /Measurement_000/Channel_000/Raw_Data.*{reason}"):
        HDF5File(scan).attribute("/Measurement_000/Channel_000/Raw_Data", "units")


def test_an_empty_attribute_counts_as_none(scan):
    with h5py.File(scan, "r+") as file:
        file["/Measurement_000/Channel_000/Raw_Data"].attrs["units"] = h5py.Empty("f")

    assert HDF5File(scan).attribute("/Measurement_000/Channel_000/Raw_Data", "units") is None


def test_a_fetched_file_is_described_within_the_memory_that_is_free(command, tmp_path, monkeypatch):
    assert PUBLISHED[PUBLISHED_SCAN].use
    cached = tmp_path / "cache" / PUBLISHED_SCAN
    cached.parent.mkdir(parents=True)
    with h5py.File(cached, "w") as file:
        file.create_dataset("x", (10**9, 32), "f8", chunks=(64, 32))
    monkeypatch.setenv("REMANENCE_MEMORY", "2")

    result = command("data", "describe", PUBLISHED_SCAN)

    assert result.code == 2
    assert "/x, shape (1000000000, 32) of float64, takes 512 GB of memory; 2 GB are free" in result.err
