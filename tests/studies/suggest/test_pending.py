import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import DataError
from remanence.studies.suggest.pending import read_pending

COLUMNS = Columns(["x", "slope"], ["d33"])


def test_experiments_that_are_being_made_are_inputs_and_stand_once(tmp_path):
    pd.DataFrame({"id": [1, 2, 3], "x": [0.1, 0.1, 0.2], "slope": [5, 5, 6], "reason": "so"}).to_csv(
        tmp_path / "made.csv", index=False
    )

    assert read_pending(str(tmp_path / "made.csv"), COLUMNS).to_dict("list") == {"x": [0.1, 0.2], "slope": [5.0, 6.0]}


def test_an_input_that_is_missing_is_named(tmp_path):
    (tmp_path / "made.csv").write_text("x\n0.1\n")

    with pytest.raises(DataError, match="has no column 'slope'; a pending experiment needs x, slope"):
        read_pending(str(tmp_path / "made.csv"), COLUMNS)
