import math

import pytest

from remanence.data.number_cell import MISSING, number_cell

VALUES = {
    "345±5": (345, 5),
    " 345 ± 5 ": (345, 5),
    "345 +/- 5": (345, 5),
    "345+-5.5": (345, 5.5),
    "(345 ± 5)": (345, 5),
    "-1.5e2 ± 2": (-150, 2),
    "200 ± 2 %": (200, 4),
    "-200 ± 2%": (-200, 4),
    "3.905(2)": (3.905, 0.002),
    "345(12)": (345, 12),
    "340-350": (345, 5),
    "340 – 350": (345, 5),
    "340 to 350": (345, 5),
    "~345": (345, math.nan),
    "ca. 345": (345, math.nan),
}
NUMBERS = {"−5": -5, "1.5×10^3": 1500, "1.5 x 10-3": 0.0015, "2·10⁻³": 0.002, " 7 ": 7, "1e3": 1000, 4: 4, 2.5: 2.5}
BOUNDS = {"<5": ("below", "5"), "≤ 0.2": ("below", "0.2"), ">1000": ("above", "1000"), ">= 3": ("above", "3")}


@pytest.mark.parametrize(("cell", "read"), VALUES.items(), ids=map(str, VALUES))
def test_a_value_with_an_uncertainty_gives_both(cell, read):
    found = number_cell(cell)

    assert (found.value, found.uncertainty) == pytest.approx(read, rel=1e-12, nan_ok=True)
    assert found.uncertain
    assert repr(cell) in found.what
    assert "data.uncertain=value" in found.advice


@pytest.mark.parametrize(("cell", "value"), NUMBERS.items(), ids=map(str, NUMBERS))
def test_a_number_is_read_however_it_is_typed(cell, value):
    found = number_cell(cell)

    assert found.value == pytest.approx(value, rel=1e-12)
    assert (found.what, found.uncertain, found.missing) == ("", False, False)


@pytest.mark.parametrize(("cell", "meaning"), BOUNDS.items(), ids=BOUNDS)
def test_a_bound_is_no_value_and_its_meaning_is_said(cell, meaning):
    side, limit = meaning
    found = number_cell(cell)

    assert math.isnan(found.value)
    assert not found.missing
    assert found.what == f"is a bound: {cell!r}, some value {side} {limit}"
    assert "type a value, or take the row out" in found.advice


@pytest.mark.parametrize(
    "cell", ["", "  ", None, float("nan"), "NaN", "n/a", "N.A.", "ND", "n. d.", "-", "–", "?", "#DIV/0!"]
)
def test_a_cell_may_say_that_there_is_no_value(cell):
    found = number_cell(cell)

    assert found.missing
    assert math.isnan(found.value)
    assert found.what


def test_all_texts_for_no_value_are_found_in_any_case():
    assert all(number_cell(text.upper()).missing and number_cell(f" {text} ").missing for text in MISSING)


def test_a_comma_has_two_meanings_where_it_can_have_them():
    assert number_cell("1,234").what == "is not a number: '1,234' (1234 or 1.234)"
    assert number_cell("1,5").what == "is not a number: '1,5'"
    for cell in ("1,234", "1,5", "1,234,567", "1.234,5"):
        assert "data.decimal" in number_cell(cell).advice
        assert math.isnan(number_cell(cell).value)


def test_a_unit_in_a_cell_is_sent_to_the_header():
    assert number_cell("12 pC/N").what == "is not a number: '12 pC/N'"
    assert "the unit stands in the header" in number_cell("12 pC/N").advice


@pytest.mark.parametrize(
    "cell", ["many", "1_000", "١٢", "１", "350-340", "1.2.3", "0x10", "±5", "5 ± -1", "<", b"12", "1e"]
)
def test_anything_else_is_not_a_number(cell):
    found = number_cell(cell)

    assert found.what == f"is not a number: {cell!r}"
    assert math.isnan(found.value)
    assert not found.missing


@pytest.mark.parametrize("cell", ["inf", "1e999", "-inf", float("inf"), "1e39", 10**40, "1e30 × 10^20"])
def test_a_number_that_no_network_can_hold_is_refused(cell):
    found = number_cell(cell)

    assert found.what.startswith(("is not finite", "is too large", "is not a number"))
    assert math.isnan(found.value)
