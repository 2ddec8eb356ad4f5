import pytest

from remanence.science.composition.decimal_commas import pointed
from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.parse import parse_formula


def read(text):
    plain, notes = pointed(text, list(range(len(text))), text)
    return plain, [note.about for note in notes]


@pytest.mark.parametrize(
    ("text", "plain", "said"),
    [
        ("0,94NBT-0,06BT", "0.94NBT-0.06BT", ["0,94 as 0.94", "0,06 as 0.06"]),
        ("0,94(Bi0.5,Na0.5)TiO3", "0.94(Bi0.5,Na0.5)TiO3", ["0,94 as 0.94"]),
        ("95,5NBT-4.5BT", "95.5NBT-4.5BT", ["95,5 as 95.5"]),
        ("Ba1,02TiO3", "Ba1.02TiO3", ["1,02 as 1.02"]),
        ("BaTiO3,0.5% MnO2", "BaTiO3,0.5% MnO2", []),
        ("(K,Na)NbO3, KNN", "(K,Na)NbO3, KNN", []),
    ],
)
def test_a_comma_between_digits_is_a_decimal_comma_unless_it_can_only_separate(text, plain, said):
    assert read(text) == (plain, said)


@pytest.mark.parametrize(("text", "place"), [("Ba1,02(Ti0.9Zr0.1)O3", 3), ("O3,0,5%", 2), ("x = 0,02,0,04", 5)])
def test_a_comma_that_may_be_either_is_refused_at_its_place(text, place):
    with pytest.raises(FormulaError, match="a decimal comma, or a list") as caught:
        read(text)

    assert caught.value.place == place


def test_a_formula_says_what_its_commas_are_read_as():
    notes = parse_formula("0,94(Bi0.5Na0.5)TiO3-0,06BaTiO3").notes

    assert {note.kind for note in notes} == {"a comma between digits is read as a decimal comma"}
    assert [note.about for note in notes] == ["0,94 as 0.94", "0,06 as 0.06"]
