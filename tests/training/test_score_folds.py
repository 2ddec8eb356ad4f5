import numpy as np
import pandas as pd
import pytest

from remanence.training.fitted import Fitted, FoldResult
from remanence.training.score import score_folds, score_members

Y = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0], [5.0, 50.0], [6.0, 60.0]])
OFFSET = {0: 0.0, 1: 0.5, 2: 1.0, 3: -1.0, 4: 0.0, 5: 0.0}
"""Prediction minus measurement of the first target; the second is predicted exactly."""


def fold(parts, half_width=(np.nan, np.nan)):
    """Return the result of one fold; ``parts`` maps names to rows."""
    predicted = {}
    for part, rows in parts.items():
        values = Y[rows].copy()
        values[:, 0] += [OFFSET[row] for row in rows]
        predicted[part] = (np.array(rows), values)
    return FoldResult(model=None, predicted=predicted, half_width=np.tile(half_width, (len(parts.get("test", ())), 1)))


def fitted(*folds, members=None):
    return Fitted(model=None, folds=list(folds), members=members)


def test_of_one_fold_every_part_has_its_plain_metrics():
    metrics = score_folds(fitted(fold({"train": [4, 5], "val": [2, 3], "test": [0, 1]})), ["d33"], Y)

    assert metrics["train/mae"] == 0
    assert metrics["val/mae"] == 1
    assert metrics["test/mae"] == 0.25
    assert metrics["test/mse"] == 0.125
    assert metrics["test/r2"] == 0.5  # 1 - .25 / .5
    assert not [key for key in metrics if key.endswith("_sd") or "pooled" in key or "coverage" in key]


def test_of_several_folds_there_is_mean_and_deviation_and_a_pooled_value():
    metrics = score_folds(fitted(fold({"test": [0, 1]}), fold({"test": [2, 3]}), fold({"test": [4, 5]})), ["d33"], Y)

    assert metrics["test/mae"] == pytest.approx((0.25 + 1 + 0) / 3)
    assert metrics["test/mae_sd"] == pytest.approx(np.std([0.25, 1, 0], ddof=1))
    assert metrics["test/r2"] == pytest.approx((0.5 - 3 + 1) / 3)
    assert metrics["test/r2_sd"] == pytest.approx(np.std([0.5, -3, 1], ddof=1))
    assert metrics["test/pooled_mae"] == pytest.approx(2.5 / 6)
    assert metrics["test/pooled_r2"] == pytest.approx(1 - 2.25 / 17.5)
    assert metrics["test/pooled_rmse"] == pytest.approx(np.sqrt(2.25 / 6))
    assert not [key for key in metrics if not key.startswith("test/")]


def test_folds_of_one_row_have_the_pooled_r2_without_a_deviation():
    metrics = score_folds(fitted(*(fold({"test": [row]}) for row in range(6))), ["d33"], Y)

    assert metrics["test/r2"] == metrics["test/pooled_r2"] == pytest.approx(1 - 2.25 / 17.5)
    assert "test/r2_sd" not in metrics
    assert metrics["test/mae_sd"] == pytest.approx(np.std(np.abs(list(OFFSET.values())), ddof=1))


def test_every_target_has_its_own_numbers():
    metrics = score_folds(fitted(fold({"test": [0, 1]}), fold({"test": [2, 3]})), ["d33", "eps_r"], Y)

    assert metrics["test/mae"] == metrics["test/d33/mae"] == pytest.approx(0.625)
    assert metrics["test/eps_r/mae"] == metrics["test/eps_r/mae_sd"] == 0
    assert metrics["test/eps_r/pooled_r2"] == 1


@pytest.mark.parametrize(("half_width", "inside"), [(0.25, 3 / 6), (0.5, 4 / 6), (0.999, 4 / 6), (1.0, 1.0)])
def test_coverage_is_the_share_of_test_rows_inside_their_folds_interval(half_width, inside):
    folds = [fold({"test": rows}, (half_width, np.nan)) for rows in ([0, 1], [2, 3], [4, 5])]

    metrics = score_folds(fitted(*folds), ["d33", "eps_r"], Y)

    assert metrics["test/coverage"] == metrics["test/d33/coverage"] == inside
    assert "test/eps_r/coverage" not in metrics


