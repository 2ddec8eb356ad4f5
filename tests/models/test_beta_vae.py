import itertools

import numpy as np
import pytest
import torch
from small_vae import LATENTS, PLAIN, SMALL, STEPS, make, spectra, step
from torch import nn

from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError
from remanence.models import beta_vae
from remanence.models.beta_vae import BetaVAE
from remanence.models.residual_block import ResidualBlock, TimeNorm, make_norm
from remanence.models.spectra_encoder import last_states

CELLS, NORMS, READ_OUTS = ("lstm", "gru", "tcn", "mlp"), ("time", "none", "feature"), ("last", "all")


def released(name, **shape):
    """Return a network of ``conf/model`` as the command line makes it."""
    arguments = {key: value for key, value in compose([f"model={name}"]).model.items() if key != "_target_"}
    return BetaVAE(**arguments, **shape)


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def bilstm(inputs, units=128):
    return 2 * (4 * units * (inputs + units) + 8 * units)


def dense(inputs, outputs):
    return inputs * outputs + outputs


@pytest.mark.parametrize(("channels", "patch"), [(1, 1), (2, 1), (1, 4), (2, None)])
@pytest.mark.parametrize(("cell", "norm", "read_out"), list(itertools.product(CELLS, NORMS, READ_OUTS)), ids="-".join)
def test_every_variant_encodes_and_reconstructs_in_its_shapes(cell, norm, read_out, channels, patch):
    model = make(cell=cell, norm=norm, read_out=read_out, patch=patch, channels=channels)
    x = spectra(5, channels)

    mean, log_variance = model.encode(x)
    reconstructed, embedding = model.decoder(mean, model.mask)

    assert mean.shape == log_variance.shape == (5, LATENTS)
    assert reconstructed.shape == model(x).shape == x.shape
    assert embedding.shape == (5, SMALL["dense"])
    assert torch.isfinite(reconstructed).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("arguments", [{}, {"blocks": 1, "layers": 1}, {"positions": True}, {"read_out": "all"}])
@pytest.mark.parametrize("cell", CELLS)
def test_the_loss_reaches_every_parameter(cell, norm, arguments):
    model = make(cell=cell, norm=norm, units=8, dense=16, **arguments)
    model.beta.fill_(0.5)
    model.l1.fill_(1e-2)

    step(model, spectra(64))[0].backward()

    silent = [name for name, value in model.named_parameters() if value.grad is None or not value.grad.abs().sum() > 0]
    assert silent == []


@pytest.mark.parametrize("patch", [5, 7, 24])
def test_a_patch_that_does_not_divide_the_spectrum_names_its_key(patch):
    with pytest.raises(ConfigurationError, match=f"model.patch: must divide the 12 steps of a spectrum, got {patch}"):
        make(patch=patch)


@pytest.mark.parametrize(("steps", "patch"), [(25, 5), (96, 16), (192, 16), (16, 16), (17, 1), (7, 7)])
def test_without_a_patch_the_largest_divisor_up_to_sixteen_steps_is_one_token(steps, patch):
    model = BetaVAE(steps=steps, channels=1, **{**SMALL, **PLAIN, "patch": None})

    assert model.hparams["patch"] == patch  # written down, so that a saved network is rebuilt alike
    assert model.decoder.time == steps // patch


def test_patches_hold_neighbouring_steps_of_all_channels():
    model, x = make(patch=4, channels=2, cell="mlp", blocks=1), spectra(1, 2)
    seen = []
    model.encoder.blocks.register_forward_pre_hook(lambda module, given: seen.append(given[0]))

    model(x)

    torch.testing.assert_close(
        seen[0], torch.stack([x[0, :4].flatten(), x[0, 4:8].flatten(), x[0, 8:].flatten()])[None]
    )


def test_the_released_two_channel_network_has_the_parameters_counted_by_hand():
    encoder = bilstm(1) + 6 * bilstm(256) + dense(256, 16) + 2 * dense(16, 16)
    decoder = dense(16, 16) + bilstm(16) + 6 * bilstm(256) + dense(256, 1)

    assert parameters(released("beta_vae_released", steps=192, channels=1)) == encoder + decoder == 5_032_001


def test_the_released_one_channel_network_adds_its_normalisations():
    over_time, over_batch = 7 * 2 * 25, 2 * 256  # six blocks and the output; scale and offset of each

    model = released("beta_vae_released_1ch", steps=25, channels=1)

    assert parameters(model) == 5_032_001 + over_time + over_batch
    assert isinstance(model.encoder.norm, nn.BatchNorm1d)
    assert isinstance(model.decoder.norm, TimeNorm)
    assert {block.dropout.p for block in [*model.encoder.blocks, *model.decoder.blocks]} == {0.2}


@pytest.mark.parametrize("name", ["beta_vae_released", "beta_vae_released_1ch"])
def test_released_networks_add_their_input_to_all_features_without_a_projection(name):
    model = released(name, steps=24, channels=1)

    assert [type(block.skip) for block in model.encoder.blocks] == [nn.Identity] * 3
    assert [type(block.skip) for block in model.decoder.blocks] == [nn.Identity] * 3


@pytest.mark.parametrize("norm", NORMS)
def test_several_inputs_are_projected_because_they_cannot_be_broadcast(norm):
    assert isinstance(make(norm=norm, channels=2).encoder.blocks[0].skip, nn.Linear)


