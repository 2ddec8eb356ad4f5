import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from remanence.science.smooth_process import SmoothProcess

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, (25, 2))
Y = np.sin(4 * X[:, 0]) + X[:, 1] ** 2 + RNG.normal(0, 0.05, 25)
POINTS = RNG.uniform(-0.2, 1.2, (15, 2))


def reference(x, y, process):
    """The same process by scikit-learn, between the same z-scores."""
    kernel = ConstantKernel(process._amplitude) * Matern(process._length, nu=2.5)
    fitted = GaussianProcessRegressor(kernel, alpha=process._noise + 1e-8, optimizer=None)
    return fitted.fit((x - X.mean(axis=0)) / X.std(axis=0), (y - Y.mean()) / Y.std())


def test_drawn_functions_have_mean_and_deviation_of_the_posterior():
    process = SmoothProcess(X, Y, draws=4000)

    drawn = process.draws(POINTS)

    mean, deviation = reference(X, Y, process).predict((POINTS - X.mean(axis=0)) / X.std(axis=0), return_std=True)
    np.testing.assert_allclose(drawn.mean(axis=0), Y.mean() + Y.std() * mean, atol=0.06)
    np.testing.assert_allclose(drawn.std(axis=0), Y.std() * deviation, rtol=0.2, atol=0.02)  # 2048 waves


def test_the_error_is_that_of_each_row_predicted_from_all_others():
    process = SmoothProcess(X, Y, draws=1)

    left_out = []
    for row in range(len(X)):
        others = np.arange(len(X)) != row
        fitted = reference(X[others], Y[others], process)
        predicted = fitted.predict((X[[row]] - X.mean(axis=0)) / X.std(axis=0))[0] * Y.std() + Y.mean()
        left_out.append(predicted - Y[row])
    assert process.held_out_error == pytest.approx(np.sqrt(np.mean(np.square(left_out))), rel=1e-6)
    assert process.held_out_error < 0.5 * Y.std()


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_units_and_constant_inputs_change_nothing(scale):
    constant = np.column_stack([X, np.full(25, 0.3)])

    first = SmoothProcess(X, Y, draws=3).draws(POINTS)
    second = SmoothProcess(constant * scale, Y / scale, draws=3).draws(np.column_stack([POINTS, POINTS[:, 0]]) * scale)

    np.testing.assert_allclose(second * scale, first, rtol=1e-4, atol=1e-4)


def test_values_that_are_all_equal_stay_so():
    drawn = SmoothProcess(X, np.full(25, 7.0), draws=50).draws(X[:3])

    np.testing.assert_allclose(drawn.mean(axis=0), 7.0, atol=0.2)
