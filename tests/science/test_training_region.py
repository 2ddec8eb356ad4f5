import numpy as np
import pytest
from scipy.spatial.distance import cdist

from remanence.science.training_region import MOST_ROWS, TrainingRegion

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.uniform(0, 1, (60, 3)) * [1, 10, 100]


def test_the_nearest_row_and_the_distance_to_it_are_those_of_z_scores():
    region, points = TrainingRegion.of(ROWS), RANDOM.uniform(-1, 2, (5000, 3)) * [1, 10, 100]

    number, distance = region.nearest(points)

    every = cdist(points / ROWS.std(axis=0), region.rows / ROWS.std(axis=0))
    np.testing.assert_array_equal(number, every.argmin(axis=1))
    np.testing.assert_allclose(distance, every.min(axis=1))


def test_apart_passes_over_equal_rows():
    region = TrainingRegion.of(ROWS)

    _, distance = region.nearest(ROWS, apart=True)

    every = cdist(ROWS / ROWS.std(axis=0), ROWS / ROWS.std(axis=0)) + np.diag(np.full(60, np.inf))
    np.testing.assert_allclose(distance, every.min(axis=1))


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_nothing_depends_on_units_not_even_for_a_constant_input(unit):
    rows = np.column_stack([ROWS, np.full(60, 0.3), np.zeros(60)])
    points = RANDOM.uniform(-1, 2, (40, 5)) * [1, 10, 100, 0, 1]

    here, there = TrainingRegion.of(rows).locate(points), TrainingRegion.of(rows * unit).locate(points * unit)

    for name in ("distance", "beyond", "far", "excess", "outside"):
        np.testing.assert_allclose(getattr(here, name), getattr(there, name), rtol=1e-9)
    assert here.beyond[:, 3:].all()


def test_the_excess_begins_at_the_end_of_a_range_and_grows_without_end():
    region = TrainingRegion.of(np.linspace(0, 1, 11)[:, None])

    excess = region.locate(np.array([[0.0], [0.55], [1.0], [1.1], [2.0], [11.0]])).excess

    assert excess[:3].tolist() == [0, 0, 0]
    assert (np.diff(excess[2:]) > 0).all()
    assert excess[4] == pytest.approx(1 + 9)  # one range, and ten gaps from the nearest row


def test_a_combination_of_categories_that_no_row_has_is_outside():
    rows = np.array([[0.1, 1, 0, 1, 0], [0.2, 0, 1, 0, 1], [0.3, 1, 0, 1, 0]])  # NS with Bi, QS with Sr
    region = TrainingRegion.of(rows, [1, 2, 3, 4])

    where = region.locate(np.array([[0.1, 1, 0, 1, 0], [0.1, 1, 0, 0, 1]]))

    assert where.unseen.tolist() == where.outside.tolist() == [False, True]
    assert where.excess[0] == 0
    assert where.excess[1] >= 1


def test_of_many_rows_some_are_kept_and_all_ranges():
    rows = RANDOM.normal(size=(3 * MOST_ROWS, 2))

    region = TrainingRegion.of(rows)

    assert len(region.rows) == MOST_ROWS
    np.testing.assert_array_equal(region.high, rows.max(axis=0))
    assert (region.locate(rows).beyond == 0).all()


def test_a_single_row_and_no_points():
    region = TrainingRegion.of(np.array([[2.0]]))

    assert region.locate(np.empty((0, 1))).excess.shape == (0,)
    where = region.locate(np.array([[2.0], [3.0]]))
    assert where.outside.tolist() == [False, True]
    assert where.excess[1] >= 1
