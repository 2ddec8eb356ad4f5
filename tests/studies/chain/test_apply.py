import numpy as np
import pandas as pd
import pytest
from small_mixtures import FORMULAS, own_gaps, own_mixes

from remanence.verbs.evaluate import evaluate

MIXED = ["FA0.8MA0.2PbBr1.5I1.5", "Cs0.3FA0.7SnI3", "MAPb0.9Sn0.1Br3"]


@pytest.fixture
def predict(ask, tmp_path):
    """Predict the rows of a table through files."""

    def run(chain, frame, kind=".csv"):
        path, out = tmp_path / f"in{kind}", tmp_path / f"out{kind}"
        {".csv": frame.to_csv, ".parquet": frame.to_parquet}[kind](path, index=False)
        result = ask(chain, "predict", f"input={path}", f"output={out}")
        assert result.code == 0, result.err
        assert f"{len(frame)} predicted, written to {out}" in result.out
        return {".csv": pd.read_csv, ".parquet": pd.read_parquet}[kind](out)

    return run


def new_rows():
    """Return mixtures of compositions of which the run has seen none."""
    return pd.DataFrame({"composition": MIXED, "heat": [30.0, 60.5, 90.0], "additive": ["none", "oil", "salt"]})


COLUMNS = ["gap", "energy", "density"]


def test_every_scale_is_predicted_with_its_interval_behind_the_columns_that_were_there(own_run, predict):
    frame = new_rows().assign(note=["a", "b, c", "ü"])[["note", "heat", "additive", "composition"]]

    predicted = predict(own_run, frame)

    added = [name for column in COLUMNS for name in (column, f"{column}_low", f"{column}_high")]
    assert list(predicted.columns) == [*frame.columns, *added]
    pd.testing.assert_frame_equal(predicted[frame.columns], frame)
    for column in COLUMNS:
        low, middle, high = (predicted[name] for name in (f"{column}_low", column, f"{column}_high"))
        np.testing.assert_allclose(middle - low, high - middle, rtol=1e-9)
        assert (high > low).all()
        assert np.ptp(high - low) < 1e-9


def test_compositions_alone_get_the_property_of_the_finest_scale(own_run, predict):
    whole = predict(own_run, new_rows())

    alone = predict(own_run, new_rows()[["composition"]])

    assert list(alone.columns) == ["composition", "gap", "gap_low", "gap_high"]
    np.testing.assert_allclose(alone["gap"], whole["gap"], rtol=1e-6)


def test_a_gap_does_not_depend_on_what_is_mixed_in(own_run, predict):
    first, second = (
        predict(own_run, new_rows().assign(**change)) for change in ({}, {"heat": 99.0, "additive": "oil"})
    )

    np.testing.assert_array_equal(first["gap"], second["gap"])
    assert (first["energy"] != second["energy"]).any()


def test_rows_are_predicted_alike_alone_and_among_others_and_from_parquet(own_run, predict):
    together = predict(own_run, new_rows())

    one = predict(own_run, new_rows().iloc[[1]])
    parquet = predict(own_run, new_rows(), ".parquet")

    for column in COLUMNS:
        assert one[column].item() == pytest.approx(together[column][1], rel=1e-6)
        np.testing.assert_allclose(parquet[column], together[column], rtol=1e-12)


