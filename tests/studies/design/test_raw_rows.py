import numpy as np
import pandas as pd
import pytest

from remanence.errors import ConfigurationError
from remanence.studies.design.raw_rows import MAX_POINTS, SAMPLES, grid_rows, sampled_rows, with_choices

PARTS = {"A": 4, "B": 4, "X": 3}


def test_every_composition_meets_every_combination_of_categories():
    rows = grid_rows("formula", ["MA", "Pb", "Br", "I"], PARTS, {"etl": ["TiO2", "SnO2"], "htl": ["a", "b", "c"]})

    assert set(rows["formula"]) == {"MAPbI3", "MAPbBr3", "MAPbBrI2", "MAPbBr2I"}
    assert len(rows) == 4 * 6 == len(rows.drop_duplicates())
    assert set(rows["etl"]) == {"TiO2", "SnO2"}


def test_a_grid_that_is_too_large_says_how_large():
    ions = ["K", "Rb", "Cs", "MA", "FA", "Ca", "Sr", "Ba", "Ge", "Sn", "Pb", "Cl", "Br", "I"]
    with pytest.raises(ConfigurationError) as caught:
        grid_rows("formula", ions, dict.fromkeys("ABX", 4), {"etl": list("abcdefg"), "htl": list("abcd")})
    assert "21420 compositions × 28 settings of etl, htl" in str(caught.value)
    assert str(MAX_POINTS) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_that_are_there_keep_their_values():
    rows = with_choices(pd.DataFrame({"solvent": ["GBL", "DMF"]}), {"solvent": ["DMSO"], "etl": ["a", "b"]})

    assert rows["solvent"].tolist() == ["GBL", "GBL", "DMF", "DMF"]
    assert rows["etl"].tolist() == ["a", "b", "a", "b"]


def test_a_sample_fills_the_ranges_evenly_and_takes_every_category_as_often():
    rows = sampled_rows({"p": (-1.0, 3.0), "q": (0.0, 0.5)}, {"kind": ["a", "b", "c", "d"]})

    assert len(rows) == SAMPLES
    assert rows["kind"].value_counts().tolist() == [SAMPLES // 4] * 4
    for column, low, high in (("p", -1, 3), ("q", 0, 0.5)):
        counts, _ = np.histogram(rows[column], bins=16, range=(low, high))
        assert (counts == SAMPLES // 16).all()
    assert rows.equals(sampled_rows({"p": (-1.0, 3.0), "q": (0.0, 0.5)}, {"kind": ["a", "b", "c", "d"]}))
