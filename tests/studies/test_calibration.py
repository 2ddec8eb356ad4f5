from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binomtest

from remanence.science.conformal import conformal_half_width
from remanence.studies.calibration import calibration_table
from remanence.training.fitted import Fitted, FoldResult

RANDOM = np.random.default_rng(0)
SCORES = np.sort(np.abs(RANDOM.normal(size=500)))


def fit(rows, repeats=1, coverage=0.9):
    """Return rows with normal errors of sd 2, each tested ``repeats`` times, and a fit that expects that."""
    predicted = RANDOM.uniform(0, 1, (rows, 1))
    y = predicted + 2 * RANDOM.normal(size=(rows, 1))
    tested = {"test": (np.arange(rows), predicted)}
    sizes = np.full((rows, 1), 2.0)
    fold = FoldResult(None, tested, sizes, scores=[SCORES], sizes=sizes)
    return Fitted(None, [fold] * repeats, coverage=coverage), SimpleNamespace(y=y, targets=["d33"])


def test_the_observed_coverage_follows_the_nominal_one_in_all_parts():
    table = calibration_table(*fit(2000))

    assert table["nominal"].nunique() == 19
    assert set(table["part"]) == {"all", "q1", "q2", "q3", "q4"}
    every = table[table["part"] == "all"]
    np.testing.assert_allclose(every["covered"], every["nominal"], atol=0.04)
    assert every["mean_width"].is_monotonic_increasing
    assert ((table["low"] <= table["covered"]) & (table["covered"] <= table["high"])).all()


def test_the_range_by_chance_is_that_of_rows_counted_once():
    table = calibration_table(*fit(100, repeats=3, coverage=0.87))

    asked = table[(table["part"] == "all") & (table["nominal"] == 0.87)].iloc[0]
    expected = binomtest(round(asked["covered"] * 100), 100).proportion_ci(0.95, "exact")
    assert (asked["low"], asked["high"]) == pytest.approx((expected.low, expected.high))


def test_few_rows_have_no_quarters_and_without_calibration_there_is_no_table():
    fitted, data = fit(20)

    assert set(calibration_table(fitted, data)["part"]) == {"all"}
    fitted.folds[0].scores = []
    fitted.folds[0].half_width = np.full((20, 1), np.nan)
    assert calibration_table(fitted, data).empty


def test_intervals_without_end_are_left_out():
    fitted, data = fit(20)
    fitted.folds[0].scores = [SCORES[:4]]

    assert calibration_table(fitted, data)["nominal"].max() == 0.8


def test_intervals_of_one_width_are_those_of_the_errors_of_validation_rows():
    fitted, data = fit(2000)
    (fold,) = fitted.folds
    rows, predicted = np.arange(600), fold.predicted["test"][1][:600]
    fold.predicted["val"], fold.scores, fold.sizes = (rows, predicted), [], None

    every = calibration_table(fitted, data).query("part == 'all'").set_index("nominal")

    errors = np.abs(predicted - data.y[rows])[:, 0]
    assert every.loc[0.9, "mean_width"] == pytest.approx(2 * conformal_half_width(errors, 0.9))
    np.testing.assert_allclose(every["covered"], every.index, atol=0.05)
