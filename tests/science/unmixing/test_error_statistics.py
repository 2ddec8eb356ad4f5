import numpy as np
import pytest
from scipy.stats import skew

from remanence.science.unmixing.error_statistics import explained_by, pixel_mse, step_error

RANDOM = np.random.default_rng(0)
MEASURED = RANDOM.normal(size=(500, 6, 2))


def test_bias_and_skew_are_those_of_reconstructed_minus_measured_at_each_step():
    reconstructed = MEASURED + RANDOM.exponential(size=MEASURED.shape)

    found = step_error(reconstructed, MEASURED)

    np.testing.assert_allclose(found.bias, (reconstructed - MEASURED).mean(axis=0))
    np.testing.assert_allclose(found.skew, skew(reconstructed - MEASURED, axis=0))
    assert (found.bias > 0.8).all()
    assert (found.skew > 1).all()


@pytest.mark.parametrize("offset", [0.0, 0.3, -7.0])
def test_an_error_that_all_pixels_share_is_bias_without_skew(offset):
    found = step_error(MEASURED + offset, MEASURED)

    np.testing.assert_allclose(found.bias, offset)
    assert (found.skew == 0).all()


def test_the_error_of_a_pixel_is_the_mean_square_over_its_steps_and_channels():
    reconstructed = MEASURED + np.arange(500)[:, None, None]

    np.testing.assert_allclose(pixel_mse(reconstructed, MEASURED), np.arange(500) ** 2)


@pytest.mark.parametrize("statistic", [step_error, pixel_mse])
def test_spectra_that_do_not_belong_together_are_refused(statistic):
    with pytest.raises(ValueError, match=r"of one shape \(n, steps, channels\), but got \(500, 6\) and \(500, 6, 2\)"):
        statistic(MEASURED[..., 0], MEASURED)


def test_structure_that_causes_the_error_explains_it_and_noise_does_not():
    domain = RANDOM.integers(0, 3, 1000)
    error = np.array([0.1, 0.5, 0.2])[domain] + RANDOM.normal(0, 0.02, 1000)
    one_hot = np.eye(3)[domain]

    assert explained_by(error, one_hot, method="linear") > 0.97
    assert explained_by(error, RANDOM.normal(size=(1000, 3)), method="linear") < 0.02
    assert explained_by(error, RANDOM.normal(size=(1000, 3))) < 0.02


def test_neighbours_find_what_a_line_cannot():
    x = RANDOM.uniform(-1, 1, (1000, 1))

    assert explained_by(x[:, 0] ** 2, x, method="linear") < 0.05
    assert explained_by(x[:, 0] ** 2, x, method="knn") > 0.99


def test_the_share_explained_is_one_minus_the_share_of_the_noise():
    x = RANDOM.normal(size=(5000, 2))
    error = x @ [1.0, 2.0] + RANDOM.normal(0, np.sqrt(5), 5000)

    assert explained_by(error, x, method="linear") == pytest.approx(0.5, abs=0.03)


def test_masked_pixels_are_left_out():
    x = RANDOM.normal(size=(200, 2))
    error = x @ [1.0, 2.0]
    error[:20], x[180:] = np.nan, np.nan

    assert explained_by(error, x, method="linear") == pytest.approx(1)
    with pytest.raises(ValueError, match="at least 10 pixels without NaN, but got 9 of 29"):
        explained_by(error[:29], x[:29])
