import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from remanence.science.marginal_likelihood import NegativeLogLikelihood, most_likely

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
Y = np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] ** 2 + 0.1 * RANDOM.normal(size=60)
Y = (Y - Y.mean()) / Y.std()
KERNEL = ConstantKernel(1.0) * Matern(np.ones(4), (1e-2, 1e3), nu=2.5) + WhiteKernel(1e-2, (1e-6, 1.0))


@pytest.mark.parametrize("theta", [np.zeros(6), np.log([2.0, 0.3, 1.0, 5.0, 40.0, 0.01]), RANDOM.normal(size=6)])
def test_likelihood_and_gradient_are_those_of_scikit_learn(theta):
    process = GaussianProcessRegressor(KERNEL, optimizer=None).fit(X, Y)
    expected, slope = process.log_marginal_likelihood(theta, eval_gradient=True)

    value, gradient = NegativeLogLikelihood(X, Y)(theta)

    assert value == pytest.approx(-expected, rel=1e-10)
    np.testing.assert_allclose(gradient, -slope, rtol=1e-7, atol=1e-7)


def test_gradient_is_that_of_finite_differences_where_rows_coincide():
    x = np.concatenate([X[:20], X[:20]])

    error = check_grad(*(lambda theta, part=part: NegativeLogLikelihood(x, Y[:40])(theta)[part] for part in (0, 1)),
                       np.log([1.0, 1.0, 2.0, 3.0, 4.0, 0.1]))  # fmt: skip

    assert error < 1e-3


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_maximum_is_that_of_scikit_learn_and_tells_the_inputs_apart():
    expected = GaussianProcessRegressor(KERNEL).fit(X, Y)

    found = most_likely(X, Y)

    theta = np.log([found.amplitude, *found.length_scales, found.noise])
    assert -NegativeLogLikelihood(X, Y)(theta)[0] == pytest.approx(expected.log_marginal_likelihood_value_, abs=1e-3)
    assert found.length_scales[:2].max() < 10 < 50 < found.length_scales[2:].min()


def test_restarts_are_drawn_from_the_seed_and_never_lower_the_likelihood():
    def likelihood(**arguments):
        found = most_likely(X[:15], Y[:15], **arguments)
        theta = np.log([found.amplitude, *found.length_scales, found.noise])
        return -NegativeLogLikelihood(X[:15], Y[:15])(theta)[0]

    assert likelihood(restarts=3, seed=1) == likelihood(restarts=3, seed=1) >= likelihood()


def test_a_covariance_that_is_not_positive_definite_is_infinitely_unlikely():
    x = np.zeros((5, 4))
    value, gradient = NegativeLogLikelihood(x, np.arange(5.0))(np.log([1e12, 1, 1, 1, 1, 1e-12]))

    assert value == np.inf
    assert not gradient.any()


def test_what_was_asked_before_changes_nothing():
    likelihood, theta = NegativeLogLikelihood(X, Y), np.log([2.0, 0.3, 1.0, 5.0, 40.0, 0.01])
    value, gradient = likelihood(theta)
    assert likelihood(np.log([1e12, 1, 1, 1, 1, 1e-12]))[0] != value
    again, slope = likelihood(theta)

    assert again == value
    np.testing.assert_array_equal(slope, gradient)
