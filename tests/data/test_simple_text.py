"""Large files are read in one go, and give what reading row by row gives."""

import numpy as np
import pandas as pd
import pytest

from remanence.data import text_rows
from remanence.data.cells import typed
from remanence.data.table_file import read_table
from remanence.data.table_format import TableFormat
from remanence.errors import DataError

HEADER = "x,kind,d33\n"
ROWS = ["0.06,NS,188.5", "0.10,007,", '"0.15","a, b",1e3', ",,", "0.2,Größe,-3"]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read a text as a large and as a small file, and return both tables."""

    def both(text, *, encoding="utf-8", **format):
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode(encoding))
        tables = []
        for large in (0, 2**40):
            monkeypatch.setattr(text_rows, "LARGE", large)
            tables.append(read_table(path, ["x"], TableFormat(**format)))
        return tables

    return both


def same(fast, careful):
    """Compare what was read at once with what was read row by row; it has numbers where all cells are numbers."""
    careful = typed(careful).astype(object).where(lambda cells: cells.notna(), "")
    fast = typed(fast).astype(object).where(lambda cells: cells.notna(), "")
    assert fast.columns.tolist() == careful.columns.tolist()
    assert fast.index.tolist() == careful.index.tolist()
    assert fast.to_numpy(dtype=object).tolist() == careful.to_numpy(dtype=object).tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_large_file_gives_the_cells_of_a_small_one(read, encoding, newline):
    fast, careful = read((HEADER + "\n".join([*ROWS, "", ROWS[0]]) + "\n\n").replace("\n", newline), encoding=encoding)

    same(fast, careful)
    assert fast["x"].tolist() == [0.06, 0.1, 0.15, 0.2, 0.06]
    assert fast["kind"].tolist() == ["NS", "007", "a, b", "Größe", "NS"]
    assert fast.index.tolist() == [0, 1, 2, 4, 6]


def test_titles_above_the_header_are_left_out(read):
    fast, careful = read('"a title\nof two lines"\n\n' + HEADER + "\n".join(ROWS))

    same(fast, careful)
    assert fast.index[0] == 2
    assert fast["x"].dtype == float


@pytest.mark.parametrize(
    "rows",
    [[*ROWS, '0.3,"two\nlines",5'], [*ROWS, "0.3,more,5,,"]],
    ids=["two lines", "blank cells"],
)
def test_what_is_not_simple_is_read_row_by_row(read, rows):
    fast, careful = read(HEADER + "\n".join(rows))

    same(fast, careful)
    assert fast["x"].dtype == object


def test_a_row_that_is_too_short_is_named(read):
    with pytest.raises(DataError, match=r"t\.csv: row 7 has 2 cells, the header has 3$"):
        read(HEADER + "\n".join([*ROWS, "1,2"]))


def test_every_cell_of_a_really_large_file_is_read(tmp_path):
    values = np.random.default_rng(0).normal(size=(20_000, 4)).round(12)
    pd.DataFrame(values, columns=list("abcd")).to_csv(tmp_path / "t.csv", index=False, sep=";")
    assert (tmp_path / "t.csv").stat().st_size > text_rows.LARGE

    frame = read_table(tmp_path / "t.csv", ["a"])

    assert set(frame.dtypes) == {np.dtype(float)}
    np.testing.assert_array_equal(frame, values)


def test_a_cell_far_down_that_is_no_number_leaves_its_column_as_text(read):
    lines = [f"{number / 8},{number},{number:03d}" for number in range(3000)]

    fast, careful = read("x,n,name\n" + "\n".join([*lines, "ND,3000,3000"]))

    assert isinstance(fast["x"].dtype, pd.StringDtype)
    assert fast["x"].tolist() == careful["x"].tolist()
    assert fast["n"].dtype == np.dtype("int64")
    assert fast["name"].tolist()[:2] == ["000", "001"]
