"""Tables and arrays that declare more than fits into memory, and the bound that a user sets."""

import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from remanence.data.array_file import load_array, summarise_arrays
from remanence.data.declared_size import LIMIT, bytes_of, free_memory
from remanence.data.table_file import read_table
from remanence.errors import ConfigurationError, DataError

ROWS = 2000


@pytest.fixture
def table(tmp_path):
    """Write the same small table in the format of an ending."""

    def write(ending):
        frame = pd.DataFrame({"x": np.repeat([1.0, 2.0], ROWS // 2), "d33": np.ones(ROWS)})
        path = tmp_path / f"mine{ending}"
        match ending:
            case ".csv":
                frame.to_csv(path, index=False)
            case ".xlsx":
                frame.to_excel(path, index=False)
            case ".parquet":
                frame.to_parquet(path)
        return path

    return write


@pytest.mark.parametrize(
    ("ending", "what"),
    [(".csv", "its text"), (".xlsx", "its unpacked content"), (".parquet", "a table of 2000 rows and 2 columns")],
)
def test_a_table_that_does_not_fit_into_memory_is_one_line_with_both_sizes(command, table, monkeypatch, ending, what):
    path = table(ending)
    monkeypatch.setenv("REMANENCE_MEMORY", "0.00001")

    result = command("train", "experiment=piezo/table", f"data.path={path}", "data.target=d33", "data.features=[x]")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert f"mine{ending}: {what} takes " in line
    assert line.endswith("GB of memory; 1e-05 GB are free (REMANENCE_MEMORY=<gigabytes> sets another bound)")
    monkeypatch.setenv("REMANENCE_MEMORY", "0.1")
    assert read_table(path, ["x", "d33"]).shape == (ROWS, 2)


def test_a_bound_that_is_no_number_is_a_configuration_error(table, monkeypatch):
    monkeypatch.setenv("REMANENCE_MEMORY", "lots")

    with pytest.raises(ConfigurationError, match="REMANENCE_MEMORY: expected a number of gigabytes, got 'lots'"):
        read_table(table(".csv"), [])


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    monkeypatch.delenv("REMANENCE_MEMORY", raising=False)
    free = free_memory()
    (tmp_path / "memory.max").write_text("1000000000\n")
    monkeypatch.setattr("remanence.data.declared_size.LIMIT", tmp_path / "memory.max")

    assert free_memory() < min(free, 1e9)
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory() > 1e9 or free < 1e9
    assert LIMIT.name == "memory.max"


def test_sizes_of_any_number_are_counted():
    assert bytes_of((np.uint64(2**62), 2**10), 8) == 2**75


def declare(path, shape):
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
        file.write(bytes(80))


@pytest.mark.parametrize("values", [10**9, 10**12, 10**30])
def test_an_array_that_declares_more_values_than_its_file_holds_is_one_line(tmp_path, values):
    declare(tmp_path / "a.npy", (values,))

    with pytest.raises(DataError, match=r"a\.npy: is not a whole \.npy file of numbers: .+") as caught:
        load_array(tmp_path / "a.npy")
    assert len(str(caught.value).splitlines()) == 1


def test_an_array_that_does_not_fit_into_memory_is_one_line(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", np.zeros(10**5))
    monkeypatch.setenv("REMANENCE_MEMORY", "0.0001")

    with pytest.raises(DataError, match=r"a\.npy: shape \(100000,\) of float64, takes 0\.0008 GB of memory; 0\.0001"):
        load_array(tmp_path / "a.npy")


def test_zeros_that_are_packed_are_counted_unpacked(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", zeros=np.zeros(10**6), one=np.ones(3))
    assert (tmp_path / "a.npz").stat().st_size < 10**5
    monkeypatch.setenv("REMANENCE_MEMORY", "0.001")

    with pytest.raises(DataError, match=r"a\.npz: zeros takes 0\.008 GB of memory; 0\.001 GB are free"):
        summarise_arrays(tmp_path / "a.npz")


def change_sheet(path, old, new):
    """Replace a text in the first sheet of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content.replace(old, new) if name == sheet else content)


def test_what_a_sheet_says_of_its_extent_is_not_believed(table):
    path = table(".xlsx")
    change_sheet(path, b"A1:B2001", b"A1:XFD1048576")

    assert read_table(path, ["x", "d33"]).shape == (ROWS, 2)


def test_a_stray_cell_in_the_last_corner_takes_no_room_for_the_cells_before_it(tmp_path, monkeypatch):
    book = openpyxl.Workbook()
    for row in (["x", "d33"], [1.0, 2.5], [None, None], ["NA", 4]):
        book.active.append(row)
    book.active["XFD1048576"] = "stray"
    book.save(tmp_path / "mine.xlsx")
    monkeypatch.setenv("REMANENCE_MEMORY", "0.1")  # all cells up to the corner would take 137 GB

    frame = read_table(tmp_path / "mine.xlsx", ["x", "d33"])

    assert frame["x"].tolist()[:2] == [1, "NA"]
    assert frame.index.tolist() == [0, 2, 1048574]


def test_a_row_beyond_the_last_one_of_a_sheet_is_one_line(command, table):
    path = table(".xlsx")
    change_sheet(path, b'<row r="2001"', b'<row r="99999999999"')
    change_sheet(path, b'r="A2001"', b'r="A99999999999"')
    change_sheet(path, b'r="B2001"', b'r="B99999999999"')

    result = command("train", "experiment=piezo/table", f"data.path={path}", "data.target=d33", "data.features=[x]")

    assert result.code == 2
    assert result.err == f"remanence: error: {path}: has a row beyond 1048576, the last one of a sheet\n"
