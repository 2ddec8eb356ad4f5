import json
from pathlib import Path

import pytest

from remanence.science.composition.parse import parse_formula
from remanence.science.composition.write import write_formula

KNN = json.loads((Path(__file__).parent / "knn_amounts.json").read_text(encoding="utf-8"))


def test_amounts_of_all_ceramics_are_written_and_read_back():
    for amounts in KNN.values():
        assert parse_formula(write_formula(amounts)).amounts == pytest.approx(amounts, abs=1e-6)


def test_a_formula_names_the_sites_in_their_order_and_the_largest_amount_first():
    assert write_formula({"O": 3, "Ti": 0.9, "Zr": 0.1, "Ca": 0.15, "Ba": 0.85}) == "Ba0.85Ca0.15Ti0.9Zr0.1O3"


def test_what_rounds_to_nothing_is_not_written():
    assert write_formula({"Ba": 1, "Ti": 1, "O": 3, "Mn": 1e-9}) == "BaTiO3"
