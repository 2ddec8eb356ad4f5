import numpy as np
import pytest

from remanence.science.unmixing.additivity import additivity
from remanence.science.unmixing.toy import toy_spectra

Z = np.random.default_rng(1).normal(size=(4000, 3))


def decoded(function):
    return lambda z: np.stack([function(*z.T), -function(*z.T)], axis=1)[:, :, None]


def test_the_toy_spectra_add_what_their_colours_contribute():
    colours = np.random.default_rng(0).uniform(size=(500, 3))

    assert additivity(lambda z: toy_spectra(z)[:, :, None], colours) == pytest.approx(1, abs=1e-9)


def test_an_interaction_takes_away_its_share_of_the_variance():
    mixed = decoded(lambda x, y, z: x + z**2 + x * y)  # variances 1, 2 and 1

    assert additivity(mixed, Z, pairs=4000) == pytest.approx(3 / 4, abs=0.05)


def test_an_interaction_of_three_latents_counts_in_each_of_its_pairs():
    mixed = decoded(lambda x, y, z: 3 * x + x * y * z)

    assert additivity(mixed, Z, pairs=4000) == pytest.approx(1 - 3 / 10, abs=0.07)


def test_latents_that_only_interact_have_the_index_zero():
    assert additivity(decoded(lambda x, y, z: x * y * z), Z) == 0


def test_latents_that_are_not_active_are_not_compared():
    mixed = decoded(lambda x, y, z: x + z + x * y)

    assert additivity(mixed, Z, active=np.array([True, False, True])) == pytest.approx(1)
    assert additivity(mixed, Z, active=np.array([True, False, False])) == 1


def test_spectra_that_do_not_vary_have_no_index():
    assert np.isnan(additivity(lambda z: np.ones((len(z), 5, 2)), Z))


def test_the_rows_are_settled_by_the_seed():
    mixed = decoded(lambda x, y, z: x + x * y)

    assert additivity(mixed, Z, seed=1) == additivity(mixed, Z, seed=1) != additivity(mixed, Z, seed=2)
