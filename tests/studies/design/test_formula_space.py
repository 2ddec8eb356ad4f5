import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.science.composition.parse import parse_formula
from remanence.studies.design.asked_inputs import parse_given, parse_over
from remanence.studies.design.formula_space import amounts_of, each_once, elements_of, holds_any

COLUMNS = Columns(
    ["T"], ["d33"], composition="Component", elements=["Ba", "Bi", "K", "Na"], abbreviations={"mine": "KNbO3"}
)


def formulas(over):
    (axis,) = parse_over(over, COLUMNS)
    assert axis.name == "Component"
    return axis.values


def test_two_end_members_are_mixed_in_steps_that_can_be_weighed():
    found = formulas("Na0.5Bi0.5TiO3:BaTiO3=0:0.25")

    assert len(found) == 51
    assert found[:3] == [
        "Na0.5Bi0.5TiO3",
        "0.995Na0.5Bi0.5TiO3-0.005BaTiO3",
        "0.99Na0.5Bi0.5TiO3-0.01BaTiO3",
    ]
    assert found[-1] == "0.75Na0.5Bi0.5TiO3-0.25BaTiO3"
    assert parse_formula(found[12]).amounts["Ba"] == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("over", "number", "last"),
    [
        ("NaNbO3:KNbO3=0:1", 51, "KNbO3"),
        ("NBT:BT=0.02:0.1:0.02", 5, None),
        ("NBT:BT=0.05:0.06", 51, None),
        ("NBT:BT=0:0.37", 38, None),  # steps of 0.01, and the end
        ("mine:NaNbO3=0.5:1:0.5", 2, "NaNbO3"),
        ("KNN:BaZrO3:LiNbO3=0:0.1:0.05", 9, None),
        ("KNN:BaZrO3:LiNbO3=0:1:0.5", 6, "BaZrO3"),  # fractions add up to 1 at most
    ],
)
def test_fractions_are_stepped_and_add_up_to_one(over, number, last):
    found = formulas(over)

    assert len(found) == number
    assert last is None or found[-1] == last
    for text in found:
        amounts = parse_formula(text, COLUMNS.abbreviations).amounts
        assert amounts["O"] == pytest.approx(3)


def test_mixtures_and_lists_of_formulas_are_one_axis_with_each_composition_once():
    assert formulas("NaNbO3:KNbO3=0:1:0.5,Component=[K0.5Na0.5NbO3,BaTiO3],BaTiO3:CaTiO3=0:0.5:0.5") == [
        "K0.5Na0.5NbO3",
        "BaTiO3",
        "NaNbO3",
        "KNbO3",
        "0.5BaTiO3-0.5CaTiO3",
    ]


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ("NaNbO3:KXbO3=0:1", "over: 'KXbO3', character 2 ('XbO3'): 'Xb' is no element"),
        ("NaNbO3:KNbO3=0:1.5", "over: NaNbO3:KNbO3=0:1.5: fractions of end members are between 0 and 1"),
        ("NaNbO3:KNbO3=1:0", "over: NaNbO3:KNbO3=1:0 is empty"),
        ("NaNbO3:KNbO3=0.5", "over: expected such as 'x=0:0.25'"),
        ("NaNbO3:KNbO3:BaTiO3:CaTiO3=0:1:0.01", "over: NaNbO3:KNbO3:BaTiO3:CaTiO3=0:1:0.01: 176851 formulas are too"),
        (
            "x=0:0.1",
            "over: the run's inputs are Component, T, not 'x'; formulas of end members are mixed by such as 'Na",
        ),
        ("Component=0:1", "over: Component holds formulas; expected such as 'NaNbO3:KNbO3=0:1' or 'Component=[NaNbO3,"),
        ("Component=[KNbO3,Xy]", "over: 'Xy', character 1"),
    ],
)
def test_what_cannot_be_mixed_says_why(over, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_over(over, COLUMNS)

    assert str(caught.value).startswith(message)
    assert "data." not in str(caught.value)  # a search takes no keys of data


def test_formulas_are_mixed_for_runs_with_a_column_of_compositions_only():
    with pytest.raises(ConfigurationError, match=r"^over: 'NBT:BT=0:1' mixes formulas, but the run has no column of c"):
        parse_over("NBT:BT=0:1", Columns(["x"], ["d33"]))


def test_a_formula_is_given_as_it_is_written():
    assert parse_given("Component=0.94NBT–0.06BT,T=1150", COLUMNS) == {"Component": "0.94NBT–0.06BT", "T": 1150}
    with pytest.raises(ConfigurationError, match=r"^given: 'NaXbO3', character 3"):
        parse_given("Component=NaXbO3", COLUMNS)


def test_compositions_are_compared_by_what_they_hold():
    assert each_once(["KNN", "Na0.5K0.5NbO3", "mine"], COLUMNS) == ["KNN", "mine"]
    assert elements_of(pd.Series(["KNN", "BT"]), COLUMNS) == {"K", "Na", "Nb", "O", "Ba", "Ti"}
    assert holds_any(["Ba", "Pb"], pd.Series(["KNN", "BT", "KNN"]), COLUMNS).tolist() == [False, True, False]
    assert amounts_of("K", pd.Series(["KNN", "BT", "mine"]), COLUMNS).tolist() == [0.5, 0, 1]
