import numpy as np
import pytest

from remanence.science.conditional_draws import conditional_draws

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(0, 0.25, (300, 1))
OTHERS = np.concatenate([40 - 80 * X, RANDOM.normal(5, 1, (300, 1))], axis=1)  # the first follows X, the second nothing
LEVELS = np.repeat([0.02, 0.06, 0.1, 0.25], 20)[:, None]
PEAK = np.repeat([20.0, 50.0, 30.0, 25.0], 20)[:, None] + RANDOM.normal(0, 1, (80, 1))


def test_the_others_follow_the_fixed_input_and_scatter_as_the_rows_do():
    drawn = conditional_draws(X, OTHERS, np.linspace(0.05, 0.2, 16)[:, None])

    np.testing.assert_allclose(drawn.mean[:, 0], 40 - 80 * np.linspace(0.05, 0.2, 16), atol=0.6)
    np.testing.assert_allclose(drawn.mean[:, 1], 5, atol=1)
    spread = np.sqrt(np.einsum("pd,pd->p", drawn.weights, (drawn.values[:, :, 1] - drawn.mean[:, [1]]) ** 2))
    assert 0.7 < spread.mean() < 1.3
    np.testing.assert_allclose(drawn.weights.sum(axis=1), 1)


def test_the_means_of_replicates_are_met_and_a_peak_is_not_flattened():
    levels = np.unique(LEVELS)
    means = [PEAK[level == LEVELS].mean() for level in levels]

    drawn = conditional_draws(LEVELS, PEAK, np.array([*levels, 0.08])[:, None], draws=40)

    np.testing.assert_allclose(drawn.mean[:4, 0], means)
    assert drawn.mean[4, 0] == pytest.approx((means[1] + means[2]) / 2)  # straight from one to the next
    few = conditional_draws(LEVELS, PEAK, np.linspace(0, 0.3, 50)[:, None], draws=6)
    assert PEAK.min() <= few.values.min() < few.values.max() <= PEAK.max()


def test_several_fixed_inputs_take_the_nearest_settings():
    fixed = np.concatenate([LEVELS, np.tile([1100.0, 1180.0], 40)[:, None]], axis=1)
    others = PEAK + np.where(fixed[:, [1]] > 1150, 10, 0)

    drawn = conditional_draws(fixed, others, np.array([[0.06, 1180.0], [0.06, 1100.0]]))

    np.testing.assert_allclose(drawn.mean[:, 0], [60, 50], atol=2)
    assert drawn.values.shape == (2, 16, 1)


@pytest.mark.parametrize("far", [-1e3, 1e3, 1e6])
def test_a_point_far_from_all_rows_takes_the_nearest_and_stays_finite(far):
    drawn = conditional_draws(X, OTHERS, np.array([[far]]))

    end = 40 if far < 0 else 20
    assert drawn.mean[0, 0] == pytest.approx(end, abs=1)


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_units_do_not_matter(columns, factor):
    fixed = np.tile(LEVELS, columns) * [1, 3][:columns]
    point = np.full((1, columns), 0.05)
    expected = conditional_draws(fixed, PEAK, point)

    scaled = conditional_draws(fixed * factor, PEAK * factor, point * factor)

    np.testing.assert_allclose(scaled.mean / factor, expected.mean, rtol=1e-9)


def test_a_constant_input_may_be_fixed_and_nothing_needs_to_be():
    constant = np.full((5, 1), 0.06)
    for fixed, point in ((constant, constant[:1]), (np.zeros((5, 0)), np.zeros((1, 0)))):
        drawn = conditional_draws(fixed, np.arange(5.0)[:, None], point)

        assert drawn.mean[0, 0] == pytest.approx(2.0)


def test_a_single_row_is_all_there_is():
    drawn = conditional_draws(np.array([[1.0]]), np.array([[7.0]]), np.array([[1.0], [3.0]]))

    assert drawn.mean.ravel().tolist() == [7.0, 7.0]


def test_columns_of_a_category_keep_the_values_of_rows():
    series = np.tile([0.0, 1.0], 40)[:, None]
    others = np.concatenate([PEAK + 10 * series, series], axis=1)

    drawn = conditional_draws(LEVELS, others, np.array([[0.06], [0.07]]), draws=40, whole=[1])

    assert set(drawn.values[:, :, 1].ravel()) == {0.0, 1.0}
    np.testing.assert_allclose(drawn.mean[:, 1], 0.5)
    np.testing.assert_allclose(drawn.mean[1, 0], 0.75 * drawn.mean[0, 0] + 0.25 * 35, atol=1)
