import itertools

import numpy as np
import pytest
import torch
from small_vae import LATENTS, make, spectra, step
from torch.distributions import Normal, kl_divergence

from remanence.models.beta_vae import divergence
from remanence.science.unmixing.active_units import kl_per_latent
from remanence.training.beta_schedule import L1


def test_the_divergence_is_that_of_two_normal_distributions():
    mean, log_variance = 2 * torch.randn(50, 3), torch.randn(50, 3)

    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))

    torch.testing.assert_close(divergence(mean, log_variance), expected)


def test_the_loss_is_error_plus_beta_times_divergence_plus_lambda_times_activity():
    model, x = make(), spectra()
    mean, log_variance, activity = model.encoder(x)
    torch.manual_seed(2)
    z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
    reconstructed, embedding = model.decoder(z, model.mask)
    mse = (reconstructed - x).square().mean()
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).mean()
    l1 = (activity.abs().sum() + embedding.abs().sum()) / len(x)  # of a layer: summed over features, mean over spectra

    for beta, penalty in itertools.product((0.0, 0.3), (0.0, L1 * 10**0.3)):
        model.beta.fill_(beta)
        model.l1.fill_(penalty)
        loss, logged = step(model, x)
        torch.testing.assert_close(loss, mse + beta * kl + penalty * l1)
        assert logged == pytest.approx(
            {f"train/{name}": value.item() for name, value in (("loss", loss), ("mse", mse), ("kl", kl))}
        )


def test_beta_and_lambda_change_the_loss_and_its_gradient():
    model, x = make(), spectra()

    def gradient(beta, penalty):
        model.beta.fill_(beta)
        model.l1.fill_(penalty)
        model.zero_grad()
        loss = step(model, x)[0]
        loss.backward()
        return float(loss.detach()), model.encoder.mean.weight.grad.clone(), model.encoder.dense.weight.grad.clone()

    plain, under_beta, under_lambda = gradient(0.0, 0.0), gradient(1.0, 0.0), gradient(0.0, 0.1)

    assert under_beta[0] > plain[0] + 0.1
    assert under_lambda[0] > plain[0] + 0.01
    assert not torch.allclose(under_beta[1], plain[1])
    assert not torch.allclose(under_lambda[2], plain[2])


def test_little_noise_is_drawn_before_training():
    torch.testing.assert_close(make().encode(spectra())[1], torch.full((8, LATENTS), -4.0))


def test_validation_draws_nothing():
    model, x = make(dropout=0.5), spectra()
    logged = {}
    model.log = lambda name, value, **_: logged.update({name: value.item()})
    model.eval()

    model.validation_step(x, 0)

    assert logged == pytest.approx({"val/mse": (model(x) - x).square().mean().item()})


@pytest.fixture
def masked():
    """A network of which only the second and the last latent are left."""
    model = make(norm="feature")
    model.mask.copy_(torch.tensor([0.0, 1.0, 0.0, 1.0]))
    model.beta.fill_(0.7)
    return model


def test_a_masked_latent_is_that_of_the_prior(masked):
    mean, log_variance = masked.posterior(spectra().numpy())

    assert (mean[:, [0, 2]] == 0).all()
    assert (log_variance[:, [0, 2]] == 0).all()
    kl = kl_per_latent(mean, log_variance)
    assert (kl[[0, 2]] == 0).all()
    assert (kl[[1, 3]] > 0.05).all()


def test_a_masked_latent_changes_nothing_that_is_decoded(masked):
    z = np.random.default_rng(0).normal(size=(6, LATENTS))
    changed = z + np.array([5.0, 0.0, -3.0, 0.0])

    np.testing.assert_array_equal(masked.decode(changed), masked.decode(z))
    assert not np.allclose(masked.decode(z + np.array([0.0, 1.0, 0.0, 0.0])), masked.decode(z))


def test_a_masked_latent_changes_neither_loss_nor_gradient(masked):
    x = spectra()
    before, logged = step(masked, x)
    before.backward()
    assert (masked.encoder.mean.weight.grad[[0, 2]] == 0).all()
    assert (masked.encoder.log_variance.weight.grad[[0, 2]] == 0).all()
    assert (masked.decoder.embedding.weight.grad[:, [0, 2]] == 0).all()

    with torch.no_grad():
        for layer in (masked.encoder.mean, masked.encoder.log_variance):
            layer.bias[[0, 2]] += 1.7

    after, logged_after = step(masked, x)
    assert after.item() == before.item()
    assert logged_after == logged


@pytest.mark.parametrize(("weight_decay", "penalised"), [(0.0, False), (0.1, True)])
def test_the_optimiser_is_adam_unless_weights_decay(weight_decay, penalised):
    model, adam = make(lr=0.01, weight_decay=weight_decay), make()
    mine, plain = model.configure_optimizers(), torch.optim.Adam(adam.parameters(), lr=0.01)

    for network, optimizer in ((model, mine), (adam, plain)):
        step(network, spectra())[0].backward()
        optimizer.step()

    equal = [torch.allclose(*pair) for pair in zip(model.parameters(), adam.parameters(), strict=True)]
    assert all(equal) is not penalised


def test_a_latent_is_penalised_only_above_its_free_nats():
    model, x = make(), spectra()
    nats = divergence(*model.encoder(x)[:2]).mean(dim=0)
    free = float(nats.detach().sort().values[1])  # some are below and some above
    model.beta.fill_(0.5)
    whole, logged = step(model, x)

    model.free_nats = free
    loss, logged_with_free = step(model, x)

    torch.testing.assert_close(whole - loss, 0.5 * nats.clamp(max=free).sum() / LATENTS)
    assert logged_with_free["train/kl"] == logged["train/kl"]  # what is logged is the whole divergence
