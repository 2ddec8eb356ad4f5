import numpy as np
import pytest
import torch
from small_unmixing import make_model, open_toy

from remanence.science.unmixing.active_units import active, kl_per_latent
from remanence.studies.spectra.revival import revive


@pytest.fixture
def data():
    return open_toy()


def switch_off(model, *latents):
    """Give latents the posterior of the prior, as β leaves them."""
    with torch.no_grad():
        for layer in (model.encoder.mean, model.encoder.log_variance):
            for latent in latents:
                layer.weight[latent] = 0.0
                layer.bias[latent] = 0.0


def counted(model, x):
    return active(kl_per_latent(*model.posterior(x))).tolist()


def test_a_revived_latent_follows_the_first_component_of_what_the_others_leave(data):
    model, x = make_model(dense=64), data.x[data.fold.train]
    switch_off(model, 1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    left = (x - model.decode(model.posterior(x)[0])).reshape(len(x), -1)
    component = np.linalg.svd(left - left.mean(axis=0), full_matrices=False)[0][:, 0]

    revive(model, x, np.array([1]))

    mean, log_variance = model.posterior(x)
    assert abs(np.corrcoef(mean[:, 1], component)[0, 1]) > 0.9
    assert mean[:, 1].std() == pytest.approx(1.0, abs=0.2)
    np.testing.assert_allclose(log_variance[:, 1], -4.0)
    for name, value in model.state_dict().items():
        others = [0, 2, 3] if name.startswith(("encoder.mean", "encoder.log_variance")) else ...
        torch.testing.assert_close(value[others], before[name][others])


def test_several_latents_are_revived_each_by_a_component_of_its_own(data):
    model, x = make_model(dense=64), data.x[data.fold.train]
    switch_off(model, 0, 3)
    assert counted(model, x) == [False, True, True, False]

    revive(model, x, np.array([0, 3]))

    assert counted(model, x) == [True, True, True, True]
    mean = model.posterior(x)[0]
    assert abs(np.corrcoef(mean[:, 0], mean[:, 3])[0, 1]) < 0.2


def test_a_network_goes_on_training_after_latents_were_revived(data):
    model, x = make_model(), data.x[data.fold.train]

    revive(model, x, np.array([2]))

    assert model.training
    assert all(module.training for module in model.modules())
