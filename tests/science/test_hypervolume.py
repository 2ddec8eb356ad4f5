import numpy as np
import pytest

from remanence.science.hypervolume import hypervolume, nondominated, volume_gained


def test_the_volume_of_three_goals_is_that_of_random_points():
    rng = np.random.default_rng(0)
    front = rng.uniform(0, 1, (8, 3))
    thrown = rng.uniform(0, 1, (200_000, 3))
    below = (thrown[:, None] <= front[None]).all(axis=2).any(axis=1)

    assert hypervolume(front, np.zeros(3)) == pytest.approx(below.mean(), abs=0.005)


def test_what_a_point_gains_is_the_difference_of_both_volumes():
    rng = np.random.default_rng(1)
    front, points, reference = rng.uniform(0, 1, (6, 3)), rng.uniform(0, 1.2, (5, 3)), np.full(3, -0.1)

    gained = volume_gained(points, front, reference)

    before = hypervolume(front, reference)
    expected = [hypervolume(np.vstack([front, point]), reference) - before for point in points]
    np.testing.assert_allclose(gained, expected, atol=1e-12)


def test_points_below_the_reference_reach_nothing():
    assert hypervolume(np.array([[-1.0, 5.0]]), np.zeros(2)) == 0
    assert volume_gained(np.array([[-1.0, 5.0]]), np.array([[1.0, 1.0]]), np.zeros(2)).tolist() == [0]


def test_equal_points_stand_once_on_the_front():
    points = np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0], [1.0, 1.0]])

    assert nondominated(points).tolist() == [[1.0, 2.0], [2.0, 1.0]]
