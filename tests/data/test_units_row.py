import pytest

from remanence.data.header import RawRow
from remanence.data.units_row import units_below

HEADER = RawRow(1, ["id", "x", "T_sint", "d33"])


def units(*rows, header=HEADER):
    return units_below(header, [RawRow(number, row) for number, row in enumerate(rows, start=2)])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([None, "-", "°C", "pC/N"], {"T_sint": "°C", "d33": "pC/N"}),
        (["", "mol%", "[°C]", "(pC/N)"], {"x": "mol%", "T_sint": "°C", "d33": "pC/N"}),
        (["name", None, None, "10^-12 m/V"], {"d33": "10^-12 m/V"}),
        (["", "1", "K", ""], {"T_sint": "K"}),
    ],
)
def test_a_row_of_units_is_recognised(row, found):
    assert units(row, ["a", 0.1, 1100, 80], ["b", 0.2, 1150, "<5"]) == found


@pytest.mark.parametrize(
    "row",
    [
        ["a", 0.1, 1100, 80],
        ["a", "ND", "ND", "ND"],
        ["a", "n/a", None, None],
        ["K", None, None, None],
        ["a", "high", "°C", "pC/N"],
        [None, "-", "-", "-"],
        ["a", "0.1", "°C", 80],
    ],
)
def test_a_row_of_values_is_no_row_of_units(row):
    assert units(row, ["a", 0.1, 1100, 80], ["b", 0.2, 1150, 90]) is None


def test_a_column_of_words_may_hold_words_that_are_units():
    assert units(["T", "tetragonal"], ["K", "cubic"], header=RawRow(1, ["phase", "name"])) is None
