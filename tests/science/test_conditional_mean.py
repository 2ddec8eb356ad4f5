import numpy as np
import pytest

from remanence.science.conditional_mean import conditional_mean

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(0, 0.25, 300)
ROWS = np.stack([X, 40 - 80 * X, RANDOM.normal(5, 1, 300)], axis=1)  # the second follows the first, the third nothing


def test_the_given_columns_are_kept_and_the_others_follow_their_neighbours():
    points = np.linspace(0.05, 0.2, 16)[:, None]

    full = conditional_mean(ROWS, [0], points)

    np.testing.assert_array_equal(full[:, :1], points)
    np.testing.assert_allclose(full[:, 1], 40 - 80 * points[:, 0], atol=0.6)
    np.testing.assert_allclose(full[:, 2], 5, atol=0.5)


def test_columns_may_be_given_in_any_order():
    points = np.array([[30.0, 0.1], [35.0, 0.05]])

    full = conditional_mean(ROWS, [1, 0], points)

    np.testing.assert_array_equal(full[:, [1, 0]], points)


def test_every_column_given_is_the_point_itself():
    points = RANDOM.uniform(size=(4, 3))

    np.testing.assert_array_equal(conditional_mean(ROWS, [0, 1, 2], points), points)


@pytest.mark.parametrize("far", [-1e3, 1e3, 1e6])
def test_a_point_far_from_all_rows_takes_the_nearest_and_stays_finite(far):
    full = conditional_mean(ROWS, [0], np.array([[far]]))

    nearest = ROWS[np.abs(X - far).argmin()]
    np.testing.assert_allclose(full[0, 1:], nearest[1:], rtol=0.05)


def test_a_wide_bandwidth_is_the_mean_of_all_rows():
    full = conditional_mean(ROWS, [0], np.array([[0.1]]), bandwidth=1e6)

    np.testing.assert_allclose(full[0, 1:], ROWS[:, 1:].mean(axis=0), rtol=1e-6)


def test_the_unit_of_a_column_does_not_matter():
    expected = conditional_mean(ROWS, [0], np.array([[0.1]]))

    scaled = conditional_mean(ROWS * [1000, 1, 1], [0], np.array([[100.0]]))

    np.testing.assert_allclose(scaled / [1000, 1, 1], expected)


def test_a_constant_column_may_be_given():
    rows = np.stack([np.full(5, 0.06), np.arange(5.0)], axis=1)

    np.testing.assert_allclose(conditional_mean(rows, [0], np.array([[0.06]])), [[0.06, 2.0]])
