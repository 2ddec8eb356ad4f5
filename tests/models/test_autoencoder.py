import numpy as np
import pytest
import torch

from remanence.models.autoencoder import Autoencoder, _factor
from remanence.models.beta_vae import BetaVAE
from remanence.tracking.saved_model import load_model, save_model

SMALL = {"steps": 10, "channels": 1, "units": 3, "dense": 8, "cell": "mlp"}
X = torch.linspace(-1, 1, 40).reshape(4, 10, 1)


def test_the_loss_is_the_error_of_the_reconstruction_without_noise():
    model = Autoencoder(latents=2, **SMALL)
    model.log_dict = lambda *_, **__: None

    loss, again = (model.training_step(X, 0) for _ in range(2))

    assert loss == again == torch.nn.functional.mse_loss(model(X), X)


def test_its_network_is_that_of_the_vae():
    torch.manual_seed(0)
    model = Autoencoder(latents=2, **SMALL)
    torch.manual_seed(0)
    vae = BetaVAE(latents=2, **SMALL)

    assert {name: value.shape for name, value in model.state_dict().items()} == {
        name: value.shape for name, value in vae.state_dict().items()
    }
    np.testing.assert_array_equal(model.posterior(X.numpy())[0], vae.posterior(X.numpy())[0])
    assert not model.has_prior
    assert vae.has_prior


def test_latents_are_refined_from_the_encoder_alone():
    torch.manual_seed(0)
    model = Autoencoder(latents=2, **SMALL)
    spectra = model.decode(np.array([[1.0, -1.0], [0.5, 2.0], [-1.0, 0.3]]))
    own, refined = model.code(spectra), model.embed(spectra)

    error, refined_error = (((model.decode(z) - spectra) ** 2).mean() for z in (own, refined))

    assert refined_error < 0.1 * error
    np.testing.assert_array_equal(refined, model.refine(own, spectra))


def test_one_without_a_number_takes_that_of_the_model_beside_it():
    unmatched = Autoencoder(**SMALL, latents=None, epochs=3)

    assert unmatched.matched(4).hparams["latents"] == 4
    assert unmatched.matched(4).hparams["epochs"] == 3
    assert unmatched.matched(4).decode(np.zeros((1, 4))).shape == (1, 10, 1)
    given = Autoencoder(latents=2, **SMALL)
    assert given.matched(4) is given


def test_a_saved_autoencoder_decodes_as_before(tmp_path):
    model = Autoencoder(latents=2, **SMALL)
    save_model(model, tmp_path)

    again, _ = load_model(tmp_path)

    np.testing.assert_array_equal(again.embed(X.numpy()), model.embed(X.numpy()))


@pytest.mark.parametrize(("share", "factor"), [(0.05, 1.0), (0.525, 0.5), (1.0, 0.0)])
def test_the_learning_rate_rises_and_then_falls_to_nothing(share, factor):
    assert _factor(share) == pytest.approx(factor)
    assert 0 < _factor(0.0) < 0.03 < _factor(0.02) < 1