def test_a_block_is_its_layers_plus_its_input():
    torch.manual_seed(0)
    block = ResidualBlock(1, 3, 5, cell="lstm", layers=2, norm="none", dropout=0.0, project=False)
    x = torch.randn(2, 5, 1)

    y = torch.relu(block.cells[1](torch.relu(block.cells[0](x))))

    torch.testing.assert_close(block(x), torch.relu(y + x.expand(-1, -1, 6)))


def test_normalisation_over_time_leaves_every_feature_with_mean_0_and_variance_1():
    x = 3 + 5 * torch.randn(4, 50, 6, generator=torch.Generator().manual_seed(0))

    normed = make_norm("time", 50, 6)(x)

    torch.testing.assert_close(normed.mean(dim=1), torch.zeros(4, 6), rtol=0, atol=1e-5)
    torch.testing.assert_close(normed.var(dim=1, unbiased=False), torch.ones(4, 6), rtol=1e-4, atol=0)


def test_normalisation_over_features_is_that_of_every_step():
    normed = make_norm("feature", 50, 6)(3 + 5 * torch.randn(4, 50, 6))

    torch.testing.assert_close(normed.mean(dim=2), torch.zeros(4, 50), rtol=0, atol=1e-5)


def test_the_encoder_reads_where_each_direction_ends():
    forwards, backwards = torch.randn(2, 5, 3), torch.randn(2, 5, 3)

    read = last_states(torch.cat([forwards, backwards], dim=2))

    torch.testing.assert_close(read, torch.cat([forwards[:, 4], backwards[:, 0]], dim=1))


@pytest.mark.parametrize("norm", NORMS)
def test_embedding_and_decoding_agree_with_the_forward_pass(norm):
    model, x = make(norm=norm, dropout=0.5, positions=True, patch=3), spectra()
    model.train()
    step(model, x)  # batch normalisation has learnt something

    reconstructed = model.reconstruct(x.numpy())
    assert not model.training  # dropout must not enter

    with torch.no_grad():
        np.testing.assert_allclose(reconstructed, model(x).numpy(), rtol=1e-6)
        np.testing.assert_allclose(model.embed(x.numpy()), model.encode(x)[0].numpy(), rtol=1e-6)
    np.testing.assert_array_equal(model.decode(model.embed(x.numpy())), reconstructed)
    assert reconstructed.dtype == np.float32


def test_many_spectra_are_passed_in_parts_with_the_same_result(monkeypatch):
    model, x = make(), spectra(11).numpy()
    whole = model.posterior(x), model.reconstruct(x)

    monkeypatch.setattr(beta_vae, "INFERENCE_BATCH", 4)

    for part, expected in zip((*model.posterior(x), model.reconstruct(x)), (*whole[0], whole[1]), strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-4, atol=1e-6)


def test_no_spectra_have_no_latents():
    model = make()

    assert model.embed(np.empty((0, STEPS, 1), dtype=np.float32)).shape == (0, LATENTS)
    assert model.decode(np.empty((0, LATENTS))).shape == (0, STEPS, 1)


def test_the_positions_of_the_decoder_are_part_of_what_is_learnt():
    assert make(positions=True, patch=3).decoder.positions.shape == (4, SMALL["dense"])
    assert "decoder.positions" in dict(make(positions=True).named_parameters())
    assert make().decoder.positions is None


def test_a_network_is_rebuilt_from_its_arguments_and_weights_without_pickled_code(tmp_path):
    model, x = make(norm="time", patch=3, cell="gru"), spectra().numpy()
    model.mask[1] = 0.0
    model.beta.fill_(0.3)
    torch.save({"arguments": dict(model.hparams), "weights": model.state_dict()}, tmp_path / "model.pt")

    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    rebuilt = BetaVAE(**saved["arguments"])
    rebuilt.load_state_dict(saved["weights"])

    np.testing.assert_array_equal(rebuilt.reconstruct(x), model.reconstruct(x))
    assert float(rebuilt.beta) == float(model.beta)
    assert rebuilt.mask.tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize("name", sorted(path.stem for path in (conf_folder() / "model").glob("beta_vae*.yaml")))
@pytest.mark.parametrize("shape", [{"steps": 25, "channels": 1}, {"steps": 96, "channels": 2}], ids=["toy", "loops"])
def test_every_configuration_of_the_network_suits_both_studies(name, shape):
    x = np.zeros((2, shape["steps"], shape["channels"]), dtype=np.float32)

    assert released(name, **shape).reconstruct(x).shape == x.shape


def test_inference_steps_lower_the_error_and_leave_the_posterior_alone():
    torch.manual_seed(0)
    guessing, refining = (
        BetaVAE(steps=25, channels=1, **{**SMALL, **PLAIN, "inference_steps": steps}) for steps in (0, 3)
    )
    refining.load_state_dict(guessing.state_dict())
    x = np.random.default_rng(0).normal(size=(30, 25, 1)).astype(np.float32)

    errors = [float(((model.reconstruct(x) - x) ** 2).mean()) for model in (guessing, refining)]

    assert errors[1] < errors[0]
    np.testing.assert_array_equal(refining.posterior(x)[0], guessing.embed(x))
