import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.preprocessing import StandardScaler

from remanence.science.extrapolation import extrapolation

RANDOM = np.random.default_rng(0)
TRAINED = RANDOM.uniform(0, 1, (80, 3)) * [1, 10, 100]


def test_the_distance_is_that_to_the_nearest_row_in_z_scores():
    points = RANDOM.uniform(-1, 2, (50, 3)) * [1, 10, 100]

    distance, _ = extrapolation(points, TRAINED)

    scaler = StandardScaler().fit(TRAINED)
    np.testing.assert_allclose(distance, cdist(scaler.transform(points), scaler.transform(TRAINED)).min(axis=1))


def test_training_rows_and_ways_between_neighbours_are_inside_and_beyond_a_feature_is_outside():
    beyond = TRAINED.max(axis=0) * [1.01, 0.5, 0.5]

    distance, outside = extrapolation(np.vstack([TRAINED, beyond]), TRAINED)

    assert not outside[:-1].any()
    assert (distance[:-1] < 1e-9).all()
    assert outside[-1]


@pytest.mark.parametrize(("point", "is_outside"), [(0.5, False), (1.2, False), (3.0, False), (4.9, False), (5.1, True)])
def test_the_widest_gap_between_neighbours_is_no_extrapolation(point, is_outside):
    rows = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [5.0, 0.0]])  # the widest gap is 4

    _, outside = extrapolation(np.array([[point, 0.0]]), rows)

    assert outside.tolist() == [is_outside]


def test_far_from_all_rows_is_outside_though_no_feature_is_beyond():
    rows = np.concatenate(
        [np.stack([np.linspace(0, 1, 21), np.zeros(21)], axis=1), [[0.0, 0.05 * i] for i in range(21)]]
    )

    _, outside = extrapolation(np.array([[0.9, 0.9], [0.02, 0.02]]), rows)

    assert outside.tolist() == [True, False]


def test_a_constant_feature_counts_1_where_it_differs_whatever_its_unit():
    rows = np.stack([np.linspace(0, 1, 7), np.full(7, 0.1)], axis=1)

    distance, outside = extrapolation(np.array([[0.5, 0.1], [0.5, 0.3]]), rows)

    np.testing.assert_allclose(distance, [0, 1.0], atol=1e-12)
    assert outside.tolist() == [False, True]


def test_a_single_row_makes_everything_else_an_extrapolation():
    _, outside = extrapolation(np.array([[1.0], [1.1]]), np.array([[1.0]]))

    assert outside.tolist() == [False, True]
