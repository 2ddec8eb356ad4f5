import numpy as np
import pandas as pd
import pytest

from remanence.data.cells import categories, is_empty, numbers, typed
from remanence.data.table_file import read_table
from remanence.errors import DataError

EMPTY = {"empty text": "", "blank": "  ", "None": None, "NaN": float("nan"), "numpy NaN": np.float64("nan")}


def column(*cells):
    return pd.DataFrame({"d33": pd.Series(list(cells), dtype=object)})


def test_numbers_are_read_however_they_are_typed():
    read = numbers(column("1.5", " 2 ", 3, np.float32(4.5), "-1e3", ".5"), "d33", "t.csv")

    assert read.dtype == np.float64
    assert read.tolist() == [1.5, 2.0, 3.0, 4.5, -1000.0, 0.5]


@pytest.mark.parametrize(
    "cell",
    [
        "high",
        "1,5",
        "12 pC/N",
        "--",
        "1.2.3",
        "1_000",
        "infinity",
        "١٢",
        "１",
        "0x10",
        "1e",
        b"12",
        pd.Timestamp("2024-01-01"),
    ],
)
@pytest.mark.parametrize("row", [0, 2])
def test_a_cell_that_is_no_number_is_named_by_row_and_column(cell, row):
    cells = ["1", "2", "3"]
    cells[row] = cell

    with pytest.raises(DataError) as caught:
        numbers(column(*cells), "d33", "t.csv")

    assert str(caught.value) == f"t.csv: row {row + 2}, column 'd33' is not a number: {cell!r}"


@pytest.mark.parametrize("cell", [*EMPTY.values(), "nan", "NaN"], ids=[*EMPTY, "nan text", "NaN text"])
def test_an_empty_cell_is_no_number(cell):
    with pytest.raises(DataError, match=r"^t\.csv: row 3, column 'd33' is empty( or NaN)?$"):
        numbers(column("1", cell), "d33", "t.csv")


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e999", float("inf")])
def test_an_infinite_cell_is_refused(cell):
    with pytest.raises(DataError, match=r"^t\.csv: row 2, column 'd33' is not finite: "):
        numbers(column(cell, "1"), "d33", "t.csv")


@pytest.mark.parametrize("cell", ["1e39", "-1.1e37", 1e300, 10**40])
def test_a_number_beyond_those_of_a_network_is_refused(cell):
    with pytest.raises(DataError, match=r"^t\.csv: row 2, column 'd33' is too large: .*; the largest is 1e\+37, "):
        numbers(column(cell, "1"), "d33", "t.csv")
    assert numbers(column("1e25", "-9e36", "1e-40"), "d33", "t.csv").tolist() == [1e25, -9e36, 1e-40]


def test_the_first_of_several_wrong_cells_is_reported():
    with pytest.raises(DataError, match=r"row 3, .*'first'"):
        numbers(column("1", "first", "", "last"), "d33", "t.csv")


def test_a_category_becomes_a_one_in_the_column_of_its_level():
    encoded = categories(column("QS", "Sr", "NS", "QS"), "d33", ["NS", "QS", "Sr"], "t.csv")

    assert encoded.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("cell", "level"),
    [(7, "007"), (7.0, "007"), (np.int64(1), "1"), (1.0, "1"), ("1.0", None), (True, "true"), (np.bool_(False), "no")],
    ids=repr,
)
def test_a_category_is_found_however_a_library_has_read_it(cell, level):
    levels = ["007", "1", "false", "true"]
    if level in levels:
        assert levels[categories(column(cell), "d33", levels, "t.csv")[0].argmax()] == level
    elif level == "no":
        assert categories(column(cell), "d33", levels, "t.csv")[0].argmax() == 2
    else:
        with pytest.raises(DataError, match=r"is '1\.0'; known values: 007, 1"):
            categories(column(cell), "d33", levels, "t.csv")


def test_a_number_of_two_categories_is_neither():
    with pytest.raises(DataError, match=r"is '7'; known values: 7\.0, 07"):
        categories(column(7), "d33", ["7.0", "07"], "t.csv")


def test_a_number_may_be_a_category():
    assert categories(column(1, "2", 1), "d33", ["1", "2"], "t.csv").tolist() == [[1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize("cell", ["Mn", "ns", "NS "])
def test_an_unknown_category_lists_the_known_ones(cell):
    with pytest.raises(DataError) as caught:
        categories(column("NS", cell), "d33", ["NS", "QS"], "t.csv")

    assert str(caught.value) == f"t.csv: row 3, column 'd33' is {cell!r}; known values: NS, QS"


@pytest.mark.parametrize("cell", EMPTY.values(), ids=EMPTY)
def test_an_empty_cell_is_no_category(cell):
    assert is_empty(cell)
    with pytest.raises(DataError, match=r"row 3, column 'd33' is empty; known values: NS, QS"):
        categories(column("NS", cell), "d33", ["NS", "QS"], "t.csv")


@pytest.mark.parametrize(
    ("text", "row"),
    [("x,y\n1,2\nbad,3\n", 3), ("x,y\n\n1,2\n\n\nbad,3\n", 6), ("\nx,y\nbad,2\n", 3), ("x,y\nbad,2\n\n", 2)],
    ids=["no blank line", "blank lines between", "blank line above", "blank line below"],
)
def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path, text, row):
    (tmp_path / "t.csv").write_text(text)
    frame = read_table(tmp_path / "t.csv", ["x"])

    with pytest.raises(DataError, match=f"row {row}, column 'x' is not a number: 'bad'"):
        numbers(frame, "x", "t.csv")
    with pytest.raises(DataError, match=f"row {row}, column 'x' is 'bad'"):
        categories(frame, "x", ["1"], "t.csv")


def test_rows_of_a_frame_with_names_are_counted_from_its_top():
    frame = column("1", "bad").set_index(pd.Index(["a", "b"]))

    with pytest.raises(DataError, match="row 3,"):
        numbers(frame, "d33", "input")


def test_columns_of_cells_as_read_get_one_type_each():
    cells = {"size": ["1.50", "", "2"], "name": ["007", "8", "9"], "mixed": [1, "two", None], "kept": [1, 2, 3]}

    frame = typed(pd.DataFrame({key: pd.Series(values, dtype=object) for key, values in cells.items()}))

    assert frame["size"].tolist()[::2] == [1.5, 2.0]
    assert frame["size"].isna().tolist() == [False, True, False]
    assert frame["name"].tolist() == ["007", "8", "9"]
    assert frame["mixed"].tolist()[:2] == ["1", "two"]
    assert frame["kept"].tolist() == [1, 2, 3]