def test_descriptors_and_unnamed_columns_of_a_table_do_not_matter(own_run, predict, tmp_path, ask):
    expected = predict(own_run, new_rows())
    rows = new_rows().assign(A_IONRAD=0.0, first=7, second=8)
    rows.rename(columns={"first": "", "second": ""}).to_csv(tmp_path / "more.csv", index=False)

    result = ask(own_run, "predict", f"input={tmp_path}/more.csv", f"output={tmp_path}/out.csv")

    assert result.code == 0, result.err
    np.testing.assert_array_equal(pd.read_csv(tmp_path / "out.csv")["energy"], expected["energy"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"composition": [*FORMULAS[:2], "MAPbF3"]},
            "row 4, column 'composition': composition 'MAPbF3': unknown ion 'F'",
        ),
        ({"composition": ["", *FORMULAS[:2]]}, "row 2, column 'composition' is empty"),
        ({"additive": ["oil", "sand", "oil"]}, "row 3, column 'additive' is 'sand'; known values: none, oil, salt"),
        ({"heat": [1, 2, "warm"]}, "row 4, column 'heat' is not a number: 'warm'"),
        ({"composition": None}, "no column 'composition'; it has: heat, additive"),
    ],
)
def test_a_table_that_does_not_fit_is_one_line_and_writes_nothing(own_run, ask, tmp_path, change, reason):
    rows = new_rows().assign(**{name: values for name, values in change.items() if values is not None})
    rows = rows.drop(columns=[name for name, values in change.items() if values is None])
    rows.to_csv(tmp_path / "in.csv", index=False)

    result = ask(own_run, "predict", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "in.csv" in line
    assert reason in line
    assert not (tmp_path / "out.csv").exists()


def test_predictions_do_not_hide_columns_that_are_called_as_they_are(own_run, ask, tmp_path):
    rows = new_rows().assign(gap=1.5, gap_predicted=1.0, density_high=2.0)
    rows.to_csv(tmp_path / "in.csv", index=False)

    assert ask(own_run, "predict", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv").code == 0

    written = pd.read_csv(tmp_path / "out.csv")
    pd.testing.assert_frame_equal(written[rows.columns], rows.reset_index(drop=True))
    assert (written["gap_predicted_2"] != 1).all()
    assert (written["density_high_2"] > written["density"]).all()


def test_a_column_that_stands_twice_is_named(own_run, ask, tmp_path):
    (tmp_path / "in.csv").write_text("composition,composition\nMAPbI3,CsPbI3\n")

    result = ask(own_run, "predict", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 2
    assert "in.csv: column 'composition' stands 2 times in the header" in result.err


@pytest.mark.parametrize(
    ("frame", "scale", "targets"),
    [
        (pd.DataFrame({"composition": MIXED, "gap": [1.4, 1.2, 1.9]}), "ions", ["gap"]),
        (own_mixes().assign(heat=own_mixes()["heat"] + 0.05), "mix", ["energy", "density"]),
    ],
)
def test_a_table_of_one_scale_is_evaluated_on_that_scale(own_run, ask, predict, tmp_path, frame, scale, targets):
    predicted = predict(own_run, frame)
    frame.to_csv(tmp_path / "other.csv", index=False)

    result = ask(own_run, "evaluate", f"data.path={tmp_path}/other.csv")
    metrics = evaluate(own_run.run_id, str(tmp_path / "other.csv"))

    assert result.code == 0, result.err
    assert f"{scale}: none of {len(frame)} rows was fitted" in result.out
    assert metrics["rows"] == len(frame)
    assert {key.split("/")[1] for key in metrics if key != "rows"} == {scale}
    for target in targets:
        error = (predicted[f"{target}_predicted"] - predicted[target]).abs().mean()
        key = f"test/{scale}/{target}/mae" if len(targets) > 1 else f"test/{scale}/mae"
        assert metrics[key] == pytest.approx(error, rel=1e-9)
        assert key in result.out


@pytest.mark.parametrize(("frame", "scale"), [(own_gaps(), "ions"), (own_mixes(), "mix")])
def test_rows_that_each_scale_held_out_in_turn_have_the_metrics_of_the_run(own_run, ask, tmp_path, frame, scale):
    frame.to_csv(tmp_path / "own.csv", index=False)

    result = ask(own_run, "evaluate", f"data.path={tmp_path}/own.csv")
    there = evaluate(own_run.run_id, str(tmp_path / "own.csv"))
    without = evaluate(own_run.run_id)

    assert f"{scale}: {len(frame)} were held out in turn" in result.out
    own = own_run.run.data.metrics
    for metrics in (there, without):
        found = {key: value for key, value in metrics.items() if key.startswith(f"test/{scale}/")}
        assert {f"test/{scale}/mae", f"test/{scale}/pooled_r2", f"test/{scale}/coverage"} <= found.keys()
        assert found == pytest.approx({key: own[key] for key in found}, rel=1e-9)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (own_gaps()[["composition"]], "holds no scale's columns and properties; those of 'ions' are composition, gap"),
        (own_gaps().assign(gap="wide"), "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, column 'gap' is not a number: 'wide'"),
        (own_gaps().assign(more=1.0).rename(columns={"more": "gap"}), "column 'gap' stands 2 times in the header"),
    ],
    ids=["no property", "bad cell", "twice"],
)
def test_a_table_that_cannot_be_evaluated_is_one_line(own_run, ask, tmp_path, frame, reason):
    frame.to_csv(tmp_path / "other.csv", index=False)

    result = ask(own_run, "evaluate", f"data.path={tmp_path}/other.csv")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert reason in line


def test_a_column_in_another_unit_is_refused_rather_than_left_out(own_run, ask, tmp_path):
    new_rows().rename(columns={"heat": "heat [K]"}).to_csv(tmp_path / "in.csv", index=False)
    own_gaps().rename(columns={"gap": "gap [J]"}).to_csv(tmp_path / "gaps.csv", index=False)

    predicted = ask(own_run, "predict", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")
    evaluated = ask(own_run, "evaluate", f"data.path={tmp_path}/gaps.csv")

    assert (predicted.code, evaluated.code) == (2, 2)
    assert "in.csv: column 'heat [K]' is in K, the model was trained on 'heat' in no declared unit" in predicted.err
    assert "gaps.csv: column 'gap [J]' is in J, the model was trained on 'gap' in eV" in evaluated.err
