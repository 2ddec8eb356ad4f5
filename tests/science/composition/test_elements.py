import math

import pytest

from remanence.science.composition.elements import ELEMENTS


@pytest.mark.parametrize(
    ("symbol", "mass", "electronegativity", "valence", "radius_a", "radius_b"),
    [
        ("K", 39.098, 0.82, 1, 1.64, 1.38),
        ("Na", 22.990, 0.93, 1, 1.39, 1.02),
        ("Nb", 92.906, 1.6, 5, 0.93, 0.64),
        ("Ba", 137.33, 0.89, 2, 1.61, 1.35),
        ("Ti", 47.867, 1.54, 4, 0.93, 0.605),
        ("Pb", 207.2, 2.33, 2, 1.49, 1.19),
    ],
)
def test_facts_are_those_of_the_sources(symbol, mass, electronegativity, valence, radius_a, radius_b):
    element = ELEMENTS[symbol]

    assert element.mass == pytest.approx(mass, abs=0.01)
    assert (element.electronegativity, element.valence) == (electronegativity, valence)
    assert (element.radius_a, element.radius_b) == pytest.approx((radius_a, radius_b))


def test_bismuth_among_twelve_neighbours_is_estimated_from_eight():
    assert ELEMENTS["Bi"].radius_a == pytest.approx(1.36)


def test_all_elements_on_sites_have_all_facts():
    for element in ELEMENTS.values():
        facts = [element.mass, element.electronegativity]
        facts += [element.radius_b, element.radius_a] if element.site in "ABab" and element.symbol != "Ra" else []
        assert all(math.isfinite(fact) for fact in facts), element
