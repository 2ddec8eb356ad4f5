"""What a run has left, seen from Python: its numbers, tables and figures, and its model applied."""

import os

import numpy as np
import pandas as pd
import pytest
import torch
from mlflow.tracking._tracking_service import utils as address

import remanence as rm
from remanence.verbs import design, evaluate
from remanence.verbs.tracked_run import TrackedRun


@pytest.fixture
def rows():
    return pd.DataFrame({"ID": ["007", "b"], "amount": [2, 6], "note": 1, "x": [0.1, 0.2]}, index=[5, 3])


def test_numbers_and_names_are_those_of_mlflow(mine, on_table):
    found = mine._run.client.get_run(mine.id)

    assert (mine.name, mine.status) == ("mine", "FINISHED")
    assert mine.metrics == found.data.metrics
    assert mine.parameters == found.data.params
    assert mine.tags == found.data.tags
    assert mine.config["data"]["path"] == str(on_table / "mine.csv")
    assert type(mine.config["data"]) is dict


def test_a_changed_copy_of_the_configuration_changes_nothing(mine):
    mine.config["data"].clear()

    assert mine.config["data"]["target"] == "d33"


def test_it_says_what_it_is(mine):
    shown = repr(mine)

    for part in ("mine", "piezo/table", "FINISHED", f"test/r2 {mine.metrics['test/r2']:.4g}", mine.id):
        assert part in shown


def test_figures_are_paths_that_a_notebook_shows(mine):
    assert [path.name for path in mine.figures] == ["parity_d33.png"]
    assert all(path.is_file() for path in mine.figures)
    html = mine.figures._repr_html_()
    assert html.count("data:image/png;base64,") == 1
    assert "<figcaption>parity_d33</figcaption>" in html


def test_tables_are_frames_with_units(mine):
    assert mine.tables == ["calibration", "fold_errors", "test_predictions"]
    table = mine.table("test_predictions")

    assert table["d33_error"].tolist() == pytest.approx((table["d33_predicted"] - table["d33"]).tolist())
    assert table.attrs["units"] == {"d33": "pC/N", "d33_predicted": "pC/N", "d33_error": "pC/N"}


def test_an_unknown_table_is_answered_with_the_nearest_one(mine):
    with pytest.raises(rm.ConfigurationError, match="no table 'test_prediction'; did you mean 'test_predictions'"):
        mine.table("test_prediction")


def test_what_is_no_longer_in_the_folder_comes_from_the_artifacts(mine, on_table, tmp_path, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path))
    elsewhere = rm.load("mine", uri=f"sqlite:///{on_table}/mlflow.db")

    assert not elsewhere.folder.exists()
    assert elsewhere.figures[0].read_bytes() == mine.figures[0].read_bytes()
    pd.testing.assert_frame_equal(elsewhere.table("test_predictions"), mine.table("test_predictions"))


def test_predictions_keep_index_id_and_units(mine, rows):
    predicted = mine.predict(rows)

    assert list(predicted.columns) == ["ID", "d33", "d33_low", "d33_high", "distance", "extrapolated"]
    assert predicted.index.tolist() == [5, 3]
    assert predicted["ID"].tolist() == ["007", "b"]
    assert predicted["d33"].tolist() == pytest.approx([146, 178], abs=2)  # in pC/N, not standardised
    assert predicted.attrs["units"] == {"d33": "pC/N", "d33_low": "pC/N", "d33_high": "pC/N"}
    assert list(rows.columns) == ["ID", "amount", "note", "x"]  # what was given stays


def test_a_file_is_predicted_like_its_rows(mine, rows, tmp_path):
    rows.to_csv(tmp_path / "new.csv", index=False)

    predicted = mine.predict(tmp_path / "new.csv")

    pd.testing.assert_frame_equal(predicted, mine.predict(rows).reset_index(drop=True))
    assert predicted.attrs["units"]["d33"] == "pC/N"


