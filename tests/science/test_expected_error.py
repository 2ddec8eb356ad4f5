import json
from dataclasses import asdict

import numpy as np
import pytest

from remanence.science.expected_error import ExpectedError

RANDOM = np.random.default_rng(0)
N = 4000
PREDICTED = RANDOM.uniform(50, 450, N)
SPREAD = RANDOM.uniform(5, 60, N)
DISTANCE = RANDOM.uniform(0, 2, N)
INSIDE = np.zeros(N)


def fit(sizes, spread=SPREAD, excess=INSIDE, rows=N):
    errors = (sizes * RANDOM.laplace(size=N))[:rows]
    given = (PREDICTED[:rows], DISTANCE[:rows], excess[:rows], None if spread is None else spread[:rows])
    return ExpectedError.fit(errors, *given), given


def test_what_errors_follow_is_found():
    for follows in (SPREAD, 20 * np.exp(PREDICTED / 200), 20 * (1 + DISTANCE) ** 0.8):
        expected, given = fit(follows)
        ratio = expected.of(*given) / follows
        assert ratio.mean() == pytest.approx(1, abs=0.15)
        assert ratio.std() < 0.2


def test_without_a_spread_the_others_are_used():
    expected, given = fit(20 * np.exp(PREDICTED / 200), spread=None)

    assert expected.slopes[0] == 0
    assert (expected.of(*given) / (20 * np.exp(PREDICTED / 200))).std() < 0.2


def test_few_rows_expect_the_same_error_everywhere():
    expected, given = fit(np.full(N, 30.0), rows=4)

    assert np.ptp(np.log(expected.of(*given))) < 0.7


def test_a_larger_spread_distance_or_excess_never_makes_an_error_smaller():
    expected, _ = fit(600 / SPREAD / (1 + DISTANCE), excess=RANDOM.uniform(0, 3, N))

    at = np.full(3, 200.0), np.full(3, 1.0), np.zeros(3)
    assert np.ptp(expected.of(*at, np.array([5.0, 20.0, 60.0]))) == pytest.approx(0, abs=1e-9)
    assert expected.slopes[2] == 0
    further = expected.of(at[0], at[1], np.array([0.0, 1.0, 100.0]), np.full(3, 20.0))
    assert further[0] < further[1] < further[2]


def test_outside_the_rows_nothing_but_spread_and_excess_counts():
    expected, _ = fit(20 * np.exp(PREDICTED / 100))

    beyond = expected.of(np.array([450.0, 1e6]), np.array([2.0, 1e6]), np.zeros(2), np.full(2, 20.0))
    assert beyond[1] == pytest.approx(beyond[0], rel=0.01)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_the_unit_of_the_target_does_not_matter(unit):
    errors = SPREAD * RANDOM.laplace(size=N)

    here = ExpectedError.fit(errors, PREDICTED, DISTANCE, INSIDE, SPREAD)
    there = ExpectedError.fit(errors * unit, PREDICTED * unit, DISTANCE, INSIDE, SPREAD * unit)

    np.testing.assert_allclose(
        there.of(PREDICTED * unit, DISTANCE, INSIDE, SPREAD * unit),
        here.of(PREDICTED, DISTANCE, INSIDE, SPREAD) * unit,
        rtol=1e-4,
    )


@pytest.mark.parametrize("errors", [np.zeros(5), np.ones(5), np.array([1.0])])
def test_errors_that_teach_nothing_give_finite_sizes(errors):
    rows = len(errors)
    expected = ExpectedError.fit(errors, np.zeros(rows), np.zeros(rows), np.zeros(rows), np.zeros(rows))

    sizes = expected.of(np.zeros(2), np.zeros(2), np.array([0.0, 5.0]), np.ones(2))
    assert np.isfinite(sizes).all()
    assert (sizes > 0).all()


def test_plain_values_give_the_same():
    expected, given = fit(SPREAD)

    again = ExpectedError.from_dict(json.loads(json.dumps(asdict(expected))))

    assert again == expected
    np.testing.assert_array_equal(again.of(*given), expected.of(*given))
