import pandas as pd
import pytest
from openpyxl import Workbook

from remanence.data.table_file import read_table
from remanence.data.table_format import TableFormat
from remanence.errors import ConfigurationError, DataError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"header_row": -1}, "data.header_row: rows are numbered from 1, got -1"),
        ({"sheet": 0}, "data.sheet: sheets are numbered from 1, got 0"),
        ({"decimal": ";"}, "data.decimal: expected '.' or ',', got ';'"),
        ({"separator": "ab"}, "data.separator: expected one character, tab or space, got 'ab'"),
        ({"separator": '"'}, "data.separator: expected one character, tab or space, got '\"'"),
        ({"encoding": "latin-77"}, "data.encoding: 'latin-77' is not known; utf-8, latin-1, cp1252 and utf-16 are"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(given, message):
    with pytest.raises(ConfigurationError) as caught:
        TableFormat(**given)

    assert str(caught.value).startswith(message)


def test_separators_that_nobody_can_type_have_names():
    assert [TableFormat(separator=name).character for name in ("tab", "space", ";", None)] == ["\t", " ", ";", None]


def test_what_was_given_is_known():
    assert TableFormat(sheet=2, decimal=",").given == {"sheet": 2, "decimal": ","}
    assert TableFormat().given == {}


def test_a_sheet_is_chosen_by_name_and_by_number(tmp_path):
    book = Workbook()
    book.active.append(["x"])
    other = book.create_sheet("run 2")
    for row in (["x"], [7]):
        other.append(row)
    book.save(tmp_path / "t.xlsx")

    for sheet in ("run 2", 2):
        assert read_table(tmp_path / "t.xlsx", ["x"], TableFormat(sheet=sheet))["x"].tolist() == [7]
    with pytest.raises(DataError, match=r"t\.xlsx: data\.sheet: no sheet 'run 3'; it has: Sheet, run 2$"):
        read_table(tmp_path / "t.xlsx", ["x"], TableFormat(sheet="run 3"))
    with pytest.raises(DataError, match=r"data\.sheet: no sheet '3'; it has: Sheet, run 2$"):
        read_table(tmp_path / "t.xlsx", ["x"], TableFormat(sheet=3))


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_titles_stand_above_the_header(tmp_path, name):
    rows = pd.DataFrame([["d33 of 2024", None], ["x", "y"], [1, 2]])
    write = rows.to_csv if name.endswith("csv") else rows.to_excel
    write(tmp_path / name, index=False, header=False)

    frame = read_table(tmp_path / name, ["x", "y"], TableFormat(header_row=2))

    assert frame.astype(float).values.tolist() == [[1, 2]]
    assert frame.index.tolist() == [1]


def test_text_is_read_in_the_encoding_and_with_the_separator_that_are_given(tmp_path):
    (tmp_path / "t.txt").write_bytes("Größe|x\n5|7\n".encode("latin-1"))

    frame = read_table(tmp_path / "t.txt", ["Größe"], TableFormat(separator="|", encoding="latin-1"))

    assert frame.values.tolist() == [["5", "7"]]


def test_overrides_say_what_is_known_of_a_file():
    format, others = TableFormat.taken_from(
        ["data.sheet=NS", "data.header_row=4", "data.decimal=,", "seed=1", "data.sheet="]
    )

    assert format == TableFormat(sheet="NS", header_row=4, decimal=",")
    assert others == ["seed=1", "data.sheet="]
    assert TableFormat.taken_from(["data.sheet=2"])[0].sheet == 2
    with pytest.raises(ConfigurationError, match="expected the number of a row, got 'two'"):
        TableFormat.taken_from(["data.header_row=two"])
