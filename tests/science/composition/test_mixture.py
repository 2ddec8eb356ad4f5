import pytest

from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.mixture import mix
from remanence.science.composition.parse import parse_formula

MEMBERS = ["Na0.5Bi0.5TiO3", "BaTiO3", "(K0.5Na0.5)NbO3", "0.5KNN-0.5LN", "PMN"]


@pytest.mark.parametrize("first", MEMBERS)
@pytest.mark.parametrize("second", MEMBERS)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.06, 1 / 3, 0.5, 0.98765, 1.0])
def test_the_formula_of_a_mixture_is_read_back(first, second, share):
    mixed = mix([first, second], [1 - share, share])

    read = parse_formula(mixed.text)
    assert read.amounts == pytest.approx(mixed.amounts, abs=1e-5)
    assert read.notes == ()


def test_three_end_members_and_names_of_ones_own():
    own = {"ABC": "Bi0.5Ag0.5ZrO3"}
    mixed = mix(["KNN", "BZ", "ABC"], [0.9, 0.06, 0.04], own)

    assert mixed.text == "0.9KNN-0.06BZ-0.04ABC"
    assert parse_formula(mixed.text, own).amounts == pytest.approx(mixed.amounts)
    assert mixed.amounts["Zr"] == pytest.approx(0.1)


def test_an_end_member_may_be_what_a_mixture_stands_for():
    mixed = mix(["0.94NBT-0.06BT", "KNN"], [0.98, 0.02])

    assert mixed.text == "0.98(0.94NBT-0.06BT)-0.02KNN"
    assert [part.fraction for part in mixed.parts] == pytest.approx([0.9212, 0.0588, 0.02])


@pytest.mark.parametrize("fractions", [[0.5], [0.5, -0.1], [0, 0]])
def test_fractions_are_checked(fractions):
    with pytest.raises(ValueError, match="a fraction of at least 0 for each of 2 end members"):
        mix(["KNN", "BT"], fractions)


def test_an_end_member_that_cannot_be_read_is_named():
    with pytest.raises(FormulaError, match="'KNX', character 1"):
        mix(["KNX", "BT"], [0.5, 0.5])
