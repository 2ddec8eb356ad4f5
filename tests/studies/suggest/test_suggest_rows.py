import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError, DataError
from remanence.studies.design.table_search import NOTES
from remanence.studies.design.verdicts import INTERVALS
from remanence.studies.suggest.suggest_rows import Measured, suggest_rows

X = np.repeat([0.02, 0.06, 0.1, 0.15], 3)
SLOPE = np.tile([20.0, 30.0, 40.0], 4)
ROWS = pd.DataFrame({"id": [f"s{n}" for n in range(12)], "x": X, "slope": SLOPE})
D33 = 100 + 1000 * X + SLOPE
EPS = 900 - 2000 * X


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    """Forests of 40 trees: what is tested does not depend on the number."""
    monkeypatch.setattr("remanence.studies.suggest.surrogate.TREES", 40)


class Plane:
    """A model that knows the plane of d33, with intervals of ± 10."""

    columns = Columns(["x", "slope"], ["d33", "eps"], units={"d33": "pC/N", "slope": "1/ln Hz"})
    region = None
    coverage = 0.9

    def predict(self, frame):
        d33 = 100 + 1000 * frame["x"].to_numpy() + frame["slope"].to_numpy()
        eps = 900 - 2000 * frame["x"].to_numpy()
        return pd.DataFrame({"d33": d33, "d33_low": d33 - 10, "d33_high": d33 + 10, "eps": eps})


MODEL = Plane()
MEASURED = Measured(ROWS, MODEL.columns.encode(ROWS, "rows"), np.stack([D33, EPS], axis=1))
OVER = {"over": "x=0.02:0.15:0.01,slope=20:40:10"}


def test_experiments_come_with_what_the_model_predicts_and_the_nearest_sample():
    table = suggest_rows(MODEL, MEASURED, OVER | {"n": "4"})

    assert len(table) == 4
    np.testing.assert_allclose(table["d33"], 100 + 1000 * table["x"] + table["slope"])
    np.testing.assert_allclose(table["d33_high"] - table["d33"], 10)
    assert table.attrs[INTERVALS] == {"d33": ("d33_low", "d33_high")}
    assert table.attrs["units"]["d33"] == "pC/N"
    assert set(table["extrapolated"]) == {"no"}
    assert table["distance"].gt(0).all()
    for _, row in table.iterrows():
        away = ((ROWS["x"] - row["x"]) / X.std()) ** 2 + ((ROWS["slope"] - row["slope"]) / SLOPE.std()) ** 2
        assert row["distance"] == pytest.approx(np.sqrt(away.min()), rel=1e-6)
        assert row["nearest"] in {f"s{n}: {D33[n]:.4g}" for n in np.flatnonzero(np.isclose(away, away.min()))}
    assert table["x"].mean() > 0.1  # where d33 is large
    assert "target= is not given: d33=max" in table.attrs[NOTES]


def test_a_batch_on_a_fine_grid_has_no_two_experiments_nearly_on_top_of_each_other():
    class Peak:
        columns, region, coverage = Columns(["x"], ["d33"]), None, 0.9

        def predict(self, frame):
            d33 = 100 * np.exp(-(((frame["x"].to_numpy() - 0.12) / 0.05) ** 2))
            return pd.DataFrame({"d33": d33, "d33_low": d33 - 10, "d33_high": d33 + 10})

    rows = pd.DataFrame({"x": np.linspace(0, 0.25, 8)})
    measured = Measured(rows, rows.to_numpy(), Peak().predict(rows)[["d33"]].to_numpy())

    table = suggest_rows(Peak(), measured, {"over": "x=0:0.25:0.001", "n": "5"})

    assert np.diff(np.sort(table["x"])).min() >= 0.25 / 7 / 2 - 1e-9  # half the distance of measured rows


def test_what_is_measured_is_not_suggested_again():
    table = suggest_rows(MODEL, MEASURED, OVER | {"n": "40"})

    asked = {(round(row["x"], 6), row["slope"]) for _, row in table.iterrows()}
    assert len(asked) == len(table) == 14 * 3 - 12
    assert not asked & set(zip(X.round(6), SLOPE, strict=True))
    notes = table.attrs[NOTES]
    assert "12 of 42 candidates are measured already and are left out" in notes
    assert "n: there are 30 candidates that are not made yet, fewer than 40" in notes
    assert len(set(table["reason"])) > 1


