"""What becomes of a run if a user's columns are called as ours are, or as each other are in metrics and files."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

OURS = ("row", "fold", "split", "predicted", "part", "valid", "mse", "id", "sample", "series", "z0", "d33_predicted",
        "d33_low", "d33_high", "d33_error", "d33_relative_error", "linear_d33_predicted")  # fmt: skip

LONE = "~baselines.random_forest"


@pytest.fixture
def with_ours(table):
    """A table with a column of each name that a table of ours has."""
    return table(**{name: np.arange(30) for name in OURS})


@pytest.fixture
def read(artifact):
    def fetch(run, name="test_predictions"):
        return pd.read_csv(artifact(run, f"tables/{name}.csv"), float_precision="round_trip")

    return fetch


def greek(table, *columns, **values):
    random = np.random.default_rng(1)
    x = random.uniform(0, 0.3, 30)
    d33 = 120 + 200 * x + random.normal(0, 1, 30)
    made = {columns[0]: 10 * d33, columns[1]: random.normal(0, 1, 30)}
    return table(x=x, d33=d33, **made, **values)


@pytest.mark.parametrize("columns", [("ε_r", "σ_r"), ("a%", "a#")])
def test_the_metrics_of_each_target_are_those_of_its_own_columns(train, read, table, columns):
    path = greek(table, *columns)
    names = {"ε_r": "ε_r", "σ_r": "σ_r", "a%": "a_percent_sign", "a#": "a_number_sign"}

    run = train(f"data.path={path}", f"data.target=[d33,'{columns[0]}','{columns[1]}']", "data.features=[x,amount]",
                "model=linear", LONE, experiment="piezo/table")  # fmt: skip

    rows = read(run)
    for column in columns:
        own = r2_score(rows[column], rows[f"{column}_predicted"])
        assert run.data.metrics[f"test/{names[column]}/r2"] == pytest.approx(own), column
    assert run.data.metrics[f"test/{names[columns[0]]}/r2"] > 0.9 > run.data.metrics[f"test/{names[columns[1]]}/r2"]


def test_targets_that_differ_in_capitals_have_a_figure_each(train, table, folder):
    path = greek(table, "D33", "e%")

    run = train(f"data.path={path}", "data.target=[d33,D33,'e%']", "data.features=[x]", "model=linear",
                LONE, experiment="piezo/table")  # fmt: skip

    figures = {file.stem for file in (folder(run) / "figures").iterdir()}
    assert figures == {"parity_D33", "parity_d33_2", "parity_e"}


def test_a_table_with_columns_called_as_ours_trains_and_keeps_them(train, read, with_ours):
    run = train(f"data.path={with_ours}", "data.target=d33", "data.features=[x,amount]", "figures=full",
                "ensemble=stacked", "ensemble.folds=2", "ensemble.repeats=1", "+baselines.linear={_target_: "
                "remanence.models.linear.Linear}", LONE, experiment="piezo/table")  # fmt: skip

    rows, given = read(run), pd.read_csv(with_ours)
    tested = rows["row_2"] if "row_2" in rows else rows["row"]
    pd.testing.assert_frame_equal(rows[given.columns], given.iloc[tested].reset_index(drop=True))
    assert rows.columns[0] == "row_2"
    np.testing.assert_allclose(rows["d33_predicted_2"] - rows["d33"], rows["d33_error_2"])
    np.testing.assert_allclose(
        rows["d33_high_2"] - rows["d33_predicted_2"], rows["d33_predicted_2"] - rows["d33_low_2"]
    )
    assert run.data.metrics["baseline/linear/test/r2"] == pytest.approx(
        r2_score(rows["d33"], rows["linear_d33_predicted_2"])
    )


@pytest.mark.parametrize("target", ["d33", "x_low"])
def test_predictions_stand_behind_the_columns_of_the_table(train, command, with_ours, tmp_path, target):
    given = pd.read_csv(with_ours).rename(columns={"d33_low": "x_low"})
    given["x_low"] = given["d33"] * 2
    given.to_csv(with_ours, index=False)
    run = train(f"data.path={with_ours}", f"data.target=[{target}]", "data.features=[x,amount]", "ensemble=stacked",
                "ensemble.folds=2", "ensemble.repeats=1", LONE, experiment="piezo/table")  # fmt: skip

    for source, output in ((with_ours, "once.csv"), (tmp_path / "once.csv", "twice.csv")):
        result = command("predict", f"run={run.info.run_id}", f"input={source}", f"output={tmp_path / output}")
        assert result.code == 0, result.err

    twice = pd.read_csv(tmp_path / "twice.csv")
    pd.testing.assert_frame_equal(twice[given.columns], given)
    once = [name for name in pd.read_csv(tmp_path / "once.csv") if name not in given.columns]
    added = [name for name in twice if name not in (*given.columns, *once)]
    assert [len(once), len(added)] == [5, 5]
    for first, second in zip(once, added, strict=True):
        np.testing.assert_array_equal(twice[first], twice[second])


def test_an_interval_is_never_taken_for_another_target(train, table):
    import mlflow

    d33 = pd.read_csv(table())["d33"]
    path = table(d33_low=d33 * 100)
    run = train(f"data.path={path}", "data.target=[d33,d33_low]", "data.features=[x,amount]", "ensemble=stacked",
                "ensemble.folds=2", "ensemble.repeats=1", LONE, experiment="piezo/table")  # fmt: skip

    predicted = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(pd.read_csv(path))

    assert predicted["d33_low"].mean() > 50 * predicted["d33"].mean()
    assert (predicted["d33_low_2"] < predicted["d33"]).all()
    ends = ["d33_low_2", "d33_high", "d33_low_low", "d33_low_high"]
    assert list(predicted) == ["d33", "d33_low", *ends, "distance", "extrapolated"]


def test_a_search_keeps_features_called_as_its_verdicts(train, command, table, tmp_path):
    path = table(meets=np.arange(30.0), extrapolated=np.arange(30.0) ** 2)
    run = train(f"data.path={path}", "data.target=d33", "data.features=[x,meets,extrapolated]", "model=linear",
                LONE, experiment="piezo/table")  # fmt: skip

    result = command("design", f"run={run.info.run_id}", "target=d33>150", "over=x=0:0.3", f"output={tmp_path}/d.csv")

    assert result.code == 0, result.err
    found = pd.read_csv(tmp_path / "d.csv")
    assert set(found["meets_2"]) == {"yes", "no"}
    assert found["meets"].dtype == np.float64
    assert found["extrapolated"].max() > 1
    assert f"{(found['meets_2'] == 'yes').sum()} of {len(found)} candidates meet" in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["+baselines.chain={_target_: remanence.models.linear.Linear}"], "baselines.chain: 'chain' means"),
        ([f"data.target=[d33,{'y' * 230}]"], "is too long a name"),
    ],
)
def test_names_that_no_metric_can_have_are_refused_before_training(command, all_runs, table, arguments, message):
    path = table(**{"y" * 230: np.arange(30.0)})

    result = command("train", "experiment=piezo/table", "data/split=stratified", f"data.path={path}",
                     "data.target=d33", "data.features=[x]", "model=linear", *arguments)  # fmt: skip

    assert result.code == 2, result.err
    assert message in result.err.replace("\n", " ")
    assert all_runs() == []


def test_an_objective_of_an_earlier_release_is_still_found(command, children, table):
    result = command("train", "-m", "experiment=piezo/table", "data/split=stratified",
                     f"data.path={greek(table, 'ε_r', 's')}", "data.target=[d33,'ε_r']", "data.features=[x]",
                     "model=ridge", "figures=brief", "baselines=none",
                     "objective=test/r/r2", "objective_direction=maximize", "seed=0,1", "sweep.name=old")  # fmt: skip

    assert result.code == 0, result.err
    assert len(children()) == 2
    assert "test/ε_r/r2" in children()[0].data.metrics
