import numpy as np
import pytest

from remanence.science.composition.mixing_lines import mixing_lines
from remanence.science.composition.parse import parse_formula


def read(*formulas):
    return [parse_formula(formula) for formula in formulas]


def test_a_series_of_a_solid_solution_and_the_amounts_of_a_dopant_are_two_lines():
    series = [f"{1 - x:g}NBT-{x:g}BT" for x in (0.02, 0.06, 0.1, 0.15, 0.2)]
    doped = [f"0.94NBT-0.06BT + {mol} mol% MnO2" for mol in (0.2, 0.4, 0.6)]
    rows = read(*series, *doped, series[1], "KNN", "CaTiO3")

    by_ba, by_mn = mixing_lines(rows, most=3)

    assert (by_ba.element, by_ba.first.text, by_ba.last.text) == ("Ba", series[0], series[-1])
    assert by_ba.rows.tolist() == [0, 1, 2, 3, 4, 8]
    np.testing.assert_allclose(by_ba.shares, (np.array([0.02, 0.06, 0.1, 0.15, 0.2, 0.06]) - 0.02) / 0.18)
    assert (by_mn.element, by_mn.first.text, by_mn.last.text) == ("Mn", series[1], doped[-1])
    assert by_mn.rows.tolist() == [1, 5, 6, 7, 8]
    np.testing.assert_allclose(by_mn.shares, [0, 1 / 3, 2 / 3, 1, 0])


def test_anions_are_named_where_nothing_else_changes():
    (line,) = mixing_lines(read(*(f"CsPb(I{1 - x:g}Br{x:g})3" for x in (0.1, 0.2, 0.3, 0.4))), most=3)

    assert line.element == "Br"


@pytest.mark.parametrize(
    "formulas",
    [
        ["BT", "0.9BT-0.1CT", "0.8BT-0.2CT"],  # three
        ["KNbO3", *(f"K{x:g}Na{1 - x:g}NbO3" for x in (0.5, 0.501, 0.502, 0.503))],  # a bunch, seen from afar
        ["BT", "CT", "ST", "KNN", "PT"],
    ],
)
def test_what_is_no_series_gives_no_line(formulas):
    assert mixing_lines(read(*formulas), most=3) == []
