import pandas as pd

from remanence.data.column_names import called_as_asked
from remanence.studies.design.to_measure import HEADERS, to_measure
from remanence.studies.design.verdicts import with_verdicts


def candidates(**inputs):
    rows = pd.DataFrame({"x": [0.1 + 0.2, 1234.5678], "slope": [1 / 3, 2 / 3], **inputs})
    predicted = pd.DataFrame({"d33": [1e3 / 7, 2e3 / 7], "d33_low": [1.0, 2.0], "d33_high": [300.0, 301.0]})
    return with_verdicts(rows, predicted, {"distance": [1 / 7, 2.0]}, {"d33": ("d33_low", "d33_high")})


def test_a_prediction_stands_beside_an_empty_column_for_what_is_measured():
    table = candidates()
    table.attrs[HEADERS] = called_as_asked(pd.DataFrame({"d33 (pC/N)": [1]}), ["d33"], "mine.csv").attrs["headers"]

    written = to_measure(table)

    assert list(written) == ["x", "slope", "d33 (pC/N)", "d33_predicted", "d33_low", "d33_high", "distance"]
    assert written["d33 (pC/N)"].isna().all()
    assert list(table)[2] == "d33"  # in Python it keeps its name


def test_no_digit_is_lost():
    table = candidates()

    written = to_measure(table)

    assert written["d33_predicted"].tolist() == table["d33"].tolist()
    assert written["x"].tolist() == table["x"].tolist()


def test_a_name_that_is_taken_gets_a_number():
    written = to_measure(candidates(d33_predicted=["a", "b"]))

    assert list(written)[2:5] == ["d33_predicted", "d33", "d33_predicted_2"]


def test_a_table_without_predictions_is_as_it_was():
    table = pd.DataFrame({"found": [1.0]})

    pd.testing.assert_frame_equal(to_measure(table), table)
