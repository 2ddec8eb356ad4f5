import numpy as np
import pytest
import torch
from scipy.special import expit

from remanence.science.unmixing.toy import TIMES, selu, toy_spectra


@pytest.fixture(scope="module")
def colours():
    return np.random.default_rng(0).uniform(size=(500, 3))


def test_selu_is_that_of_torch():
    values = np.concatenate([np.linspace(-800, 800, 1001), [0.0, -1e-12, 1e-12]])

    np.testing.assert_allclose(selu(values), torch.nn.functional.selu(torch.from_numpy(values)), rtol=1e-12, atol=1e-16)


def test_a_spectrum_is_the_sum_of_the_three_functions_of_the_paper(colours):
    red, green, blue = colours.T[:, :, None]

    expected = (
        np.tanh(20 * (TIMES - 2 * (red - 0.5)))
        + torch.nn.functional.selu(torch.from_numpy(TIMES - 2 * (green - 0.5))).numpy()
        + expit(-20 * (TIMES - (blue - 0.5)))
    )
    np.testing.assert_allclose(toy_spectra(colours), expected, rtol=1e-12, atol=1e-14)


def test_the_steps_are_those_of_the_paper():
    assert TIMES.shape == (25,)
    assert (TIMES[0], TIMES[12], TIMES[-1]) == (-1, 0, 1)


@pytest.mark.parametrize(
    ("colour", "times", "expected"),
    [
        ([0.5, 0.5, 0.5], [0.0], [0.5]),  # only the sigmoid is not zero
        ([1.0, 0.0, 1.0], [1.0], [0 + 1.0507009873554805 * 2 + 0]),  # tanh(0) + SELU(2) + sigmoid(-10)
        ([0.0, 0.5, 0.5], [0.0], [1 + 0 + 0.5]),
    ],
)
def test_a_colour_gives_the_value_worked_out_by_hand(colour, times, expected):
    np.testing.assert_allclose(toy_spectra(np.array([colour]), np.array(times))[0], expected, atol=1e-4)


def test_each_colour_moves_only_its_own_part(colours):
    grey = toy_spectra(np.full((1, 3), 0.5))
    apart = sum(toy_spectra(np.where(np.eye(3)[part], colours, 0.5)) - grey for part in range(3))

    np.testing.assert_allclose(toy_spectra(colours), apart + grey, atol=1e-12)


def test_no_colour_overflows():
    with np.errstate(all="raise", under="ignore"):
        spectra = toy_spectra(np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T, np.linspace(-50, 50, 11))

    assert np.isfinite(spectra).all()


@pytest.mark.parametrize("components", [(1, 0.306), (3, 0.113), (5, 0.051)])
def test_pca_needs_as_many_components_as_were_measured(components):
    rng = np.random.default_rng(0)
    train, gamut = toy_spectra(rng.uniform(size=(10_000, 3))), toy_spectra(rng.uniform(size=(1000, 3)))
    mean, sd = train.mean(axis=0), train.std(axis=0)
    count, expected = components

    _, _, axes = np.linalg.svd((train - mean) / sd, full_matrices=False)
    z = (gamut - mean) / sd
    error = np.mean((z - z @ axes[:count].T @ axes[:count]) ** 2)

    assert error == pytest.approx(expected, rel=0.05)
