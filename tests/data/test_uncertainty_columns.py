import pytest

from remanence.data.uncertainty_columns import said_of_uncertainty, uncertainty_columns


@pytest.mark.parametrize("name", ["d33_sd", "sd d33", "Δd33", "d33 ±", "u(d33)", "d33_err (pC/N)", "d33 std", "σ_d33"])
def test_a_column_is_told_by_its_name(name):
    assert uncertainty_columns(["x", "d33 (pC/N)", "T", name], ["d33 (pC/N)"]) == {"d33 (pC/N)": name}


def test_a_column_without_a_name_of_its_own_belongs_to_its_left_neighbour():
    assert uncertainty_columns(["d33", "±", "T", "error"], ["d33", "T"]) == {"d33": "±", "T": "error"}


@pytest.mark.parametrize("name", ["T", "d31_sd", "d33_2", "d33 predicted", "eps"])
def test_other_columns_are_none(name):
    assert uncertainty_columns(["d33", "T", name], ["d33"]) == {}


def test_a_line_says_how_it_is_used_unless_it_is():
    header = ["x", "d33", "d33_sd"]

    (line,) = said_of_uncertainty(header, ["d33"], {}, "t.csv")
    assert line.startswith("t.csv: column 'd33_sd' looks like the uncertainty of 'd33'; ")
    assert line.endswith("data.uncertainty={d33: d33_sd} weighs each row by it")
    assert said_of_uncertainty(header, ["d33"], {"d33": "other"}, "t.csv") == []
