import numpy as np
import pandas as pd
import pytest

from remanence.errors import ConfigurationError, DataError
from remanence.studies.predictions import check_predicted, frame_of, rows_to_predict, with_identity, write_predictions

UNITS = {"d33": "pC/N", "T": "K"}
PREDICTED = pd.DataFrame({"d33": [120.0, 130.0], "d33_low": [110.0, 119.0], "d33_high": [130.0, 141.0]}, [7, 3])


def test_a_table_in_memory_is_taken_as_it_is_and_a_file_is_read(tmp_path):
    frame = pd.DataFrame({"x": [0.1, 0.2]})
    frame.to_csv(tmp_path / "mine.csv", index=False)

    given, called = rows_to_predict(frame, ["x"], {})
    read, path = rows_to_predict(str(tmp_path / "mine.csv"), ["x"], {})

    assert given is frame
    assert called == "input"
    assert read["x"].tolist() == ["0.1", "0.2"], "cells stay as they are, so that an error can name one"
    assert path == f"{tmp_path}/mine.csv"


def test_what_is_no_table_and_a_column_in_another_unit_are_refused():
    with pytest.raises(ConfigurationError, match=r"^predict: expected a DataFrame, or the path of a table, got list; "):
        rows_to_predict([0.1], ["x"], {})
    with pytest.raises(DataError, match=r"^input: column 'T \[C\]' is in C, the model was trained on 'T' in K; "):
        rows_to_predict(pd.DataFrame({"T [C]": [20.0]}), ["T"], UNITS)


@pytest.mark.parametrize("name", ["id", "ID", " Id "])
def test_an_id_stands_before_the_predictions_of_its_row_with_their_units(name):
    frame = pd.DataFrame({"x": ["0.1", "0.2"], name: ["007", "b"]})

    joined = with_identity(PREDICTED, frame, UNITS)
    assert with_identity(PREDICTED, frame, UNITS, "x").columns.tolist() == ["x", *PREDICTED]

    assert joined.columns.tolist() == [name, "d33", "d33_low", "d33_high"]
    assert joined.index.tolist() == [7, 3]
    assert joined[name].tolist() == ["007", "b"]
    assert joined.attrs["units"] == {"d33": "pC/N", "d33_low": "pC/N", "d33_high": "pC/N"}


def test_without_an_id_there_are_predictions_only():
    assert with_identity(PREDICTED, pd.DataFrame({"identity": [1, 2]}), {}).columns.tolist() == [*PREDICTED]


def test_written_predictions_stand_behind_the_cells_under_the_names_of_the_targets(tmp_path):
    frame = pd.DataFrame({"d33": ["119", ""], "x": ["0.1", "0.2"]})
    output = tmp_path / "out.csv"

    write_predictions(frame, PREDICTED.reset_index(drop=True), ["d33"], output=str(output))

    assert output.read_text().splitlines()[0] == "d33,x,d33_predicted,d33_low,d33_high"
    assert pd.read_csv(output)["d33_predicted"].tolist() == [120.0, 130.0]


@pytest.mark.parametrize("measured", ["d33 (pC/N)", "d33, pC/N", "d33"])
def test_beside_a_measured_value_of_whatever_spelling_stands_a_predicted_one(tmp_path, measured):
    frame = pd.DataFrame({measured: ["119", ""], "x": ["0.1", "0.2"]})

    write_predictions(frame, PREDICTED.reset_index(drop=True), ["d33"], output=str(tmp_path / "out.csv"))

    assert pd.read_csv(tmp_path / "out.csv").columns.tolist()[2] == "d33_predicted"


def test_rows_that_are_not_measured_get_a_column_of_the_target(tmp_path):
    write_predictions(
        pd.DataFrame({"x": ["0.1", "0.2"]}), PREDICTED.reset_index(drop=True), ["d33"], output=str(tmp_path / "out.csv")
    )

    assert pd.read_csv(tmp_path / "out.csv").columns.tolist() == ["x", "d33", "d33_low", "d33_high"]


def test_a_column_of_the_rows_keeps_its_name_and_the_prediction_gets_a_number(tmp_path):
    frame = pd.DataFrame({"d33": ["0.1", "0.2"], "d33_predicted": ["1", "2"]})

    write_predictions(frame, PREDICTED.reset_index(drop=True), ["d33"], output=str(tmp_path / "out.csv"))

    written = pd.read_csv(tmp_path / "out.csv")
    assert written["d33_predicted"].tolist() == [1, 2]
    assert written["d33_predicted_2"].tolist() == [120.0, 130.0]


def test_a_prediction_that_is_not_finite_is_refused_and_its_row_named():
    with pytest.raises(DataError, match=r"^t\.csv: row 3: the prediction of 'y' is not finite, as in 1 of 2 rows: "):
        check_predicted(np.array([[1.0, 2.0], [3.0, np.nan]]), ["x", "y"], pd.DataFrame({"x": [1, 2]}), "t.csv")
    check_predicted(np.zeros((0, 2)), ["x", "y"], pd.DataFrame({"x": []}), "t.csv")


@pytest.mark.parametrize(
    "given", [{"x": [1, 2], "k": ["a", "b"]}, [{"x": 1, "k": "a"}, {"x": 2, "k": "b"}], {"x": 1, "k": "a"}], ids=str
)
def test_what_mlflow_hands_a_model_becomes_a_table(given):
    assert frame_of(given).iloc[0].to_dict() == {"x": 1, "k": "a"}
