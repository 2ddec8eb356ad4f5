import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.studies.suggest.nearest import is_known, nearest_rows

COLUMNS = Columns(["x", "process", "slope"], ["d33"], {"process": ["NS", "QS"]})
KNOWN = pd.DataFrame({"x": [0.1, 0.2], "process": ["NS", "NS"], "slope": [20.0, 40.0]})


def test_the_nearest_row_is_counted_in_standard_deviations():
    asked = pd.DataFrame({"x": [0.12], "process": ["NS"], "slope": [20.0]})

    distance, place = nearest_rows(COLUMNS, asked, KNOWN)

    assert place.tolist() == [0]
    assert distance[0] == pytest.approx(0.02 / np.std([0.1, 0.2]))


def test_a_row_is_known_if_all_that_was_chosen_is_equal_up_to_rounding():
    asked = pd.DataFrame({"x": [0.3 - 0.2, 0.1, 0.1], "process": ["NS", "QS", "NS"], "slope": [20.0, 20.0, 33.0]})

    assert is_known(COLUMNS, asked, KNOWN).tolist() == [True, False, False]
    assert is_known(COLUMNS, asked, KNOWN, without=["slope"]).tolist() == [True, False, True]
    assert not is_known(COLUMNS, asked, KNOWN.iloc[:0]).any()


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_another_value_of_an_input_that_was_constant_so_far_is_a_new_row_in_any_unit(unit):
    columns = Columns(["x", "thickness"], ["d33"])
    known = pd.DataFrame({"x": [0.1, 0.2], "thickness": [0.3 * unit, 0.3 * unit]})
    asked = pd.DataFrame({"x": [0.1, 0.1], "thickness": [0.3 * unit, 0.6 * unit]})

    assert is_known(columns, asked, known).tolist() == [True, False]
    assert is_known(columns, asked, known.iloc[:1]).tolist() == [True, False]


def test_formulas_that_mean_the_same_are_one_row():
    columns = Columns([], ["d33"], composition="what", elements=["Ba", "Bi", "Na", "Ti"])
    known = pd.DataFrame({"what": ["0.94Na0.5Bi0.5TiO3-0.06BaTiO3", "BaTiO3"]})
    asked = pd.DataFrame({"what": ["0.06BaTiO3–0.94(Bi0.5Na0.5)TiO3", "0.9Na0.5Bi0.5TiO3-0.1BaTiO3"]})

    assert is_known(columns, asked, known).tolist() == [True, False]
