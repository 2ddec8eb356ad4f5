import pandas as pd
import pytest

from remanence.data.column_names import called_as_asked, listed, meant, nearest_column
from remanence.errors import DataError


def test_a_name_means_the_column_of_that_name_or_one_with_a_unit_behind_it():
    header = ["d33 (pC/N)", "T", "T (K)", "T_sint"]

    assert meant("T", header) == ["T"]
    assert meant("d33", header) == ["d33 (pC/N)"]
    assert meant("d33 (pC/N)", header) == ["d33 (pC/N)"]
    assert meant("D33", header) == meant("sint", header) == []
    assert meant("T sint", ["T\xa0sint (ºC)", "T"]) == ["T\xa0sint (ºC)"]


def test_columns_are_called_as_they_are_asked_for_and_keep_the_unit_of_the_header():
    frame = pd.DataFrame([[1, 2, 3]], columns=["d33 (pC/N)", "T, °C", "note"])

    named = called_as_asked(frame, ["T", "d33"], "t.csv")

    assert named.columns.tolist() == ["d33", "T", "note"]
    assert named.attrs["units"] == {"T": "°C", "d33": "pC/N"}
    assert frame.columns.tolist() == ["d33 (pC/N)", "T, °C", "note"]
    assert "units" not in frame.attrs


def test_the_row_below_the_header_has_units_as_well():
    frame = pd.DataFrame([[1, 2]], columns=["d33", "T"])

    assert called_as_asked(frame, ["d33"], "t.csv", {"T": "K"}).attrs["units"] == {"T": "K"}
    frame.columns = ["d33", "T, hot"]
    assert called_as_asked(frame, ["T"], "t.csv", {"T, hot": "K"}).attrs["units"] == {"T": "hot"}


def test_a_name_of_several_columns_is_refused():
    frame = pd.DataFrame([[1, 2]], columns=["d33 (pC/N)", "d33 (m/V)"])

    with pytest.raises(DataError) as caught:
        called_as_asked(frame, ["d33"], "t.csv")

    assert str(caught.value) == "t.csv: 'd33' can be 'd33 (pC/N)', 'd33 (m/V)'; name it with its unit"
    assert called_as_asked(frame, ["d33 (m/V)"], "t.csv").columns.tolist() == ["d33 (pC/N)", "d33 (m/V)"]


def test_the_column_that_was_probably_meant_is_named():
    header = ["x", "d33 (pC/N)", "T_sint [°C]"]

    assert nearest_column("D33", header) == "; did you mean 'd33 (pC/N)'?"
    assert nearest_column("Tsint", header) == "; did you mean 'T_sint [°C]'?"
    assert nearest_column("density", header) == ""
    assert nearest_column("d33, T_sint", header) == "; several columns are a list: [d33,T_sint]"
    assert "list" not in nearest_column("d33,density", header)


def test_a_long_header_is_cut():
    assert listed(["a", "b"]) == "a, b"
    assert listed([f"c{number}" for number in range(70)]).endswith("c59 and 10 more")


def test_a_part_of_a_name_with_a_comma_is_told_how_to_quote_it():
    assert nearest_column("No.", ["Sample, No.", "x"]) == '; a name with a comma is quoted: "Sample, No."'
    assert nearest_column("x", ["x y"]) == "; did you mean 'x y'?"
