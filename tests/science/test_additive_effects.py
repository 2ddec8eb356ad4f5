import numpy as np
import pytest

from remanence.science.additive_effects import additive_effects


@pytest.fixture(scope="module")
def crossed():
    """Twelve compositions in eight solvents: two inputs of the first, one of the second; a deviation of each level."""
    random = np.random.default_rng(0)
    composition, solvent = random.normal(size=(12, 2)), random.normal(size=(8, 1))
    of_composition = composition @ [0.5, -0.3] + 0.3 * random.normal(size=12)
    of_solvent = 0.6 * solvent[:, 0] + 0.3 * random.normal(size=8)
    rows = [(c, s) for c in range(12) for s in range(8)]
    x = np.array([[*composition[c], *solvent[s]] for c, s in rows])
    truth = np.array([of_composition[c] + of_solvent[s] for c, s in rows])
    return x, truth, truth + 0.05 * random.normal(size=len(rows)), np.array([s for _, s in rows])


def predict(mean, factors, x):
    return mean + sum(factor.of(x) for factor in factors)


def test_effects_of_crossed_factors_are_found_to_within_the_noise(crossed):
    x, truth, y, _ = crossed

    mean, factors = additive_effects(x, y, [[0, 1], [2]])

    assert np.abs(predict(mean, factors, x) - truth).max() < 0.06  # the noise is 0.05, 20 effects of 96 rows
    assert [len(factor.levels) for factor in factors] == [12, 8]


def test_a_level_that_was_not_seen_has_what_its_inputs_say(crossed):
    x, _, y, solvent = crossed
    known = solvent != 3

    _, factors = additive_effects(x[known], y[known], [[0, 1], [2]])

    new = x[~known]
    linear = new[:, 2] * factors[1].slopes[0]
    np.testing.assert_allclose(factors[1].of(new), linear)
    means = np.array([y[solvent == s].mean() for s in range(8) if s != 3])
    inputs = np.array([x[solvent == s, 2][0] for s in range(8) if s != 3])
    assert 0.2 < factors[1].slopes[0] < np.polyfit(inputs, means, 1)[0]  # that of the level means, shrunk
    assert np.abs(factors[1].deviations).max() > 0.1  # which seen levels have beside it


def test_a_level_is_found_again_where_its_inputs_are_rounded_otherwise(crossed):
    x, _, y, _ = crossed
    mean, factors = additive_effects(x, y, [[0, 1], [2]])

    again = predict(mean, factors, x + 1e-12)

    np.testing.assert_allclose(again, predict(mean, factors, x), atol=1e-9)


def test_effects_that_the_rows_do_not_show_shrink_to_nothing():
    random = np.random.default_rng(1)
    x, y = random.normal(size=(60, 3)), random.normal(size=60)

    mean, factors = additive_effects(x, y, [[0], [1], [2]])

    assert predict(mean, factors, random.normal(size=(500, 3))).std() < 0.25  # least squares: about .23 on its own
    assert mean == pytest.approx(y.mean())
