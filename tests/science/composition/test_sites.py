import pytest

from remanence.science.composition.parse import parse_formula
from remanence.science.composition.sites import sites_of


@pytest.mark.parametrize(
    ("formula", "on_a", "on_b"),
    [
        ("(K0.48Na0.52)0.95Li0.05Nb0.93Sb0.07O3", "K Li Na", "Nb Sb"),
        ("[Bi0.5(Na0.7Ag0.3)0.5]0.90Zn0.10ZrO3", "Ag Bi Na Zn", "Zr"),
        ("Bi(Zn0.5Ti0.5)O3", "Bi", "Ti Zn"),
        ("Pb(Mg1/3Nb2/3)O3", "Pb", "Mg Nb"),
        ("BiFeO3", "Bi", "Fe"),
        ("(Bi0.75Ho0.25)0.5Na0.5HfO3", "Bi Ho Na", "Hf"),
        ("BiHoO3", "Bi", "Ho"),
        ("La0.7Sr0.3MnO3", "La Sr", "Mn"),
        ("Bi0.5Na0.5TiO3", "Bi Na", "Ti"),
    ],
)
def test_elements_of_a_middle_size_go_where_they_balance_the_formula(formula, on_a, on_b):
    sites = parse_formula(formula).sites

    assert " ".join(sorted(sites.a)) == on_a
    assert " ".join(sorted(sites.b)) == on_b
    assert sites.are_perovskite


@pytest.mark.parametrize("formula", ["Bi4Ti3O12", "Al2O3", "NiTi", "Sr2Nb2O7", "ZnO", "BaTiO2", "K2O"])
def test_what_is_no_perovskite_is_not_taken_for_one(formula):
    assert not parse_formula(formula).sites.are_perovskite


def test_vacancies_are_allowed():
    assert sites_of({"K": 0.45, "Na": 0.45, "Nb": 1, "O": 2.95}).are_perovskite


def test_each_part_of_a_mixture_is_divided_by_itself():
    sites = parse_formula("0.96KNN-0.04[Bi0.5Na0.5]0.9Zn0.1ZrO3").sites

    assert sites.a["Zn"] == pytest.approx(0.004)
    assert sum(sites.a.values()) == pytest.approx(1)
