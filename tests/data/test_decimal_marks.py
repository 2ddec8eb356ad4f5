import pandas as pd
import pytest

from remanence.data import decimal_marks
from remanence.data.decimal_marks import with_points
from remanence.errors import DataError


def frame(**columns):
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})


@pytest.mark.parametrize(
    ("cells", "given", "read"),
    [
        (["1,5", "2"], None, ["1.5", "2"]),
        (["0,123", "1,234"], None, ["0.123", "1.234"]),
        (["1,234", "5,678"], None, ["1,234", "5,678"]),
        (["1,234", "5,678"], ",", ["1.234", "5.678"]),
        (["1,234", "5,678"], ".", ["1234", "5678"]),
        (["1,234.5", "987"], None, ["1234.5", "987"]),
        (["1,234,567", "1,234"], None, ["1234567", "1,234"]),
        (["1.234,5", "12"], None, ["1234.5", "12"]),
        (["1,5", "2.5"], None, ["1,5", "2.5"]),
        (["1,5", "2.5"], ".", ["1,5", "2.5"]),
        (["1.234", "2"], ",", ["1234", "2"]),
        (["345,5±2,1", "<0,5", "~3,4", "3,905(2)"], None, ["345.5±2.1", "<0.5", "~3.4", "3.905(2)"]),
        (["1,5e-3", "−2,5"], None, ["1.5e-3", "−2.5"]),
        (["1,5", "ND", None, 3, 2.5], None, ["1.5", "ND", None, 3, 2.5]),
    ],
)
def test_commas_are_read_where_their_meaning_is_sure(cells, given, read):
    changed, _, _ = with_points(frame(d33=cells), given, "t.csv")

    assert changed["d33"].tolist() == read


def test_a_number_of_another_column_shows_what_a_comma_means():
    changed, mark, shown = with_points(frame(rho=["5,6", "5,5"], eps=["1,234", "2"]), None, "t.csv")

    assert (mark, shown) == (",", "5,6")
    assert changed["eps"].tolist() == ["1.234", "2"]


def test_words_and_lists_keep_their_commas():
    cells = frame(x=["0,5", "0,6"], note=["a, b", "1,5"], formula=["K0,5Na0,5NbO3", "NaNbO3"])

    changed, _, _ = with_points(cells, None, "t.csv")

    assert changed[["note", "formula"]].equals(cells[["note", "formula"]])
    assert changed["x"].tolist() == ["0.5", "0.6"]
    assert cells["x"].tolist() == ["0,5", "0,6"]


def test_a_dot_with_two_meanings_is_refused_where_commas_are_decimal():
    cells = frame(x=["0,5", "0,6"], eps=["2", "1.234"])

    with pytest.raises(DataError) as caught:
        with_points(cells, None, "t.csv")
    assert str(caught.value) == (
        "t.csv: row 3, column 'eps' is '1.234', which is 1234 or 1.234, because the file has decimal commas: "
        "data.decimal=, or data.decimal=. says which"
    )
    assert with_points(cells, ",", "t.csv")[0]["eps"].tolist() == ["2", "1234"]
    assert with_points(cells, None, "t.csv", looked_for=["x"])[0]["x"].tolist() == ["0.5", "0.6"]


def test_columns_that_nobody_looks_for_decide_nothing_and_follow_the_others():
    cells = frame(**{"eps (-)": ["1.234", "2"], "rho": ["5,6", "5,5"]})

    changed, mark, _ = with_points(cells, None, "t.csv", looked_for=["eps"])

    assert mark is None
    assert changed.equals(cells)
    assert with_points(cells, None, "t.csv", looked_for=["rho"])[0]["rho"].tolist() == ["5.6", "5.5"]
    cells["eps (-)"] = ["1,234", "2"]
    assert with_points(cells, None, "t.csv", looked_for=["rho"])[0]["eps (-)"].tolist() == ["1.234", "2"]


def test_a_table_without_commas_is_left_alone():
    cells = frame(x=["0.5", "1.234"])

    assert with_points(cells, None, "t.csv") == (cells, None, None)
    assert with_points(cells, ".", "t.csv")[0] is cells


@pytest.mark.parametrize("given", [None, ","])
def test_a_long_column_is_read_as_a_short_one(monkeypatch, given):
    texts = ["0,5", "-1,25e3", "7", "345,5±2,1", "", "ND", *(["1.234,5"] if given else [])]
    short = with_points(frame(x=texts), given, "t.csv")[0]["x"].tolist()
    monkeypatch.setattr(decimal_marks, "LARGE", 0)
    cells = pd.DataFrame({"x": pd.array(texts, dtype="string[pyarrow]")})

    changed, mark, _ = with_points(cells, given, "t.csv")

    assert mark == ","
    assert changed["x"].tolist() == short
    assert cells["x"].tolist() == texts


def test_texts_of_arrow_are_read_alike():
    cells = pd.DataFrame({"x": pd.array(["0,5", "1.234,5"], dtype="string[pyarrow]")})

    assert with_points(cells, None, "t.csv")[0]["x"].tolist() == ["0.5", "1234.5"]
