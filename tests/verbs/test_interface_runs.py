"""Runs beside each other as DataFrames: ``rm.runs`` and ``rm.compare``."""

import pandas as pd
import pytest

import remanence as rm
from remanence.verbs import compare


def test_there_is_a_row_for_every_run_with_numbers_that_are_numbers(train, capsys):
    runs = [train("model.lr=0.01"), train("model.lr=0.02", "data.noise=2"), train("model=linear")]
    capsys.readouterr()

    table = rm.runs()

    assert capsys.readouterr().out == ""
    assert table.columns[:5].tolist() == ["name", "config", "status", "data", "sweep"]
    assert table["id"].tolist() == [run.info.run_id for run in runs]
    assert table["data"].tolist() == [run.data.tags["remanence.data"] for run in runs]
    assert table["model.lr"].tolist()[:2] == [0.01, 0.02]
    assert pd.isna(table["model.lr"].iloc[2])
    assert table["data.noise"].tolist() == [1.0, 2.0, 1.0]
    assert table["val/loss"].isna().tolist() == [False, False, True]
    for key in ("test/r2", "baseline/linear/test/r2"):
        assert table[key].tolist() == [run.data.metrics[key] for run in runs]
    assert not [column for column in table if column.startswith("system/")]
    assert "seed" not in table


def test_runs_are_chosen_by_name_and_what_is_not_there_is_said(train):
    train("model=linear")

    assert len(rm.runs("piezo")) == len(rm.runs("piezo/single")) == 1
    with pytest.raises(rm.ConfigurationError, match="no runs of 'beps'"):
        rm.runs("beps")


def test_without_any_run_the_table_is_empty_and_without_a_database_the_place_is_named(outputs):
    assert rm.runs().columns.tolist() == ["name", "config", "status", "data", "sweep", "id"]
    assert len(rm.runs()) == 0

    (outputs / "mlflow.db").unlink()
    with pytest.raises(rm.ConfigurationError, match=f"no runs at sqlite:///{outputs}/mlflow.db"):
        rm.runs()


def test_a_comparison_is_that_of_the_verb(train):
    train("model=linear")
    train("model.lr=0.01")

    pd.testing.assert_frame_equal(rm.compare("piezo"), compare.compare("piezo"))