def test_each_fold_is_measured_with_the_interval_it_calibrated():
    folds = [fold({"test": [0, 1]}, (0.1, np.nan)), fold({"test": [2, 3]}, (1.0, np.nan)), fold({"test": [4, 5]})]

    assert score_folds(fitted(*folds), ["d33"], Y)["test/coverage"] == 3 / 4


def test_quarters_of_the_predictions_have_a_coverage_each_and_intervals_a_mean_width():
    rows = np.random.default_rng(0).permutation(40)
    predicted = np.arange(40.0)[rows, None]
    y = np.arange(40.0)[:, None] + np.where(np.arange(40)[:, None] < 10, 5.0, 0.0)  # the lowest quarter is missed
    wide = np.where(predicted < 30, 1.0, 3.0)
    one = FoldResult(model=None, predicted={"test": (rows, predicted)}, half_width=wide)

    metrics = score_folds(fitted(one), ["d33"], y)

    assert [metrics[f"test/coverage_q{number}"] for number in range(1, 5)] == [0, 1, 1, 1]
    assert metrics["test/coverage"] == 0.75
    assert metrics["test/interval_width"] == pytest.approx(2 * (30 * 1 + 10 * 3) / 40)


def test_few_rows_have_no_quarters_and_an_interval_without_end_covers_nothing():
    metrics = score_folds(fitted(fold({"test": [0, 1, 2]}, (1.0, np.inf))), ["d33", "eps_r"], Y)

    assert metrics["test/d33/coverage"] == 1
    assert not [key for key in metrics if "coverage_q" in key or key.startswith("test/eps_r/coverage")]


def members(**columns):
    """Two folds, in the first two trainings share their rows."""
    values = {
        "fold": [0, 0, 0, 1],
        "validated_on": ["1 2", "1 2", "3 4", "5 6"],
        "target": ["d33"] * 4,
        "val_loss": [0.3, 0.2, 0.9, 0.5],
        "test_r2": [0.9, 0.6, 0.4, 0.8],
        "test_rmse": [1.0, 2.0, 3.0, 4.0],
        "test_mae": [1.0, 1.0, 1.0, 1.0],
        "test_relative_error": [0.1, 0.2, 0.3, 0.4],
    }
    return pd.DataFrame(values | columns)


def test_members_have_mean_deviation_and_the_best_of_those_that_share_their_rows():
    metrics = score_members(members(), ["d33"])

    assert metrics["test/member_r2"] == pytest.approx(0.675)
    assert metrics["test/member_r2_sd"] == pytest.approx(np.std([0.9, 0.6, 0.4, 0.8], ddof=1))
    # by validation loss, not by the test itself: 0.6 although 0.9 would look better
    assert metrics["test/best_of_repeats/r2"] == pytest.approx((0.6 + 0.4 + 0.8) / 3)
    assert metrics["test/best_of_repeats/rmse"] == pytest.approx((2 + 3 + 4) / 3)
    assert metrics["test/member_mae_sd"] == 0


def test_members_of_another_target_do_not_count():
    metrics = score_members(members(target=["d33", "d33", "eps_r", "eps_r"]), ["d33", "eps_r"])

    assert metrics["test/d33/member_r2"] == metrics["test/member_r2"] == pytest.approx(0.75)
    assert metrics["test/eps_r/member_r2"] == pytest.approx(0.6)
    assert metrics["test/eps_r/best_of_repeats/r2"] == pytest.approx(0.6)


def test_what_members_cannot_tell_is_left_out():
    metrics = score_members(members(test_r2=np.nan).head(1), ["d33"])

    assert "test/member_r2" not in metrics
    assert metrics["test/member_mae"] == 1
    assert metrics["test/member_mae_sd"] == 0
