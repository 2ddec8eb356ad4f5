import math

import pytest

from remanence.reproduction.compared_metrics import Verdict, compare_metrics, worst


def verdicts(first, again, tolerance=1e-3):
    return {each.name: each.verdict.value for each in compare_metrics(first, again, tolerance)}


def test_each_metric_has_a_verdict_the_worst_first():
    first = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0, "n": math.nan}
    again = {"a": 1.0, "b": 1.0005, "c": 1.01, "n": math.nan, "of a newer release": 1.0}

    found = verdicts(first, again)

    assert list(found) == ["d", "c", "b", "a", "n"]
    assert found == {"a": "identical", "b": "within tolerance", "c": "different", "d": "missing", "n": "identical"}


def test_times_and_the_load_of_the_machine_are_left_out():
    first = {"fit_seconds": 1.0, "baseline/pca/inference_seconds": 1.0, "system/cpu": 1.0, "test/r2": 0.5}

    assert verdicts(first, {"test/r2": 0.5}) == {"test/r2": "identical"}


def test_the_last_digit_is_a_difference_unless_it_is_tolerated():
    first, again = {"r2": 0.1}, {"r2": math.nextafter(0.1, 1)}

    assert verdicts(first, again, tolerance=0) == {"r2": "different"}
    assert verdicts(first, again) == {"r2": "within tolerance"}
    assert compare_metrics(first, again, 0)[0].relative == pytest.approx(1.4e-16, rel=0.1)


def test_a_number_and_none_differ():
    assert verdicts({"a": 1.0, "b": math.nan, "c": math.inf}, {"a": math.nan, "b": 1.0, "c": 1.0}) == {
        "a": "different",
        "b": "different",
        "c": "different",
    }


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ({"a": 1.0, "b": 2.0}, Verdict.IDENTICAL),
        ({"a": 1.0, "b": 2.0001}, Verdict.WITHIN),
        ({"a": 1.1, "b": 2.0001}, Verdict.DIFFERENT),
        ({"a": 1.0}, Verdict.DIFFERENT),
    ],
)
def test_the_verdict_on_all_is_that_of_the_worst(again, expected):
    assert worst(compare_metrics({"a": 1.0, "b": 2.0}, again, 1e-3)) is expected


def test_a_run_without_metrics_is_not_reproduced():
    assert worst([]) is Verdict.MISSING
