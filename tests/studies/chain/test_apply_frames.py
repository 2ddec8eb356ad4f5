"""Predictions of a chain as DataFrames."""

import pandas as pd
import pytest

import remanence as rm

ROWS = pd.DataFrame(
    {"composition": ["FA0.8MA0.2PbBr1.5I1.5", "MAPb0.9Sn0.1Br3"], "heat": [30.0, 90.0], "additive": ["none", "salt"]},
    index=[4, 2],
)


@pytest.fixture
def run(own_run, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(own_run.outputs))
    return rm.load(own_run.run_id)


def test_every_scale_is_predicted_with_intervals_behind_the_id(run):
    predicted = run.predict(ROWS.assign(id=["a", "b"]))

    ends = [f"{name}{end}" for name in ("gap", "energy", "density") for end in ("", "_low", "_high")]
    assert list(predicted.columns) == ["id", *ends]
    assert predicted.index.tolist() == [4, 2]
    assert (predicted["energy_low"] < predicted["energy"]).all()
    assert predicted.attrs["units"] == {"gap": "eV", "gap_low": "eV", "gap_high": "eV"}


def test_a_file_is_predicted_like_its_rows(run, tmp_path):
    ROWS.to_csv(tmp_path / "new.csv", index=False)

    pd.testing.assert_frame_equal(run.predict(tmp_path / "new.csv"), run.predict(ROWS).reset_index(drop=True))


def test_compositions_alone_get_the_property_of_the_finest_scale(run, capsys):
    assert list(run.predict(ROWS[["composition"]])) == ["gap", "gap_low", "gap_high"]
    assert capsys.readouterr().out == ""


def test_what_is_missing_for_every_scale_is_named(run):
    with pytest.raises(rm.DataError, match="no column 'composition'"):
        run.predict(ROWS[["heat"]])
