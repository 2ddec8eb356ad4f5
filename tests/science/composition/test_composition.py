import pytest

from remanence.science.composition.composition import mass_of
from remanence.science.composition.parse import parse_formula


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.948(K0.5Na0.5)NbO3–0.052LiSbO3", "(K0.474Na0.474Li0.052)(Nb0.948Sb0.052)O3"),
        ("Pb(Mg1/3Nb2/3)O3", "PbMg0.333333333Nb0.666666667O3"),
        ("94NBT-6BT", "(Na0.5Bi0.5)0.94Ba0.06TiO3"),
        ("BaTiO3", "Ba2Ti2O6"),
    ],
)
def test_two_ways_to_write_a_composition_have_one_key(one, other):
    assert parse_formula(one).key == parse_formula(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [("PZT 52/48", "PZT 50/50"), ("BaTiO3", "BaTiO2.8"), ("KNN", "KNN + 0.1 mol% MnO2")],
)
def test_compositions_that_differ_have_different_keys(one, other):
    assert parse_formula(one).key != parse_formula(other).key


def test_fractions_are_those_of_a_cation():
    assert parse_formula("K0.5Na0.5NbO3").fractions == {"K": 0.25, "Na": 0.25, "Nb": 0.5, "O": 1.5}


def test_elements_are_those_that_are_there():
    assert parse_formula("1KNN-0BT").elements == {"K", "Na", "Nb", "O"}


def test_the_mass_of_a_formula_unit():
    assert mass_of(parse_formula("BaTiO3").amounts) == pytest.approx(233.19, abs=0.01)
