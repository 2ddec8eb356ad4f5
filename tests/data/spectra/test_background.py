import numpy as np
import pytest
from pybaselines import Baseline

from remanence.data.spectra.background import background_of

AXIS = np.linspace(200, 1800, 160)
PEAKS = 5 * np.exp(-((AXIS - 900) ** 2) / 800) + 3 * np.exp(-((AXIS - 1300) ** 2) / 500)


def background(values, kind, axis=AXIS, **options):
    return background_of(values, axis, kind, **{"degree": 2, "stiffness": 1e5, **options})


@pytest.mark.parametrize(("kind", "degree"), [("linear", 1), ("polynomial", 2), ("polynomial", 4)])
def test_least_squares_are_those_of_numpy_for_every_channel(kind, degree):
    values = np.random.default_rng(0).normal(size=(4, 160, 2)) * [1e-5, 3] + [0, 1325]

    made = background(values, kind, degree=degree)

    for pixel in range(4):
        for channel in range(2):
            fitted = np.polynomial.Polynomial.fit(AXIS, values[pixel, :, channel], degree)(AXIS)
            np.testing.assert_allclose(made[pixel, :, channel], fitted, rtol=1e-9, atol=1e-15)


def test_the_slope_of_a_loop_is_taken_in_the_bias():
    bias = np.concatenate([np.linspace(-8, 8, 80), np.linspace(8, -8, 80)])

    slope = (0.3 * bias + 1)[None, :, None]

    np.testing.assert_allclose(background(slope, "linear", axis=bias), slope)


def test_asymmetric_least_squares_run_below_the_peaks():
    slow = 1 + np.sin(AXIS / 500)
    spectrum = (slow + PEAKS)[None, :, None]

    made = {kind: background(spectrum, kind, stiffness=1e4)[0, :, 0] for kind in ("asls", "polynomial")}

    np.testing.assert_allclose(made["asls"], Baseline().asls(slow + PEAKS, lam=1e4, p=0.01)[0])
    assert np.sqrt(np.mean((made["asls"] - slow) ** 2)) < 0.1
    assert np.sqrt(np.mean((made["polynomial"] - slow) ** 2)) > 0.3


@pytest.mark.parametrize("kind", ["linear", "polynomial", "asls"])
def test_no_spectra_are_answered(kind):
    assert background(np.empty((0, 160, 2)), kind).shape == (0, 160, 2)