def test_an_input_that_nobody_chose_does_not_make_a_measured_composition_new():
    table = suggest_rows(MODEL, MEASURED, {"over": "x=0.02:0.15:0.01", "n": "20"})

    assert sorted(table["x"].round(2)) == [0.03, 0.04, 0.05, 0.07, 0.08, 0.09, 0.11, 0.12, 0.13, 0.14]


def test_pending_experiments_are_not_asked_for_twice(tmp_path):
    first = suggest_rows(MODEL, MEASURED, OVER | {"n": "5"})
    first.to_csv(tmp_path / "made.csv", index=False)

    second = suggest_rows(MODEL, MEASURED, OVER | {"n": "5", "pending": str(tmp_path / "made.csv")})

    pairs = [set(zip(table["x"].round(6), table["slope"], strict=True)) for table in (first, second)]
    assert not pairs[0] & pairs[1]
    assert "5 pending experiments count as made; 5 candidates are among them" in second.attrs[NOTES]


def test_a_dear_experiment_has_to_gain_more(tmp_path):
    candidates = pd.DataFrame({"x": [0.14, 0.12], "slope": [38.0, 38.0], "price": [50.0, 1.0]})
    candidates.to_csv(tmp_path / "powders.csv", index=False)
    asked = {"candidates": str(tmp_path / "powders.csv"), "n": "1"}

    dear, even = (suggest_rows(MODEL, MEASURED, asked | {"cost": cost}) for cost in ("price", "1"))

    assert dear[["x", "cost"]].to_numpy().tolist() == [[0.12, 1.0]]
    assert even[["x", "cost"]].to_numpy().tolist() == [[0.14, 1.0]]


def test_several_goals_are_weighed_against_each_other():
    table = suggest_rows(MODEL, MEASURED, OVER | {"target": "d33=max,eps=max", "n": "6"})

    assert np.ptp(table["x"]) > 0.05  # d33 grows with x, eps falls
    assert table["nearest"].str.count(",").eq(1).all()


def test_a_goal_decides_the_direction():
    low = suggest_rows(MODEL, MEASURED, OVER | {"target": "d33=min", "n": "3"})
    high = suggest_rows(MODEL, MEASURED, OVER | {"target": "d33=max", "n": "3"})

    assert low["d33"].mean() < high["d33"].mean() - 50


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_choice_does_not_depend_on_units(scale):
    class Scaled(Plane):
        def predict(self, frame):
            return super().predict(frame / scale) * scale

    rows = ROWS.assign(x=X * scale, slope=SLOPE * scale)
    measured = Measured(rows, MEASURED.x * scale, MEASURED.y * scale)
    asked = {"over": f"x={0.02 * scale}:{0.15 * scale}:{0.01 * scale},slope={20 * scale}:{40 * scale}:{10 * scale}"}

    expected, table = suggest_rows(MODEL, MEASURED, OVER | {"n": "5"}), suggest_rows(Scaled(), measured, asked)

    np.testing.assert_allclose(table[["x", "slope"]] / scale, expected[["x", "slope"]], rtol=1e-6)
    assert table["reason"].tolist() == expected["reason"].tolist()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n": "0"}, "suggest: n must be a whole number of at least 1, got '0'"),
        ({"target": "d31=max"}, "target: the run predicts d33, eps, not 'd31'"),
        ({"acquisition": "ucb"}, "acquisition: expected upper_bound or expected_improvement, got 'ucb'"),
        ({"over": "x=[0.02,0.06],slope=20:40:10"}, "suggest: every candidate is measured or pending; name others"),
        ({"over": "y=0:1"}, "over: the run's inputs are x, slope, not 'y'"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(asked, message):
    with pytest.raises(ConfigurationError, match=message):
        suggest_rows(MODEL, MEASURED, OVER | asked)


def test_without_candidates_it_says_how_to_name_them():
    with pytest.raises(ConfigurationError, match=r"suggest: over=… must be given, such as over='x="):
        suggest_rows(MODEL, MEASURED, {})


def test_a_table_of_pending_experiments_that_is_missing_is_named():
    with pytest.raises(DataError, match="nowhere"):
        suggest_rows(MODEL, MEASURED, OVER | {"pending": "nowhere.csv"})
