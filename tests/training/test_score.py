import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, mean_squared_error, r2_score

from remanence.training.score import regression_metrics, score

RANDOM = np.random.default_rng(0)
ACTUAL = RANDOM.uniform([90, 900], [210, 1700], (12, 2))
PREDICTED = ACTUAL + RANDOM.normal(0, [5, 40], (12, 2))
KEYS = {"mse", "rmse", "mae", "r2", "relative_error"}


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("rows", [2, 12])
def test_metrics_are_those_of_scikit_learn(column, rows):
    actual, predicted = ACTUAL[:rows, column], PREDICTED[:rows, column]

    metrics = regression_metrics(actual, predicted)

    assert metrics == pytest.approx(
        {
            "mse": mean_squared_error(actual, predicted),
            "rmse": np.sqrt(mean_squared_error(actual, predicted)),
            "mae": mean_absolute_error(actual, predicted),
            "r2": r2_score(actual, predicted),
            "relative_error": mean_absolute_percentage_error(actual, predicted),
        }
    )
    assert all(type(value) is float for value in metrics.values())


def test_a_perfect_prediction_has_no_error():
    metrics = regression_metrics(ACTUAL[:, 0], ACTUAL[:, 0])

    assert metrics == {"mse": 0, "rmse": 0, "mae": 0, "r2": 1, "relative_error": 0}


@pytest.mark.parametrize("predicted", [[3.0, 3.0, 3.0], [3.0, 3.0, 4.0]])
def test_r2_of_a_constant_target_is_that_of_scikit_learn(predicted):
    actual = np.full(3, 3.0)

    assert regression_metrics(actual, np.array(predicted))["r2"] == r2_score(actual, predicted)


@pytest.mark.parametrize("predicted", [[1.0, np.nan], [np.inf, 1.0], [1.0]])
def test_values_that_cannot_be_scored_are_refused(predicted):
    with pytest.raises(ValueError, match=r"finite|shape"):
        regression_metrics(np.array([1.0, 2.0]), np.array(predicted))


def test_one_row_has_errors_but_no_r2():
    metrics = regression_metrics(np.array([200.0]), np.array([190.0]))

    assert np.isnan(metrics.pop("r2"))
    assert metrics == pytest.approx({"mse": 100, "rmse": 10, "mae": 10, "relative_error": 0.05})


@pytest.mark.parametrize(
    ("actual", "expected"), [([0.0, 100.0], 0.1), ([0.0, -100.0], 2.1), ([0.0, 0.0], np.nan)], ids=str
)
def test_the_relative_error_leaves_out_rows_measured_as_zero(actual, expected):
    metrics = regression_metrics(np.array(actual), np.array([5.0, 110.0]))

    assert metrics["relative_error"] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_one_target_is_named_by_part_and_metric(part):
    metrics = score(part, ["d33 (pC/N)"], ACTUAL[:, :1], PREDICTED[:, :1])

    assert metrics.keys() == {f"{part}/{key}" for key in KEYS}
    assert metrics[f"{part}/r2"] == pytest.approx(r2_score(ACTUAL[:, 0], PREDICTED[:, 0]))


def test_several_targets_have_their_own_metrics_and_the_first_the_plain_ones():
    metrics = score("test", ["d33 (pC/N)", "eps_r"], ACTUAL, PREDICTED)

    prefixes = ("test", "test/d33_pC_N", "test/eps_r")
    assert metrics.keys() == {f"{prefix}/{key}" for prefix in prefixes for key in KEYS}
    for key in KEYS:
        assert metrics[f"test/{key}"] == metrics[f"test/d33_pC_N/{key}"]
    assert metrics["test/eps_r/mae"] == pytest.approx(mean_absolute_error(ACTUAL[:, 1], PREDICTED[:, 1]))
