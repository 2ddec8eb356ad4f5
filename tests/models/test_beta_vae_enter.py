from types import SimpleNamespace

import numpy as np
import pytest
import torch
from small_vae import make, spectra, step

from remanence.errors import ConfigurationError

SHARES = [0, 0, 0.25, 0.5]


def at_epoch(model, epoch):
    model._trainer = SimpleNamespace(current_epoch=epoch, max_epochs=8)
    model.on_train_epoch_start()
    return model


@pytest.mark.parametrize(("epoch", "present"), [(0, [1, 1, 0, 0]), (2, [1, 1, 1, 0]), (3, [1, 1, 1, 0]), (4, [1] * 4)])
def test_latents_enter_after_their_share_of_the_epochs(epoch, present):
    model = at_epoch(make(enter=SHARES), epoch)
    model.mask[0] = 0.0

    assert model.kept.tolist() == [0, *present[1:]]


@pytest.mark.parametrize("decoder", ["joint", "additive"])
def test_a_latent_that_has_not_entered_does_nothing(decoder):
    model, x = at_epoch(make(enter=SHARES, decoder=decoder), 0), spectra()
    model.beta.fill_(0.5)

    step(model, x)[0].backward()

    assert (model.posterior(x.numpy())[0][:, 2:] == 0).all()
    assert (model.encoder.mean.weight.grad[2:] == 0).all()
    assert model.encoder.mean.weight.grad[:2].abs().sum() > 0
    z = torch.randn(3, 4).numpy()
    np.testing.assert_array_equal(model.decode(z * [1, 1, 0, 0]), model.decode(z))


def test_after_the_training_all_latents_are_there_and_weights_know_nothing_of_it():
    model = at_epoch(make(enter=SHARES), 1)

    model.on_fit_end()

    assert model.kept.tolist() == [1] * 4
    assert "present" not in model.state_dict()


def test_a_share_for_each_latent_is_needed():
    with pytest.raises(ConfigurationError, match=r"model.enter: .* model.latents=4, got \[0, 0.5\]"):
        make(enter=[0, 0.5])
