import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.data.composition_column import read_compositions
from remanence.data.composition_inputs import with_composition
from remanence.errors import DataError

FRAME = pd.DataFrame(
    {
        "Component": ["KNbO3", "0.96KNN–0.04BZ", "Na0.5K0.5NbO3", "0.96KNN-0.04BaZrO3"],
        "T": [1, 2, 3, 4],
        "d33": [1, 2, 3, 4],
    }
)
PLAIN = Columns(["T"], ["d33"])


def test_formulas_become_fractions_of_elements_and_descriptors_behind_the_features():
    columns, said = with_composition(PLAIN, "Component", {}, FRAME, "t.csv")

    assert columns.inputs[:6] == ["T", "Ba", "K", "Na", "Nb", "Zr"]
    assert columns.inputs[6] == "A radius"
    assert columns.needed == ["T", "Component"]
    x = columns.encode(FRAME, "t.csv")
    assert x.shape == (4, len(columns.inputs))
    assert x[1, :6] == pytest.approx([2, 0.02, 0.24, 0.24, 0.48, 0.02])
    assert x[1, 1:].tolist() == x[3, 1:].tolist()  # two ways to write the same are the same to the last bit
    assert said == []


def test_columns_of_formulas_survive_being_stored():
    columns, _ = with_composition(PLAIN, "Component", {"ABC": "BaTiO3"}, FRAME, "t.csv")

    assert Columns(**columns.to_dict()) == columns


def test_formulas_that_cannot_be_read_are_told_at_once():
    cells = {"Component": ["KNbO3", "0.9Xx", None, "NaNbO3", "PZT"], "T": range(5), "d33": range(5)}
    columns, _ = with_composition(PLAIN, "Component", {}, pd.DataFrame(cells), "t.csv")
    with pytest.raises(DataError) as caught:
        columns.encode(pd.DataFrame(cells), "t.csv")

    message = str(caught.value)
    assert message.startswith("t.csv: 3 cells cannot be taken: row 3, column 'Component' cannot be read: '0.9Xx', char")
    assert "row 4, column 'Component' is empty; row 6" in message


@pytest.mark.parametrize("cell", ["n/a", "-", "ND", None])
def test_a_formula_that_is_not_there_is_missing(cell):
    column = read_compositions(pd.DataFrame({"Component": ["KNbO3", cell]}), "Component", {})

    assert [fault.missing for fault in column.faults] == [True]


def test_an_element_of_rows_without_a_target_is_no_input():
    columns, _ = with_composition(PLAIN, "Component", {}, FRAME.assign(d33=[1, None, 3, None]), "t.csv")

    assert columns.elements == ["K", "Na"]


def test_a_composition_without_the_sites_of_the_training_rows_is_refused():
    columns, _ = with_composition(PLAIN, "Component", {}, FRAME, "t.csv")

    with pytest.raises(DataError, match=r"row 2, column 'Component' has no B radius: no perovskite"):
        columns.encode(pd.DataFrame({"Component": ["K2O"], "T": [1]}), "new.csv")


def test_what_is_assumed_is_said_with_its_rows():
    open_ones = FRAME.assign(Component=["KNbO3", "KNN-MnO2", "NaNbO3", "KNN+MnO2"])
    _, said = with_composition(PLAIN, "Component", {}, open_ones, "t.csv")

    assert said == [
        "t.csv: column 'Component', rows 3, 5: a part of which no amount is said is left out; write one, as in "
        "0.5 mol% MnO2 (MnO2)"
    ]


def test_an_empty_formula_has_no_median():
    columns = with_composition(Columns(["T"], ["d33"], missing="impute"), "Component", {}, FRAME, "t.csv")[0]

    with pytest.raises(DataError, match=r"row 2, column 'Component' is empty"):
        columns.encode(pd.DataFrame({"Component": [None], "T": [1]}), "new.csv")


def test_a_column_without_a_formula_that_can_be_read_is_refused_by_its_cells():
    unread = FRAME.assign(Component=["XX", "XY", "ZZ", "AB"])
    columns, _ = with_composition(PLAIN, "Component", {}, unread, "t.csv")

    with pytest.raises(DataError, match="4 cells cannot be taken"):
        columns.encode(unread, "t.csv")
