import pandas as pd
import pytest
from openpyxl import load_workbook

from remanence.data.table_file import check_room, read_table, write_table
from remanence.data.workbook import CHARACTERS, COLUMNS, ROWS, check_size
from remanence.errors import DataError

TEXTS = [
    "=1+1",
    "=HYPERLINK(\"http://nowhere\")",
    "=",
    "#N/A",
    "#DIV/0!",
    "+1 pC/N",
    "-x",
    "@home",
    "'quoted",
    " blank ",
    "007",
    "12345678901234567890",
    "two\nlines",
    "<b>&",
    "😀",
]  # fmt: skip


def test_every_text_is_read_back_as_it_was(tmp_path):
    write_table(pd.DataFrame({"=name": TEXTS, "#": range(len(TEXTS))}), tmp_path / "t.xlsx")

    frame = read_table(tmp_path / "t.xlsx", ["=name", "#"])

    assert frame["=name"].tolist() == TEXTS
    assert frame["#"].tolist() == list(range(len(TEXTS)))


def test_no_text_is_a_formula_for_excel(tmp_path):
    write_table(pd.DataFrame({"=1+1": ["=1+1", "#N/A", "a"]}), tmp_path / "t.xlsx")

    cells = [cell for (cell,) in load_workbook(tmp_path / "t.xlsx").active.iter_rows()]

    assert [cell.data_type for cell in cells] == ["s"] * 4
    assert [bool(cell.quotePrefix) for cell in cells] == [True, True, True, False]


def test_digits_that_a_number_would_lose_are_text(tmp_path):
    names = ["1234567890123456", "12"]

    for name in ("t.xlsx", "t.parquet"):
        write_table(pd.DataFrame({"id": names, "x": ["0.123456789012345", "2"]}, dtype=object), tmp_path / name)
        assert read_table(tmp_path / name, ["id"])["id"].tolist() == names
        assert read_table(tmp_path / name, ["x"])["x"].tolist() == [0.123456789012345, 2]


@pytest.mark.parametrize("text", ["x" * CHARACTERS, "😀" * (CHARACTERS // 2)])
def test_the_longest_cell_is_written_whole(tmp_path, text):
    write_table(pd.DataFrame({"note": [text]}), tmp_path / "t.xlsx")

    assert read_table(tmp_path / "t.xlsx", ["note"])["note"].tolist() == [text]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (CHARACTERS + 1), "has 32768 characters, a workbook holds at most 32767; write .csv"),
        ("😀" * (CHARACTERS // 2 + 1), "has 32768 characters, a workbook holds at most 32767; write .csv"),
        ("a\x07b", r"has the character '\x07', which a workbook cannot hold; write .csv"),
        ("\uffff", r"has the character '\uffff', which a workbook cannot hold; write .csv"),
    ],
)
@pytest.mark.parametrize("name", ["t.xlsx", "T.XLSX"])
def test_a_text_that_a_cell_cannot_hold_is_refused_by_its_place(tmp_path, text, reason, name):
    path = tmp_path / name
    path.write_text("earlier")

    with pytest.raises(DataError) as raised:
        write_table(pd.DataFrame({"x": [1, 2], "note": ["short", text]}), path)
    assert str(raised.value) == f"{path}: row 3, column 'note' {reason}"
    with pytest.raises(DataError) as raised:
        write_table(pd.DataFrame({"x": [1], text: [2]}), path)
    assert str(raised.value) == f"{path}: the name of column 2 {reason}"

    assert path.read_text() == "earlier"
    write_table(pd.DataFrame({"note": [text]}), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv", ["note"])["note"].tolist() == [text]


def test_a_table_that_is_too_large_is_refused():
    check_size(ROWS - 1, COLUMNS, "t.xlsx")
    with pytest.raises(DataError, match=r"^t\.xlsx: a workbook holds at most 1048575 rows, the table has 1048576; "):
        check_size(ROWS, 1, "t.xlsx")
    wide = pd.DataFrame([[1, 2]] * 3).reindex(columns=range(COLUMNS))
    check_room(wide, "t.xlsx")
    check_room(wide, "t.csv", further=1)
    with pytest.raises(DataError, match=r"^t\.xlsx: a workbook holds at most 16384 columns, the table has 16385; "):
        check_room(wide, "t.xlsx", further=1)


def test_an_ending_in_capitals_is_a_workbook(tmp_path):
    write_table(pd.DataFrame({"x": [1.5]}), tmp_path / "T.XLSX")

    assert read_table(tmp_path / "T.XLSX", ["x"])["x"].tolist() == [1.5]
