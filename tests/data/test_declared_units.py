import pandas as pd
import pytest

from remanence.data.declared_units import as_named, name_and_unit, split_unit
from remanence.errors import DataError


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("d33 [pC/N]", ("d33", "pC/N")),
        ("d33(m/V)", ("d33", "m/V")),
        ("x(Ba) [mol%]", ("x(Ba)", "mol%")),
        ("eps_r", ("eps_r", None)),
        (" eps_r ", ("eps_r", None)),
        ("[pC/N]", ("[pC/N]", None)),
    ],
)
def test_a_unit_stands_in_brackets_behind_a_name(name, parts):
    assert split_unit(name) == parts


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("d33 (pC/N)", ("d33", "pC/N")),
        ("d33 [pC/N]", ("d33", "pC/N")),
        ("T_sint, °C", ("T_sint", "°C")),
        ("T / K", ("T", "K")),
        ("Na/K", ("Na/K", None)),
        ("x", ("x", None)),
    ],
)
def test_a_unit_stands_in_brackets_behind_a_comma_or_behind_a_stroke(header, parts):
    assert name_and_unit(header) == parts


@pytest.mark.parametrize(
    ("header", "named", "units", "reason"),
    [
        (
            ["d33 [m/V]"],
            "d33 [pC/N]",
            {},
            "column 'd33 [m/V]' is in m/V, the model was trained on 'd33 [pC/N]' in pC/N",
        ),
        (["x", "d33 (m/V)"], "d33", {"d33": "pC/N"}, "is in m/V, the model was trained on 'd33' in pC/N"),
        (
            ["d33"],
            "d33 [pC/N]",
            {},
            "column 'd33' is in no declared unit, the model was trained on 'd33 [pC/N]' in pC/N",
        ),
        (["T / K"], "T", {"T": "°C"}, "column 'T / K' is in K, the model was trained on 'T' in °C"),
        (["d33 [pC/N]"], "d33", {}, "is in pC/N, the model was trained on 'd33' in no declared unit"),
    ],
)
def test_a_column_in_another_unit_is_refused_with_both_units(header, named, units, reason):
    with pytest.raises(DataError) as refused:
        as_named(pd.DataFrame(columns=header), [named], units, "new.csv")

    assert str(refused.value).startswith("new.csv: column ")
    assert reason in str(refused.value)
    assert str(refused.value).endswith(f"; convert it and call it '{named}'")


@pytest.mark.parametrize("header", [["d33"], ["eps_r [1]"], [], ["d33", "d33 [m/V]"]])
def test_the_same_name_and_other_columns_pass(header):
    assert as_named(pd.DataFrame(columns=header), ["d33"], {"d33": "pC/N"}, "new.csv").columns.tolist() == header


@pytest.mark.parametrize(
    ("header", "named", "units"),
    [
        (["x", "d33 [pC/N]"], "d33", {"d33": "pC/N"}),
        (["x", "d33 (pC/N)"], "d33 [pC/N]", {}),
        (["x", "d33 / pC/N"], "d33", {"d33": "pC/N"}),
        (["x", "d33, pC/N"], "d33 (pC/N)", {}),
        (["x", "T\xa0sint. (ºC)"], "T sint.", {"T sint.": "°C"}),
        (["x", "d₃₃ (\N{GREEK SMALL LETTER MU}C)"], "d33", {"d33": "\N{MICRO SIGN}C"}),
        (["x", "Gro\u0308ße"], "Größe", {}),
    ],
)
def test_a_column_is_found_by_its_name_and_unit_however_the_unit_is_written(header, named, units):
    frame = pd.DataFrame([[1, 2]], columns=header)

    found = as_named(frame, [named], units, "new.csv")

    assert found.columns.tolist() == ["x", named]
    assert frame.columns.tolist() == header


def test_a_column_of_the_very_name_comes_before_one_that_looks_alike():
    header = ["T\xa0sint (K)", "T sint (°C)"]

    found = as_named(pd.DataFrame([[1, 2]], columns=header), ["T sint"], {"T sint": "°C"}, "new.csv")

    assert found.columns.tolist() == ["T\xa0sint (K)", "T sint"]


def test_a_row_of_units_below_the_header_is_compared_as_well():
    frame = pd.DataFrame([[1.0]], columns=["d33"])
    frame.attrs["units"] = {"d33": "m/V"}

    with pytest.raises(DataError, match=r"column 'd33' is in m/V, the model was trained on 'd33' in pC/N; convert it"):
        as_named(frame, ["d33"], {"d33": "pC/N"}, "new.csv")
    assert as_named(frame, ["d33"], {"d33": "m/V"}, "new.csv") is frame
    assert as_named(frame, ["d33"], {}, "new.csv") is frame
