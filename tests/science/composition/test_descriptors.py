import math

import numpy as np
import pytest

from remanence.science.composition.descriptors import NAMES, chosen_names, descriptors_of, encode_compositions
from remanence.science.composition.parse import parse_formula


def test_the_tolerance_factors_of_textbooks():
    """Goldschmidt's factor with Shannon's radii: 1.06 for BaTiO3, 1.00 for SrTiO3, .97 for CaTiO3, 1.02 for PbTiO3."""
    found = {
        formula: descriptors_of(parse_formula(formula))["tolerance factor"] for formula in ("BT", "ST", "CT", "PT")
    }

    assert found == pytest.approx({"BT": 1.062, "ST": 1.002, "CT": 0.966, "PT": 1.019}, abs=1e-3)


def test_means_and_spreads_over_a_site_by_hand():
    described = descriptors_of(parse_formula("0.96KNN-0.04BaZrO3"))
    shares, radii = [0.48, 0.48, 0.04], [1.64, 1.39, 1.61]

    mean = np.average(radii, weights=shares)
    assert described["A radius"] == pytest.approx(mean, abs=1e-6)
    spread = math.sqrt(np.average((np.array(radii) - mean) ** 2, weights=shares))
    assert described["A radius spread"] == pytest.approx(spread, abs=1e-6)
    assert described["B valence"] == pytest.approx(0.96 * 5 + 0.04 * 4)
    assert described["Na/(Na+K)"] == 0.5
    assert described["A/B"] == 1


def test_every_descriptor_has_a_name():
    assert set(descriptors_of(parse_formula("KNN"))) == set(NAMES)


def test_perovskites_are_described_by_their_sites():
    elements, descriptors = chosen_names(map(parse_formula, ["KNN", "0.9KNN-0.1BT", "BT"]))

    assert elements == ["Ba", "K", "Na", "Nb", "Ti"]
    assert {"A radius", "B electronegativity", "tolerance factor", "Na/(Na+K)"} <= set(descriptors)
    assert "A/B" not in descriptors  # it is 1 in all of them


def test_what_is_no_perovskite_is_described_by_all_its_cations():
    elements, descriptors = chosen_names(map(parse_formula, ["Ni50Ti50", "Ni40Ti45Cu15", "BaTiO3"]))

    assert elements == ["Ba", "Cu", "Ni", "O", "Ti"]
    assert "cation electronegativity" in descriptors
    assert not any(name.startswith(("A ", "B ", "tolerance")) for name in descriptors)


def test_oxygen_is_an_input_only_beside_other_anions():
    assert "O" not in chosen_names(map(parse_formula, ["KNbO3", "NaNbO3"]))[0]
    assert chosen_names(map(parse_formula, ["CsPbI3", "CsPbBr3"]))[0] == ["Br", "I"]


def test_descriptors_can_be_chosen():
    read = [parse_formula("KNN"), parse_formula("0.9KNN-0.1BT")]

    assert chosen_names(read, []) == (["Ba", "K", "Na", "Nb", "Ti"], [])
    assert chosen_names(read, ["tolerance factor", "A/B"])[1] == ["tolerance factor"]


def test_equal_compositions_have_equal_inputs_to_the_last_bit():
    ways = ["0.948(K0.5Na0.5)NbO3–0.052LiSbO3", "(K0.474Na0.474Li0.052)(Nb0.948Sb0.052)O3", "94.8KNN-5.2LS"]
    encoded = encode_compositions([parse_formula(each) for each in ways], ["K", "Li"], ["A mass", "B radius spread"])

    assert (encoded == encoded[0]).all()
    assert encoded[0, :2] == pytest.approx([0.237, 0.026])


def test_sites_that_hold_nothing_are_undefined():
    assert math.isnan(descriptors_of(parse_formula("K2O"))["B radius"])
