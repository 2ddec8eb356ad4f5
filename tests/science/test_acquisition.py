import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from remanence.science.acquisition import Posterior, choose_batch, expected_improvement, exploration
from remanence.science.spacing import Spacing


def normal_draws(mean, covariance, members=4000, seed=0):
    """Members of an ensemble whose mean and covariance are exactly those given, shape (members, candidates)."""
    raw = np.random.default_rng(seed).normal(size=(members, len(mean)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / members)).T
    return np.asarray(mean) + white @ np.linalg.cholesky(covariance).T


def test_expected_improvement_is_the_integral_over_the_normal_distribution():
    value = expected_improvement(np.array([1.0]), np.array([0.7]), 1.5)[0]

    expected = quad(lambda y: (y - 1.5) * norm.pdf(y, 1.0, 0.7), 1.5, 10)[0]
    assert value == pytest.approx(expected, rel=1e-6)


def test_what_is_believed_takes_away_the_variance_it_shares_as_in_a_gaussian_process():
    covariance = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.1], [0.0, 0.1, 1.0]])
    posterior = Posterior(normal_draws([0, 0, 0], covariance))

    posterior.believe(0)
    posterior.believe(2)

    kept = covariance[np.ix_([0, 2], [0, 2])] + 0.02 * np.eye(2)
    left = covariance - covariance[:, [0, 2]] @ np.linalg.solve(kept, covariance[[0, 2]])
    np.testing.assert_allclose(posterior.deviation, np.sqrt(np.diag(left)), atol=1e-6)


def test_the_second_of_a_batch_is_uncertain_for_another_reason():
    covariance = np.array([[1.0, 0.98, 0.0], [0.98, 1.0, 0.0], [0.0, 0.0, 0.9]])
    draws = normal_draws([0.0, -0.05, -0.1], covariance)[:, :, None]

    batch = choose_batch(draws, np.array([[0.0]]), 2, weight=2)

    assert batch.places.tolist() == [0, 2]  # 1 has the next highest bound, but is nearly the same as 0
    np.testing.assert_allclose(batch.deviation[:, 0], np.sqrt([1.0, 0.9]), atol=1e-9)


def test_candidates_that_are_being_measured_are_believed_and_never_chosen():
    covariance = np.array([[1.0, 0.98, 0.0], [0.98, 1.0, 0.0], [0.0, 0.0, 0.9]])
    draws = normal_draws([0.0, -0.05, -0.1], covariance)[:, :, None]

    batch = choose_batch(draws, np.array([[0.0]]), 5, weight=2, pending=np.array([0]))

    assert batch.places.tolist() == [2, 1]


def test_an_upper_bound_is_bolder_than_the_mean_and_expected_improvement_wants_what_exceeds_the_best():
    draws = normal_draws([1.0, 0.5], np.diag([0.01, 1.0]))[:, :, None]
    reached = np.array([[1.2]])

    assert choose_batch(draws, reached, 1, weight=0).places.tolist() == [0]
    assert choose_batch(draws, reached, 1, weight=2).places.tolist() == [1]
    assert choose_batch(draws, reached, 1, weight=0, kind="expected_improvement").places.tolist() == [1]


def test_a_cost_divides_what_is_gained():
    draws = normal_draws([2.0, 1.5], np.diag([0.01, 0.01]))[:, :, None]
    reached = np.array([[1.0]])

    for kind in ("upper_bound", "expected_improvement"):
        even = choose_batch(draws, reached, 1, weight=1, kind=kind, cost=np.array([1.0, 1.0]))
        dear = choose_batch(draws, reached, 1, weight=1, kind=kind, cost=np.array([9.0, 1.0]))
        assert (even.places[0], dear.places[0]) == (0, 1)


def test_with_several_goals_the_largest_gain_in_volume_is_chosen_and_a_batch_spreads_over_the_front():
    reached = np.array([[1.0, 0.0], [0.0, 1.0], [0.4, 0.4]])
    mean = np.array([[0.9, 0.05], [0.8, 0.8], [0.81, 0.79], [0.1, 1.4], [0.2, 0.2]])
    draws = np.stack([mean + shift for shift in (-1e-6, 1e-6)])

    batch = choose_batch(draws, reached, 5, weight=1)

    assert batch.places[:2].tolist() == [1, 3]  # 2 gains nearly nothing once 1 is believed
    assert set(batch.places) == set(range(5))


@pytest.mark.parametrize("scale", [1e-12, 1e12])
@pytest.mark.parametrize("kind", ["upper_bound", "expected_improvement"])
def test_the_choice_does_not_depend_on_units(scale, kind):
    rng = np.random.default_rng(3)
    draws, reached = rng.normal(size=(50, 40, 1)), rng.normal(size=(10, 1))

    first = choose_batch(draws, reached, 8, weight=1.5, kind=kind)
    second = choose_batch(draws * scale, reached * scale, 8, weight=1.5, kind=kind)

    assert first.places.tolist() == second.places.tolist()


def test_the_choice_among_several_goals_does_not_depend_on_their_units():
    rng = np.random.default_rng(4)
    draws, reached = rng.normal(size=(50, 40, 2)), rng.normal(size=(10, 2))
    units = np.array([1e-12, 1e12])

    first = choose_batch(draws, reached, 8, weight=1.5)
    second = choose_batch(draws * units, reached * units, 8, weight=1.5)

    assert first.places.tolist() == second.places.tolist()


def test_members_that_agree_leave_the_order_of_their_means():
    draws = np.tile(np.array([1.0, 3.0, 2.0]), (5, 1))[:, :, None]

    assert choose_batch(draws, np.array([[0.0]]), 3, weight=2).places.tolist() == [1, 2, 0]


def test_exploration_falls_with_the_number_of_rows():
    assert [exploration(rows) for rows in (3, 10, 20, 40, 200)] == [4.0, 4.0, 2.0, 1.0, 1.0]


@pytest.mark.parametrize(("deviation", "expected"), [(0.01, [1, 3, 2]), (1.0, [1, 2, 0])])
def test_a_fine_grid_is_not_asked_for_one_experiment_twice_where_it_is_known(deviation, expected):
    draws = normal_draws([5.0, 9.0, 8.9, 4.0], deviation**2 * np.eye(4))[:, :, None]
    spacing = Spacing.of(np.array([[0.0], [2.5], [2.51], [3.5]]), np.array([[0.0], [1.0], [2.0]]))

    batch = choose_batch(draws, np.array([[0.0], [5.0], [7.0]]), 3, weight=1, spacing=spacing)

    assert batch.places.tolist() == expected


def test_on_a_grid_no_two_of_a_batch_are_alike_however_uncertain_they_are():
    draws = normal_draws([9.0, 8.9, 8.8, 4.0], np.eye(4))[:, :, None]
    points, measured = np.array([[2.5], [2.51], [2.8], [3.5]]), np.array([[0.0], [1.0], [2.0]])

    fine, listed = (
        choose_batch(
            draws, np.array([[0.0], [5.0]]), 4, weight=1, spacing=Spacing.of(points, measured, on_grid=on_grid)
        ).places.tolist()
        for on_grid in (True, False)
    )

    assert fine == [0, 3, 2, 1]  # apart by half the usual distance, by a quarter, and what is left
    assert listed == [0, 1, 2, 3]
