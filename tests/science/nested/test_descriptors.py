import numpy as np
import pytest

from remanence.science.nested.composition import ion_fractions, parse_composition
from remanence.science.nested.descriptors import FEATURE_UNITS, FEATURES, describe, octahedral_factor, tolerance_factor
from remanence.science.nested.ions import DESCRIPTORS, FACTS, IONS, SITE_IONS, UNITS

FORMULAS = ["MAPbI3", "Cs0.05FA0.79MA0.16PbBr0.51I2.49", "K0.5Rb0.5Ca0.25Sr0.25Ba0.5ClBrI", "FAGe0.5Sn0.5Br3"]


def test_every_feature_has_a_name_and_a_unit():
    assert len(FEATURES) == len(set(FEATURES)) == 2 * len(DESCRIPTORS) + 2 == 34
    assert tuple(FEATURE_UNITS) == FEATURES
    assert FEATURE_UNITS["B_IE_SD"] == FEATURE_UNITS["B_IE"] == UNITS["B_IE"] == "eV"
    assert FEATURE_UNITS["tolerance_factor"] == ""
    assert describe(ion_fractions(FORMULAS)).shape == (len(FORMULAS), len(FEATURES))


@pytest.mark.parametrize("formula", FORMULAS)
def test_mean_and_spread_are_those_of_the_weighted_ions(formula):
    row = describe(ion_fractions([formula]))[0]
    fractions = parse_composition(formula)

    for name in DESCRIPTORS:
        on_site = [ion for ion in fractions if FACTS[ion].site == name[0]]
        values, weights = [FACTS[ion].values[name] for ion in on_site], [fractions[ion] for ion in on_site]
        mean = np.average(values, weights=weights)
        spread = np.sqrt(np.cov(values, aweights=weights, ddof=0))
        assert row[FEATURES.index(name)] == pytest.approx(mean)
        assert row[FEATURES.index(f"{name}_SD")] == pytest.approx(spread, abs=1e-12)


def test_pure_sites_have_the_facts_and_no_spread():
    row = describe(ion_fractions(["CsSnBr3"]))[0]

    for ion in ("Cs", "Sn", "Br"):
        for name, value in FACTS[ion].values.items():
            assert row[FEATURES.index(name)] == value
            assert row[FEATURES.index(f"{name}_SD")] == 0


@pytest.mark.parametrize(
    ("formula", "tolerance", "octahedral"),
    [
        ("MAPbI3", 0.911521131, 0.540909091),  # as printed in the table of devices
        ("CsPbBr3", (1.74 + 1.96) / (np.sqrt(2) * (1.19 + 1.96)), 1.19 / 1.96),
        ("KBaCl3", (1.51 + 1.81) / (np.sqrt(2) * (1.35 + 1.81)), 1.35 / 1.81),
    ],
)
def test_geometric_factors_are_those_of_the_ionic_radii(formula, tolerance, octahedral):
    fractions = ion_fractions([formula])

    assert tolerance_factor(fractions)[0] == pytest.approx(tolerance, rel=1e-8)
    assert octahedral_factor(fractions)[0] == pytest.approx(octahedral, rel=1e-8)
    np.testing.assert_allclose(describe(fractions)[0, -2:], [tolerance, octahedral], rtol=1e-8)


@pytest.mark.parametrize("shape", [(14,), (2, 13)])
def test_fractions_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"shape \(rows, 14\)"):
        describe(np.zeros(shape))


def test_every_ion_has_the_descriptors_of_its_site():
    for ion in IONS:
        assert ion in SITE_IONS[FACTS[ion].site]
        assert set(FACTS[ion].values) == {name for name in DESCRIPTORS if name[0] == FACTS[ion].site}
