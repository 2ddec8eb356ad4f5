import numpy as np
import pytest

from remanence.science.unmixing.latent_refinement import refine_latents


def curved(z):
    """Decode two latents into a curve that bends with them, (n, 12, 1)."""
    t = np.linspace(0, 1, 12)
    return (np.tanh(4 * (t - z[:, :1])) + z[:, 1:2] * t**2)[:, :, None]


@pytest.fixture
def known():
    rng = np.random.default_rng(0)
    return rng.uniform(-0.5, 0.5, (50, 2))


def test_latents_that_made_the_spectra_are_found_again(known):
    refined = refine_latents(curved, known + 0.1, curved(known), active=np.array([True, True]), steps=10, prior=0.0)

    np.testing.assert_allclose(refined, known, atol=1e-3)


def test_no_spectrum_gets_worse(known):
    noisy = curved(known) + np.random.default_rng(1).normal(0, 0.5, (50, 12, 1))
    begun = known + np.random.default_rng(2).normal(0, 1, (50, 2))

    refined = refine_latents(curved, begun, noisy, active=np.array([True, True]))

    before, after = (((curved(z) - noisy) ** 2).mean(axis=(1, 2)) for z in (begun, refined))
    assert (after <= before).all()
    assert after.mean() < 0.8 * before.mean()


def test_a_masked_latent_stays(known):
    refined = refine_latents(curved, known + 0.1, curved(known), active=np.array([True, False]))

    np.testing.assert_array_equal(refined[:, 1], known[:, 1] + 0.1)


@pytest.mark.parametrize("active", [[False, False], [True, True]])
def test_nothing_to_do_is_no_error(active):
    assert refine_latents(curved, np.zeros((0, 2)), np.zeros((0, 12, 1)), active=np.array(active)).shape == (0, 2)


def test_a_linear_decoder_gives_the_least_squares_solution_in_one_step():
    rng = np.random.default_rng(0)
    atoms, spectra = rng.normal(size=(3, 8)), rng.normal(size=(20, 8, 1))

    refined = refine_latents(
        lambda z: (z @ atoms)[:, :, None], np.zeros((20, 3)), spectra, active=np.ones(3, bool), steps=4, prior=0.0
    )

    expected = np.linalg.lstsq(atoms.T, spectra[:, :, 0].T, rcond=None)[0].T
    np.testing.assert_allclose(refined, expected, atol=1e-6)


@pytest.mark.parametrize("number", [1, 50, 300])
def test_latents_of_a_few_spectra_are_moved_together(number):
    rng, sizes = np.random.default_rng(0), []
    known = rng.uniform(-0.5, 0.5, (number, 2))

    def decode(z):
        sizes.append(len(z))
        return curved(z)

    refined = refine_latents(decode, known + 0.1, curved(known), active=np.array([True, True]), steps=10, prior=0.0)

    np.testing.assert_allclose(refined, known, atol=1e-3)
    together = 2 if number <= 128 else 1
    assert len(sizes) == 1 + 10 * (1 + 2 // together)
    assert max(sizes) == together * number
