"""Cells of a workbook come as pandas reads them, so that a table has the same numbers and names as before."""

import datetime

import numpy as np
import openpyxl
import pandas as pd

from remanence.data.workbook_cells import Workbook


def test_cells_are_those_that_pandas_reads(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["x", "name", None, "when"],
        [1.0, "NA", True, datetime.datetime(2026, 11, 28)],
        [None, None, None, None],
        [2.5, "", None, None],
        ["#N/A", " ", 3, datetime.time(12, 30)],
        [10**20, "007", 1e-3, None],
    ):
        book.active.append(row)
    book.active["A5"].data_type = "e"
    book.active["H9"].font = openpyxl.styles.Font(bold=True)  # a cell without a value
    book.create_sheet("second").append(["other"])
    book.save(tmp_path / "mine.xlsx")

    with Workbook(tmp_path / "mine.xlsx") as opened:
        cells, _ = opened.read(opened.names[0])

    by_pandas = pd.read_excel(
        tmp_path / "mine.xlsx", header=None, dtype=object, keep_default_na=False, na_values=[""]
    ).dropna(how="all")
    np.testing.assert_array_equal(cells.index, by_pandas.index)
    for column in by_pandas.columns:
        ours, theirs = cells[column].tolist(), by_pandas[column].tolist()
        assert [(type(a), a) for a in ours if a == a] == [(type(b), b) for b in theirs if b == b]
        assert [a != a for a in ours] == [b != b for b in theirs]
