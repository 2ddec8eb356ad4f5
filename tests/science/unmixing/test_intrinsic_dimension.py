import math

import numpy as np
import pytest

from remanence.science.unmixing.intrinsic_dimension import intrinsic_dimension


def surface(dimensions, n=3000, noise=0.0):
    """Return spectra of 25 steps that depend on so many causes, curved and with noise."""
    generator = np.random.default_rng(0)
    causes = generator.normal(size=(n, dimensions))
    directions = 0.3 * generator.normal(size=(dimensions, 25))
    spectra = np.tanh(causes @ directions)
    return spectra + noise * generator.normal(size=spectra.shape)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
def test_causes_of_curved_spectra_are_counted(dimensions):
    found = intrinsic_dimension(surface(dimensions))

    assert found.value == pytest.approx(dimensions, abs=0.5)  # a hundred show 4.6 of five
    assert found.number(latents=16) == dimensions
    assert 0 < found.error < 0.15


def test_a_spectrum_has_any_shape_and_unit():
    spectra = surface(2)

    whole = intrinsic_dimension(spectra)

    assert intrinsic_dimension(1e-6 * spectra.reshape(-1, 5, 5)).value == pytest.approx(whole.value)


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_noise_has_no_dimensions(noise):
    assert intrinsic_dimension(surface(3, noise=noise)).value == pytest.approx(3, abs=0.5)


def test_noise_that_is_smooth_counts_less_the_fewer_spectra_are_looked_at_together():
    generator = np.random.default_rng(1)
    smooth = generator.normal(size=(3000, 8)) @ generator.normal(size=(8, 25))  # as large components as causes have
    noisy = surface(2) + 0.03 * smooth

    found = {together: intrinsic_dimension(noisy, together=together).value for together in (50, 100, 1000)}

    assert found[50] < found[100] < found[1000]
    assert found[1000] > 4


def test_the_estimate_does_not_change_from_call_to_call():
    assert intrinsic_dimension(surface(3, n=500)) == intrinsic_dimension(surface(3, n=500))


def test_spectra_that_stand_twice_are_counted_once():
    spectra = surface(2, n=90)

    assert intrinsic_dimension(np.repeat(spectra, 2, axis=0), together=180) == intrinsic_dimension(spectra)


@pytest.mark.parametrize("spectra", [np.zeros((50, 4)), np.zeros((0, 4)), np.array([[1.0, 2.0], [2.0, 3.0]])])
def test_where_no_three_spectra_differ_there_is_no_estimate(spectra):
    found = intrinsic_dimension(spectra)

    assert math.isnan(found.value)
    assert found.number(latents=16) is None


def test_a_number_of_latents_is_one_that_the_network_has():
    assert intrinsic_dimension(surface(5)).number(latents=3) == 3
    assert intrinsic_dimension(surface(1) * [1.0] + 0.0).number(latents=3) == 1


def test_spectra_that_vary_in_every_direction_alike_are_not_taken_for_noise():
    every_way = np.random.default_rng(0).normal(size=(2000, 4))

    assert intrinsic_dimension(every_way).number(latents=16) == 4
