import numpy as np
import pytest
from openpyxl import Workbook

from remanence.data import sheet_marks
from remanence.data.sheet_marks import SheetMarks

PART = "xl/worksheets/sheet1.xml"


@pytest.fixture
def marks(tmp_path):
    """Return the marks of a sheet with merged cells, and with formulas."""

    def of(ranges=(), formulas=()):
        book = Workbook()
        for place in formulas:
            book.active[place] = "=1+1"
        for each in ranges:
            book.active.merge_cells(each)
        book.save(tmp_path / "t.xlsx")
        return SheetMarks.of(tmp_path / "t.xlsx", PART)

    return of


@pytest.mark.parametrize("part", [50, 2**20])
def test_merged_cells_are_found_by_their_column(marks, monkeypatch, part):
    monkeypatch.setattr(sheet_marks, "PART", part)

    assert marks(["A2:A4", "C2:D3", "AB10:AB11", "B1:D1", "A6:A7"]).merged == {
        0: [(1, 3), (5, 6)],
        2: [(1, 2)],
        27: [(9, 10)],
    }


@pytest.mark.parametrize("part", [50, 2**20])
def test_formulas_without_a_result_are_counted(marks, monkeypatch, part):
    monkeypatch.setattr(sheet_marks, "PART", part)

    assert marks(formulas=["A1", "B7"]).uncalculated == 2
    assert marks().uncalculated == 0


def test_rows_get_the_value_of_the_first_of_merged_cells():
    rows = {0: ["id", "d33"], 1: ["P1", 80], 2: [np.nan, 81], 4: [np.nan, 90]}

    filled = SheetMarks({0: [(1, 4)], 3: [(1, 2)]}).fill_down(rows)

    assert rows == {0: ["id", "d33"], 1: ["P1", 80], 2: ["P1", 81], 4: ["P1", 90]}
    assert filled == {0: [2, 4]}
