"""docs/tables.md and its tutorial say what a table must look like; each line and each cell of them is tried here."""

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from remanence.data.column_names import meant
from remanence.data.number_cell import number_cell
from remanence.data.table import Table
from remanence.data.table_format import TableFormat
from remanence.errors import DataError

ROOT = Path(__file__).parents[2]
MESSY = ROOT / "tests" / "data" / "messy"
PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorials" / "own-table.md").read_text(encoding="utf-8")
SPLIT = {"folds": 3, "fold": 0, "validation": 0.2, "bins": 3, "seed": 0}


def rows_of(title):
    """Return the cells of the table below a heading."""
    (text,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


CELLS = [
    (cell, what, done)
    for cells, what, done in rows_of("Cells of a column of numbers")
    for cell in re.findall(r"`([^`]+)`", cells)
]


def test_the_five_lines_are_those_of_the_tutorial():
    lines = re.findall(r"^[1-5]\. .*?(?=^[1-5]\. |^$)", PAGE, re.DOTALL | re.MULTILINE)

    assert len(lines) == 5
    assert all(line in TUTORIAL for line in lines)


@pytest.mark.parametrize(("cell", "what", "done"), CELLS, ids=[cell for cell, _, _ in CELLS])
def test_a_cell_is_what_the_page_says(cell, what, done):
    found = number_cell(cell)

    assert (found.what == "") == (what == "a number")
    assert found.missing == (what == "no value") == ("`data.missing`" in done)
    assert found.uncertain == ("`data.uncertain`" in done)
    if "`data.decimal`" in done:
        assert "data.decimal" in found.advice
    if "refused" in done:
        assert found.what
        assert np.isnan(found.value)
    if "half its width" in done:
        assert (found.value, found.uncertainty) == (345, 5)


def test_the_page_lists_the_keys_of_the_file():
    keys = [re.findall(r"`data\.(\w+)`", cells[0])[0] for cells in rows_of("The file")]

    assert keys == [each.name for each in fields(TableFormat)]


def test_a_column_is_found_by_every_way_to_write_a_unit_that_the_page_names():
    (line,) = re.findall(r"`d33` finds (.*?), and the unit", PAGE, re.DOTALL)

    for header in re.findall(r"`([^`]+)`", line):
        assert meant("d33", ["x", header]) == [header]


def opened(name, **given):
    return Table(path=str(MESSY / name), split=SPLIT, **{"target": "d33", "features": ["x"]} | given).open()


def test_line_1_names_and_units_stand_above_or_below():
    data = opened("titles_and_units.xlsx", features=["x", "T_sint"])

    assert len(data.x) == 36
    assert (data.columns.units["T_sint"], data.columns.units["d33"]) == ("°C", "pC/N")
    assert opened("si_units.csv").columns.units["d33"] == "m/V"


def test_line_2_cells_without_a_value_and_with_an_uncertainty_are_taken_by_keys():
    with pytest.raises(
        DataError, match=r"35 cells cannot be taken: row 2, .*data\.missing=drop.*|.*data\.uncertain=value"
    ):
        opened("uncertain.csv", target="density", features=["x", "T_sint"])
    data = opened("uncertain.csv", target="density", features=["x", "T_sint"], missing="drop", uncertain="value")

    assert len(data.y) == 33
    assert np.isfinite(data.uncertainty).sum() == 32


def test_line_3_text_is_a_category_and_formulas_are_named():
    data = opened("formulas.csv", features=["Process"], composition="Component")

    assert data.columns.levels == {"Process": ["NS", "QS"]}
    assert {"Na", "Bi", "Ba"} <= set(data.columns.inputs)


def test_line_4_samples_stay_together():
    data = opened("merged_pellets.xlsx", groups="Pellet")

    pellets = data.frame["Pellet"].to_numpy()
    assert not set(pellets[data.fold.test]) & set(pellets[data.fold.fitting])


def test_line_5_other_columns_may_hold_anything():
    assert len(opened("uncertain.csv", target="T_sint").y) == 36
