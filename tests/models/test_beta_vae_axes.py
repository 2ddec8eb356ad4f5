import numpy as np
import pytest
from small_vae import LATENTS, make, spectra

from remanence.errors import ConfigurationError
from remanence.models.beta_vae import BetaVAE
from remanence.science.unmixing.active_units import kl_per_latent


def turned(**arguments):
    """Return a network whose latents were turned, and the same network before."""
    before, model = make(**arguments), make(rotate="ica", **arguments)
    for each in (before, model):
        each.encoder.mean.weight.data *= 20  # active latents
        each.mask[2] = 0.0
    model.turn(spectra(300).numpy())
    return model, before


def test_turned_latents_decode_to_the_same_spectra():
    model, before = turned()
    x = spectra(20).numpy()

    np.testing.assert_allclose(model.reconstruct(x), before.reconstruct(x), atol=1e-4)
    assert abs(model.embed(x) - before.embed(x)).max() > 0.1


def test_turned_latents_are_uncorrelated_and_a_masked_one_stays_masked():
    model, _ = turned()
    z, log_variance = model.posterior(spectra(300).numpy())

    assert kl_per_latent(z, log_variance)[2] == 0
    np.testing.assert_allclose(np.cov(z[:, [0, 1, 3]].T), np.eye(3), atol=0.02)


def test_the_deviations_of_turned_latents_are_those_of_their_samples():
    model, before = turned()
    x = spectra(1).numpy()
    mean, log_variance = before.posterior(x)
    rng = np.random.default_rng(0)
    samples = mean + rng.normal(size=(100_000, LATENTS)) * np.exp(log_variance / 2)

    drawn = samples @ model.axes.numpy()

    np.testing.assert_allclose(drawn.std(axis=0), np.exp(model.posterior(x)[1][0] / 2), rtol=0.02)


def test_the_axes_are_stored_with_the_weights_and_forgotten_where_a_training_goes_on():
    model, before = turned(inference_steps=2)
    x = spectra(5).numpy()
    rebuilt = BetaVAE(**model.hparams)
    rebuilt.load_state_dict(model.state_dict())

    np.testing.assert_array_equal(rebuilt.embed(x), model.embed(x))
    assert "axes" not in before.state_dict()  # as in models of earlier releases

    rebuilt.on_fit_start()
    np.testing.assert_allclose(rebuilt.posterior(x)[0], before.posterior(x)[0], atol=1e-6)


def test_an_additive_decoder_is_not_turned():
    with pytest.raises(ConfigurationError, match=r"model.rotate: .* got ica; add model.rotate=none"):
        make(rotate="ica", decoder="additive")
    make(rotate="none", decoder="additive")


@pytest.mark.parametrize("movement", ["shift", "opening"])
def test_latents_that_move_spectra_are_not_turned(movement):
    with pytest.raises(ConfigurationError, match=rf"model.rotate: .* model.{movement}=1.0 .*; add model.rotate=none"):
        make(rotate="ica", **{movement: 1.0})
    make(rotate="none", **{movement: 1.0})
