import json

import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import DataError

COLUMNS = Columns(
    features=["x", "series", "lph_slope"],
    targets=["d33", "eps_r"],
    levels={"series": ["NS", "QS", "Sr"]},
    units={"d33": "pC/N", "lph_slope": "1/ln Hz"},
)
FRAME = pd.DataFrame(
    {
        "remark": ["anything", None, float("nan")],
        "eps_r": ["1100", "1200", "1300"],
        "lph_slope": ["25", "41.5", "36"],
        "series": ["QS", "NS", "Sr"],
        "d33": [150, 188, 170],
        "x": [0.02, 0.06, 0.1],
    }
)


def test_inputs_are_named_in_the_order_of_the_features_and_levels():
    assert COLUMNS.inputs == ["x", "series=NS", "series=QS", "series=Sr", "lph_slope"]
    assert COLUMNS.category_places == [1, 2, 3]


def test_cells_are_encoded_in_the_order_of_the_inputs():
    encoded = COLUMNS.encode(FRAME, "t.csv")

    assert encoded.shape == (3, len(COLUMNS.inputs))
    assert encoded.tolist() == [[0.02, 0, 1, 0, 25], [0.06, 1, 0, 0, 41.5], [0.1, 0, 0, 1, 36]]


def test_a_level_that_new_rows_lack_keeps_its_column():
    assert COLUMNS.encode(FRAME[:1], "new.csv").tolist() == [[0.02, 0, 1, 0, 25]]


def test_targets_stand_in_their_own_order():
    assert COLUMNS.encode_targets(FRAME, "t.csv").tolist() == [[150, 1100], [188, 1200], [170, 1300]]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("x", "row 3, column 'x' is not a number: 'Mn'"),
        ("series", "row 3, column 'series' is 'Mn'; known values: NS, QS, Sr"),
        ("eps_r", "row 3, column 'eps_r' is not a number: 'Mn'"),
    ],
)
def test_a_wrong_cell_is_named_by_file_row_and_column(column, message):
    frame = FRAME.astype(object)
    frame.loc[1, column] = "Mn"

    with pytest.raises(DataError) as caught:
        (COLUMNS.encode_targets if column in COLUMNS.targets else COLUMNS.encode)(frame, "t.csv")

    assert str(caught.value) == f"t.csv: {message}"


def test_columns_survive_a_journey_through_json():
    back = Columns(**json.loads(json.dumps(COLUMNS.to_dict())))

    assert back == COLUMNS
    assert back.inputs == COLUMNS.inputs


@pytest.mark.parametrize(
    ("units", "name", "label"),
    [
        ({"d33": "pC/N"}, "d33", "d33 (pC/N)"),
        ({"d33": "pC/N"}, "x", "x"),
        ({"d33 (pC/N)": "pC/N"}, "d33 (pC/N)", "d33 (pC/N)"),
    ],
)
def test_a_label_bears_its_unit_once(units, name, label):
    assert Columns([name], [name], units=units).label(name) == label
