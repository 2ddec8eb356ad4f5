import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.data.measured_rows import measured_rows, with_values
from remanence.errors import DataError

CELLS = {
    "T": ["1100", "ND", "1120", "1130"],
    "kind": ["NS", "QS", "", "NS"],
    "d33": ["100", "120±3", "130", "-"],
    "sd": ["2", "", "0", "1"],
}


def rows(missing="error", uncertain="value", beside=None, advised=True, **cells):
    columns = Columns(["T", "kind"], ["d33"], {"kind": ["NS", "QS"]}, missing=missing, uncertain=uncertain)
    frame = pd.DataFrame(CELLS | cells, dtype=object)
    return measured_rows(frame, columns, "t.csv", beside=beside or {}, advised=advised)


def error(**options):
    with pytest.raises(DataError) as caught:
        rows(**options)
    return str(caught.value)


def test_all_cells_of_features_and_targets_are_told_at_once_with_what_to_set():
    line = error(uncertain="error")

    assert line.startswith(
        "t.csv: 4 cells cannot be taken: row 3, column 'T' says that there is no value: 'ND'; row 3, "
    )
    assert "column 'd33' is a value with its uncertainty: '120±3'; row 4, column 'kind' is empty; row 5" in line
    assert "row 5, column 'd33' says that there is no value: '-'" in line
    assert "data.missing=drop leaves out" in line
    assert "data.uncertain=value takes" in line
    assert "data." not in error(uncertain="error", advised=False)


def test_rows_without_a_value_are_left_out_and_named():
    measured = rows("drop", uncertain="value")

    assert measured.frame.index.tolist() == [0]
    assert measured.x.tolist() == [[1100, 1, 0]]
    assert measured.y.tolist() == [[100]]
    assert measured.said == (
        "t.csv: 3 of 4 rows lack a value and are left out: 3, 4, 5",
        "t.csv: 1 of 4 values of 'd33' have an uncertainty, such as '120±3' in row 3; the uncertainty weighs the row",
    )


def test_features_are_filled_with_the_median_and_rows_without_target_left_out():
    measured = rows("impute")

    assert measured.x.tolist() == [[1100, 1, 0], [1120, 0, 1], [1120, 0, 0]]
    assert measured.y.ravel().tolist() == [100, 120, 130]
    assert measured.columns.fill == {"T": 1120}
    assert measured.said[2] == (
        "t.csv: missing values are filled, numbers with the median of the training table: "
        "1 of 'T' with 1120, 1 of 'kind' as unknown"
    )


def test_a_model_fills_the_cells_of_other_tables_as_those_of_its_own():
    columns = rows("impute").columns
    other = pd.DataFrame({"T": ["n/a", "900"], "kind": ["NS", None]}, dtype=object)

    assert columns.encode(other, "o.csv").tolist() == [[1120, 1, 0], [900, 0, 0]]


def test_the_uncertainty_of_a_target_stands_in_its_cell_or_in_a_column_beside_it():
    measured = rows("drop", T=["1", "2", "3", "4"], kind=["NS", "QS", "NS", "QS"], beside={"d33": "sd"})

    np.testing.assert_array_equal(measured.uncertainty, [[2], [3], [np.nan]])


def test_rows_without_any_uncertainty_have_none():
    assert rows("drop", d33=["1", "2", "3", "4"]).uncertainty is None


def test_a_negative_uncertainty_is_refused():
    assert "row 2, column 'sd' is negative: '-2'" in error(
        missing="drop", beside={"d33": "sd"}, sd=["-2", "1", "1", "1"]
    )


@pytest.mark.parametrize("missing", ["drop", "impute"])
def test_a_table_without_a_whole_row_is_refused_with_what_is_lacking(missing):
    line = error(missing=missing, d33=["", "", "-", "ND"])

    assert line == "t.csv: no row has a value in each column that is used; 'd33' lacks 4" + (
        ", 'T' lacks 1, 'kind' lacks 1" if missing == "drop" else ""
    )


def test_a_feature_without_any_value_cannot_be_filled():
    assert error(missing="impute", T=["", "", "", ""]) == (
        "t.csv: column 'T' has no value at all; take it out of data.features"
    )


def test_bounds_are_never_left_out_because_that_would_bias_what_is_learnt():
    assert "row 2, column 'd33' is a bound: '<5'" in error(missing="drop", d33=["<5", "1", "2", "3"])


def formulas(missing, *cells):
    columns = Columns([], ["d33"], missing=missing, composition="f", elements=["Ba", "K"], descriptors=[])
    frame = pd.DataFrame({"f": cells, "d33": ["1", "2", "3"]}, dtype=object)
    return measured_rows(frame, columns, "t.csv", beside={}, advised=True)


@pytest.mark.parametrize("missing", ["drop", "impute"])
def test_a_row_without_a_formula_is_left_out_because_a_formula_has_no_median(missing):
    measured = formulas(missing, "BaTiO3", "", "KNbO3")

    assert measured.frame.index.tolist() == [0, 2]
    assert np.isfinite(measured.x).all()
    with pytest.raises(DataError, match="row 3, column 'f' is empty"):
        measured.columns.encode(pd.DataFrame({"f": ["KNbO3", None]}, dtype=object), "o.csv")


def test_a_model_says_what_it_fills_and_of_another_table_which_rows_are_left_out():
    columns = rows("impute").columns
    other = pd.DataFrame({"T": ["n/a", "900"], "kind": ["NS", None], "d33": ["1", "ND"]}, dtype=object)

    (line,) = columns.said_of_fill(columns.read_features(other), "o.csv")
    assert line.endswith("median of the training table: 1 of 'T' with 1120, 1 of 'kind' as unknown")
    kept, lines = with_values(other, columns, "o.csv")
    assert (kept.index.tolist(), lines) == ([0], ["o.csv: 1 of 2 rows lack a value and are left out: 3"])
    strict = rows(T=list("1234"), kind=["NS"] * 4, d33=list("1234")).columns
    assert with_values(other, strict, "o.csv")[0].index.tolist() == [0]
    assert with_values(other.assign(d33="1"), strict, "o.csv")[1] == []  # a missing feature is refused later
