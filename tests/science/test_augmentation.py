import numpy as np
import pytest
from scipy import stats

from remanence.science.augmentation import augment, standardise_by_group

RANDOM = np.random.default_rng(0)
GROUPS = np.repeat(["NS", "QS"], [30, 20])
X = RANDOM.normal([10, 200], [1, 30], (50, 2))
X[GROUPS == "QS"] = RANDOM.normal([50, -5], [4, 1], (20, 2))
KINDS = ["noise", "normal"]


def test_mean_and_deviation_are_those_of_the_rows_own_group():
    mean, deviation = standardise_by_group(X, GROUPS)

    for name in ("NS", "QS"):
        own = name == GROUPS
        np.testing.assert_allclose(mean[own], np.tile(X[own].mean(axis=0), (own.sum(), 1)))
        np.testing.assert_allclose(deviation[own], np.tile(X[own].std(axis=0), (own.sum(), 1)))


@pytest.mark.parametrize("sigma", [0.05, 0.5])
def test_noise_is_gaussian_in_the_z_scores_of_the_group(sigma):
    drawn, chosen = augment(X, GROUPS, kind="noise", n_augmented=4000, sigma=sigma)

    z = (drawn - X[chosen]) / standardise_by_group(X, GROUPS)[1][chosen]
    assert set(chosen) == set(range(50))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.06 * sigma)
    np.testing.assert_allclose(z.std(axis=0), sigma, rtol=0.04)
    assert abs(np.corrcoef(z.T)[0, 1]) < 0.05
    for column in z.T:
        assert stats.kstest(column / sigma, "norm").pvalue > 0.01


def test_normal_draws_have_mean_and_covariance_of_the_group():
    drawn, chosen = augment(X, GROUPS, kind="normal", n_augmented=8000)

    for name in ("NS", "QS"):
        own, new = X[name == GROUPS], drawn[GROUPS[chosen] == name]
        assert len(new) / 8000 == pytest.approx(len(own) / 50, abs=0.02)
        np.testing.assert_allclose(new.mean(axis=0), own.mean(axis=0), atol=0.06 * own.std(axis=0).max())
        np.testing.assert_allclose(np.cov(new.T), np.cov(own.T), rtol=0.1, atol=0.1 * np.abs(np.cov(own.T)).max())


def test_sigma_has_no_part_in_normal_draws():
    first, second = (augment(X, GROUPS, kind="normal", n_augmented=10, sigma=sigma)[0] for sigma in (0.05, 5.0))

    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [0, 1, 20])
def test_as_many_rows_are_drawn_as_asked_for(kind, rows):
    drawn, chosen = augment(X, GROUPS, kind=kind, n_augmented=rows)

    assert drawn.shape == (rows, 2)
    assert chosen.shape == (rows,)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_draws_the_same_rows_and_another_seed_others(kind):
    first, again, other = (augment(X, GROUPS, kind=kind, n_augmented=9, seed=seed)[0] for seed in (3, 3, 4))

    np.testing.assert_array_equal(first, again)
    assert not np.isin(other, first).any()


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_that_is_constant_within_a_group_is_not_varied_there(kind):
    x = X.copy()
    x[GROUPS == "NS", 1] = 7.0

    drawn, chosen = augment(x, GROUPS, kind=kind, n_augmented=200)

    constant = GROUPS[chosen] == "NS"
    np.testing.assert_allclose(drawn[constant, 1], 7.0, atol=1e-6)
    assert drawn[~constant, 1].std() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_of_one_row_repeats_it(kind):
    groups = np.array(["NS"] * 49 + ["QS"])

    drawn, chosen = augment(X, groups, kind=kind, n_augmented=300)

    assert (chosen == 49).any()
    np.testing.assert_allclose(drawn[chosen == 49], np.tile(X[49], ((chosen == 49).sum(), 1)))


@pytest.mark.parametrize("kind", KINDS)
def test_one_input_is_enough(kind):
    drawn, _ = augment(X[:, :1], GROUPS, kind=kind, n_augmented=30)

    assert drawn.shape == (30, 1)
    assert np.isfinite(drawn).all()
