import pandas as pd
import pytest

from remanence.data.cell_faults import CellFault, refuse_cells
from remanence.errors import DataError


def message(faults, **options):
    frame = pd.DataFrame({"d33": range(40)}, index=range(3, 43))
    with pytest.raises(DataError) as caught:
        refuse_cells(faults, frame, "t.csv", **options)
    return str(caught.value)


def faults(*rows):
    return [CellFault(row, "d33", f"is not a number: 'cell {row}'", advice="do this") for row in rows]


def test_without_a_fault_nothing_is_raised():
    refuse_cells([], pd.DataFrame({"d33": []}), "t.csv")


def test_a_single_cell_is_named_by_the_row_that_a_spreadsheet_shows():
    assert message(faults(0)) == "t.csv: row 5, column 'd33' is not a number: 'cell 0'"
    assert message(faults(0), advised=True) == "t.csv: row 5, column 'd33' is not a number: 'cell 0'; do this"


def test_several_cells_are_told_at_once_in_the_order_of_the_rows():
    line = message(faults(4, 1), advised=True)

    assert line.startswith(
        "t.csv: 2 cells cannot be taken: row 6, column 'd33' is not a number: 'cell 1'; row 9, column"
    )
    assert line.endswith("'cell 4'; do this")


def test_the_first_ten_are_shown_and_the_others_counted():
    line = message(faults(*range(13)))

    assert line.startswith("t.csv: 13 cells cannot be taken: ")
    assert line.count("row ") == 10
    assert "cell 9'" in line
    assert "cell 10'" not in line
    assert line.endswith("; and 3 more")


def test_the_known_values_of_a_category_are_said_once():
    kinds = [CellFault(row, "kind", "is 'q'", known=("o", "p")) for row in (0, 1)]

    assert message(kinds[:1]) == "t.csv: row 5, column 'kind' is 'q'; known values: o, p"
    assert message(kinds).endswith("rows 5, 6, column 'kind' is 'q'; known values: o, p")
    both = message([*kinds, CellFault(2, "wall", "is 'z'", known=("y",))])
    assert both.endswith("column 'wall' is 'z'; known values of 'kind': o, p; known values of 'wall': y")


def test_the_first_cell_of_each_kind_is_shown_however_many_others_stand_above_it():
    many = [CellFault(row, "d33", f"is empty {row}", kind="empty") for row in range(30)]
    line = message([*many, CellFault(35, "d33", "is a bound: '<5'", kind="a bound")])

    assert line.startswith("t.csv: 31 cells cannot be taken: row 5, column 'd33' is empty 0; ")
    assert line.endswith("row 40, column 'd33' is a bound: '<5'; and 21 more")