def test_rows_without_an_id_give_predictions_alone(mine, rows):
    assert "ID" not in mine.predict(rows.drop(columns="ID"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": "much"}, "rows 7, 5, column 'x' is not a number: 'much'"),
        ({"amount": None}, "rows 7, 5, column 'amount' is empty"),
    ],
)
def test_bad_cells_are_named(mine, rows, change, message):
    with pytest.raises(rm.DataError, match=message):
        mine.predict(rows.assign(**change))


def test_another_unit_is_refused_in_memory_as_in_a_file(mine, rows):
    with pytest.raises(rm.DataError, match="'x \\[%\\]' is in %, the model was trained on 'x'"):
        mine.predict(rows.rename(columns={"x": "x [%]"}))


def test_what_is_no_table_is_refused(mine):
    with pytest.raises(rm.ConfigurationError, match="expected a DataFrame, or the path of a table, got ndarray"):
        mine.predict(np.zeros((2, 2)))


def test_a_key_that_a_table_does_not_have_is_refused(mine, rows):
    with pytest.raises(rm.ConfigurationError, match=r"data\.cycle=0: a table is read by the names of its columns"):
        mine.predict(rows, cycle=0)


def test_evaluation_is_that_of_the_verb(mine, on_table):
    expected = {
        None: evaluate.evaluate(mine.id),
        on_table / "mine.csv": evaluate.evaluate(mine.id, f"{on_table}/mine.csv"),
    }

    for path, metrics in expected.items():
        frame = mine.evaluate(path)
        assert list(frame.columns) == ["metric", "value"]
        assert dict(zip(frame["metric"], frame["value"], strict=True)) == metrics
    assert expected[None]["rows"] < 30


def test_design_is_that_of_the_verb(mine):
    expected = design.design(mine.id, "d33>160", {"over": "x=0:0.3"})

    found = mine.design("d33>160", over="x=0:0.3")

    pd.testing.assert_frame_equal(found, expected)
    assert found.attrs["units"]["d33"] == "pC/N"


def test_functions_take_a_run_or_what_names_it(mine, rows, on_table):
    for run in (mine, "mine", mine.id[:8]):
        pd.testing.assert_frame_equal(rm.predict(run, rows), mine.predict(rows))
        pd.testing.assert_frame_equal(rm.evaluate(run, on_table / "mine.csv"), mine.evaluate(on_table / "mine.csv"))
        pd.testing.assert_frame_equal(rm.design(run, "d33=max", over="x=0:0.3"), mine.design("d33=max", over="x=0:0.3"))


def test_nothing_is_printed_and_the_process_is_as_it_was_found(mine, rows, on_table, capsys):
    capsys.readouterr()
    torch.manual_seed(3)
    before = address._tracking_uri, os.environ.get("MLFLOW_TRACKING_URI"), torch.get_rng_state().tolist()

    mine.predict(rows)
    mine.evaluate()
    mine.design("d33=max", over="x=0:0.3")

    assert capsys.readouterr().out == ""
    after = address._tracking_uri, os.environ.get("MLFLOW_TRACKING_URI"), torch.get_rng_state().tolist()
    assert after == before


def test_a_killed_and_a_pruned_run_say_so(client, outputs):
    run = client.create_run("0", run_name="slow")
    client.set_terminated(run.info.run_id, "KILLED")
    assert rm.load("slow").status == "KILLED"

    client.set_tag(run.info.run_id, "remanence.outcome", "pruned")
    assert rm.load("slow").status == "PRUNED"


def test_a_run_without_a_model_is_refused(client, outputs, rows):
    client.create_run("0", run_name="other")

    with pytest.raises(rm.ConfigurationError, match="it is a sweep, no run of remanence, or died at once"):
        rm.predict("other", rows)
    assert isinstance(rm.load("other"), TrackedRun)
    assert (rm.load("other").figures, rm.load("other").tables) == ([], [])
