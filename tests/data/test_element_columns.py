import numpy as np
import pandas as pd
import pytest

from remanence.data.composition_column import read_compositions
from remanence.data.element_columns import disagreeing_rows

FORMULAS = ["KNbO3", "0.95(K0.5Na0.5)NbO3–0.05BaTiO3", "NaNbO3", "PZT"]
AMOUNTS = {
    "K": np.array([1, 0.475, 0, 0]),
    "Na": np.array([0, 0.475, 1, 0]),
    "Ba": np.array([0, 0.05, np.nan, 0]),
    "Nb": np.array([1, 0.95, 1, 0]),
}


@pytest.fixture
def formulas():
    return read_compositions(pd.DataFrame({"Component": FORMULAS}), "Component", {})


@pytest.mark.parametrize("normalisation", [1, 0.2, np.array([1, 0.5, 100, 1])])
def test_amounts_of_any_normalisation_agree_with_their_formula(formulas, normalisation):
    assert disagreeing_rows({name: values * normalisation for name, values in AMOUNTS.items()}, formulas) == []


def test_a_second_component_that_was_missed_is_found(formulas):
    missed = {**AMOUNTS, "Ba": np.zeros(4)}

    assert disagreeing_rows(missed, formulas) == [1]


def test_a_row_of_zeros_disagrees(formulas):
    assert disagreeing_rows({name: np.zeros(4) for name in AMOUNTS}, formulas) == [0, 1, 2]


def test_the_published_columns_disagree_with_their_formulas(shared_data):
    frame = pd.read_csv(shared_data / "piezo" / "knn_d33_train.csv")
    columns = {name: frame[name].to_numpy(dtype=float) for name in frame.columns[1:25]}

    rows = disagreeing_rows(columns, read_compositions(frame, "Component", {}))
    assert len(rows) == 80  # six more, and oxygen in others, differ by a factor that is the same for all elements
