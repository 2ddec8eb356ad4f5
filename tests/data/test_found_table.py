"""Tables as laboratories have them: what is found, and what is said of it."""

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from remanence.data.cells import numbers, shown_row
from remanence.data.found_table import find_table
from remanence.data.table_file import read_table
from remanence.data.table_format import TableFormat
from remanence.errors import DataError

FOUND = {
    "titles_and_units.xlsx": (
        ["Sample", "x", "Process", "T_sint", "density", "d33", "eps_r"],
        ["row 4 holds the names of the columns (data.header_row)", "row 5 is read as units"],
    ),
    "german_export.csv": (
        ["Probe", "Stoffmenge x", "Prozess", "T_sint [°C]", "Dichte [g/cm³]", "d33 [pC/N]", "eps_r"],
        ["read as cp1252 (data.encoding)", "the comma is read as the decimal mark, as in 0,02 (data.decimal)"],
    ),
    "latin_1.csv": (
        ["échantillon", "x", "température (°C)", "procédé", "d33"],
        ["read as cp1252 (data.encoding)"],
    ),
    "instrument.txt": (
        ["No.", "x", "T_sint (°C)", "d33 (pC/N)"],
        ["row 8 holds the names of the columns (data.header_row)"],
    ),
    "sheets.xlsx": (["Sample", "x", "T_sint", "d33"], ["sheet 'NS' is read, and not Notes, QS (data.sheet)"]),
    "uncertain.csv": (["id", "x", "T_sint", "density", "d33"], []),
    "merged_pellets.xlsx": (
        ["Pellet", "x", "Process", "Piece", "d33 (pC/N)"],
        ["108 merged cells of Pellet, Process, x get the value that stands above them"],
    ),
    "formulas.csv": (["Component", "Process", "T_sint", "d33"], []),
    "blanks.xlsx": (["Sample", "x", "T_sint", "Process", "d33"], []),
    "repeated.csv": (["id", "Component", "T_sint", "Process", "d33"], []),
    "si_units.csv": (["x", "T_sint [K]", "grain_size [m]", "d33 [m/V]"], []),
    "thousands.csv": (["x", "T_sint", "eps_r", "d33"], []),
    "aligned.txt": (
        ["x", "T_sint", "d33"],
        ["blanks separate the cells (data.separator)", "row 3 holds the names of the columns (data.header_row)"],
    ),
    "odd_names.csv": (["Sample, No.", "x = [Ba]", "T sint. (°C)", "process/route", "d33, pC/N", "tan δ (%)"], []),
    "calculated.xlsx": (
        ["x", "T_sint", "d33 first", "d33 second", "d33"],
        ["36 formulas have no result and count as empty: open and save the file in Excel"],
    ),
}
"""Columns of each file, and what is said of it."""


@pytest.mark.parametrize("name", FOUND)
def test_the_table_of_a_laboratory_is_found_and_every_guess_is_said(messy, name):
    columns, said = FOUND[name]

    table = find_table(messy / name)

    assert table.frame.columns.tolist() == columns
    assert list(table.said) == said
    assert table.line(name) == (f"{name}: {'; '.join(said)}" if said else None)


def test_every_file_of_the_folder_is_tested_and_described(messy):
    files = {path.name for path in messy.iterdir() if path.suffix in (".csv", ".txt", ".xlsx")}

    assert files == set(FOUND)
    assert all(f"| `{name}` |" in (messy / "README.md").read_text() for name in files)


@pytest.mark.parametrize("name", ["german_export.csv", "titles_and_units.xlsx", "latin_1.csv", "instrument.txt"])
def test_the_same_ceramics_have_the_same_numbers_however_they_are_written(messy, name):
    frame = find_table(messy / name).frame
    (d33,) = [column for column in frame.columns if column.startswith("d33")]
    plain = find_table(messy / "formulas.csv").frame

    np.testing.assert_array_equal(numbers(frame, d33, name), numbers(plain, "d33", "formulas.csv"))


def test_points_separate_thousands_where_commas_are_decimal(messy):
    frame = find_table(messy / "german_export.csv").frame

    np.testing.assert_array_equal(
        numbers(frame, "eps_r", "german"), numbers(find_table(messy / "titles_and_units.xlsx").frame, "eps_r", "titles")
    )
    assert frame["eps_r"].astype(float).max() > 1000


def test_units_below_the_header_are_those_of_the_columns(messy):
    assert find_table(messy / "titles_and_units.xlsx").units == {"T_sint": "°C", "density": "g/cm³", "d33": "pC/N"}


def test_how_a_file_holds_its_table_reads_it_again_without_a_guess(messy):
    for name in FOUND:
        first = find_table(messy / name)
        again = find_table(messy / name, format=first.format)

        pd.testing.assert_frame_equal(again.frame, first.frame)
        assert [line for line in again.said if "data." in line] == []


def test_the_names_that_are_looked_for_choose_the_sheet_and_the_header(tmp_path):
    book = Workbook()
    for row in (["T_sint", "mean d33"], [1100, 80], [1150, 95]):
        book.active.append(row)
    sheet = book.create_sheet("all")
    for row in (["NBT", "BT", "note"], ["T_sint", "d33 (pC/N)", "note"], [1100, 81, "a"], [1150, 93, "b"]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")

    table = find_table(tmp_path / "t.xlsx", ["T_sint", "d33"])

    assert table.format == TableFormat(sheet="all", header_row=2)
    assert table.said == [
        "sheet 'all' is read, and not Sheet (data.sheet)",
        "row 2 holds the names of the columns (data.header_row)",
    ]
    assert find_table(tmp_path / "t.xlsx", ["mean d33"]).format.sheet == "Sheet"


def test_a_guess_is_printed_with_the_name_of_the_file(messy, capsys):
    read_table(messy / "latin_1.csv", ["d33"])
    assert capsys.readouterr().out == "latin_1.csv: read as cp1252 (data.encoding)\n"

    read_table(messy / "latin_1.csv", ["d33"], TableFormat(encoding="latin-1"))
    assert capsys.readouterr().out == ""


def test_rows_keep_the_numbers_of_the_spreadsheet(messy):
    titled, blanks = find_table(messy / "titles_and_units.xlsx").frame, find_table(messy / "blanks.xlsx").frame

    assert (shown_row(titled, 0), shown_row(titled, 35)) == (6, 41)
    assert [shown_row(blanks, row) for row in (0, 8, 9)] == [3, 11, 13]


def test_columns_without_names_are_numbered(tmp_path):
    (tmp_path / "t.csv").write_text("1,2\n3,4\n")

    frame = read_table(tmp_path / "t.csv", ["2"], TableFormat(header_row=0))

    assert frame.to_dict("list") == {"1": ["1", "3"], "2": ["2", "4"]}
    assert shown_row(frame, 0) == 1


def test_a_header_that_is_not_there_is_refused(messy):
    with pytest.raises(DataError, match=r"titles_and_units\.xlsx: data\.header_row: row 3 is empty$"):
        find_table(messy / "titles_and_units.xlsx", format=TableFormat(header_row=3))


def test_an_encoding_that_the_file_has_not_is_refused(messy):
    with pytest.raises(DataError, match=r"latin_1\.csv: data\.encoding=utf-8: the file is written otherwise: "):
        find_table(messy / "latin_1.csv", format=TableFormat(encoding="utf-8"))
