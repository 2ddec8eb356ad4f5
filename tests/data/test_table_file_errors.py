import re

import pandas as pd
import pytest

from remanence.data.table_file import check_header, read_table, write_table
from remanence.errors import DataError

FORMATS = [".csv", ".tsv", ".xlsx", ".parquet"]
BYTES = {
    "nothing": ("t.csv", b"", "the file is empty"),
    "a byte order mark only": ("t.csv", b"\xef\xbb\xbf", "the file is empty"),
    "blank lines only": ("t.csv", b"\n\n  \n", "the file is empty"),
    "a header only": ("t.csv", b"x,d33\n", "a header but no rows"),
    "a header and blank lines": ("t.csv", b"x,d33\n\n,\n", "a header but no rows"),
    "a row too short": ("t.csv", b"x,d33\n1,2\n3\n", "row 3 has 1 cells, the header has 2"),
    "a row too long": ("t.csv", b"x,d33\n1,2\n3,4\n5,6,7\n", "row 4 has 3 cells, the header has 2"),
    "a short row after a blank line": ("t.csv", b"x,d33\n\n1,2\n\n3\n", "row 5 has 1 cells"),
    "a quote that never ends": ("t.csv", b'remark,x,d33\n"a,1,2\nb,3,4\n', "unexpected end of data"),
    "no workbook": ("t.xlsx", b"x,d33\n1,2\n", "cannot be read as a table"),
    "no parquet": ("t.parquet", b"x,d33\n1,2\n", "cannot be read as a table"),
}


def error_of(path, named=("x", "d33")):
    with pytest.raises(DataError) as caught:
        read_table(path, named)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize(("name", "content", "reason"), BYTES.values(), ids=BYTES)
def test_a_file_without_a_table_says_what_is_wrong_with_it(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)

    message = error_of(tmp_path / name)
    assert reason in message


@pytest.mark.parametrize("name", ["missing.csv", "missing.docx", "no folder/t.csv", "."])
def test_a_path_that_is_no_file_is_said_before_anything_else(tmp_path, name):
    assert error_of(tmp_path / name) == "no such file"


@pytest.mark.parametrize("name", ["t.docx", "t", "t.csv.gz"])
def test_an_unknown_ending_lists_the_known_ones(tmp_path, name):
    (tmp_path / name).write_text("x,d33\n1,2\n")

    message = error_of(tmp_path / name)
    assert "unknown kind of table" in message
    for known in (".csv", ".xlsx", ".parquet"):
        assert known in message


@pytest.mark.parametrize("ending", FORMATS)
def test_a_missing_column_lists_those_that_are_there(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(pd.DataFrame({"x": [1], "D33": [2], "eps r": [3]}), path)

    assert error_of(path) == "no column 'd33'; it has: x, D33, eps r; did you mean 'D33'?"


@pytest.mark.parametrize("ending", FORMATS)
def test_a_table_without_rows_is_refused_in_every_format(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(pd.DataFrame({"x": [], "d33": []}), path)

    assert error_of(path) == "the table has a header but no rows"


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".xlsx"])
def test_a_named_column_may_stand_once_only(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(pd.DataFrame([[1, 2, 3, 4]], columns=["x", "d33", "x", "x"]), path)

    assert error_of(path) == "column 'x' stands 3 times in the header"
    assert read_table(path, ["d33"])["d33"].astype(str).tolist() == ["2"]


def test_the_first_named_column_that_is_wrong_is_reported():
    with pytest.raises(DataError, match="no column 'y'"):
        check_header(["x", "x", "z"], ["z", "y", "x"], "t.csv")
    with pytest.raises(DataError, match=re.escape("t.csv: column 'x' stands 2 times")):
        check_header(["x", "x", "z"], ["z", "x", "y"], "t.csv")
