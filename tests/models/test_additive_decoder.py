import itertools

import pytest
import torch
from small_vae import LATENTS, make, spectra, step

from remanence.errors import ConfigurationError
from remanence.models.additive_decoder import blocks_of

CELLS, NORMS = ("lstm", "gru", "tcn", "mlp"), ("time", "none", "feature")


def additive(**arguments):
    return make(decoder="additive", **arguments)


def latents(n=5):
    return torch.randn(n, LATENTS, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize(("cell", "norm"), list(itertools.product(CELLS, NORMS)), ids="-".join)
def test_what_two_latents_make_together_is_the_sum_of_what_each_makes(cell, norm):
    model = additive(cell=cell, norm=norm, channels=2, patch=3, positions=True, decoder_units=2)
    here, there, neither = latents(), latents(), latents()
    here[:, 1], there[:, 2] = 1.5, -0.7
    both = here.clone()
    both[:, 2] = -0.7
    there[:, 1] = neither[:, 1]

    one, other, together, none = (model.decode(z.numpy()) for z in (here, there, both, neither))

    assert abs(together - one - other + none).max() < 1e-5
    assert abs(one - none).max() > 1e-3


def test_at_the_origin_only_the_base_is_left():
    model = additive()
    torch.nn.init.normal_(model.decoder.base)

    made, _ = model.decoder(torch.zeros(2, LATENTS), model.mask)

    torch.testing.assert_close(made, model.decoder.base.expand(2, -1, -1))


def test_masked_latents_add_nothing_and_are_not_computed():
    model, z = additive(), latents()
    model.mask[1] = 0.0

    added, activity = model.decoder.contributions(z, model.mask)
    everything, _ = model.decoder.contributions(z, torch.ones(LATENTS))

    assert added.shape == (LATENTS - 1, 5, 12, 1)
    assert activity.shape == (5, (LATENTS - 1) * 6)
    torch.testing.assert_close(added, everything[[0, 2, 3]])


def test_latents_of_a_block_interact_and_others_do_not():
    model, z = additive(decoder_blocks=[2, 1, 1], cell="mlp"), latents(1)
    corners = z.repeat(4, 1)

    def cross(first, second):
        moved = corners.clone()
        moved[1, first] += 1
        moved[2, second] += 1
        moved[3, [first, second]] += 1
        made = torch.as_tensor(model.decode(moved.numpy()))
        return float((made[3] - made[1] - made[2] + made[0]).abs().max())

    assert cross(0, 1) > 1e-4
    assert max(cross(0, 2), cross(1, 3), cross(2, 3)) < 1e-6


def test_blocks_have_the_latents_in_their_order():
    assert blocks_of(4, None).tolist() == [[0], [1], [2], [3]]
    assert blocks_of(6, [1, 3, 2]).tolist() == [[0, 6, 6], [1, 2, 3], [4, 5, 6]]


def test_blocks_that_do_not_fit_the_latents_name_their_key():
    with pytest.raises(ConfigurationError, match=r"model.decoder_blocks: .* model.latents=4 together, got \[2, 1\]"):
        additive(decoder_blocks=[2, 1])
    additive(decoder_blocks=[2, 1, 1])


def test_a_joint_decoder_has_no_blocks():
    with pytest.raises(ConfigurationError, match=r"model.decoder_blocks: only an additive decoder .*=additive"):
        make(decoder_blocks=[2, 2])
    make(decoder_blocks=[2, 2], decoder="additive")


@pytest.mark.parametrize("cell", CELLS)
def test_the_loss_reaches_every_weight_of_the_latents_that_are_kept(cell):
    model = additive(cell=cell, norm="feature", units=8, dense=16, positions=True)
    model.mask[0] = 0.0
    model.l1.fill_(1e-2)

    step(model, spectra(64))[0].backward()

    for name, weight in model.decoder.networks.named_parameters():
        reached = weight.grad.flatten(1).abs().sum(dim=1) > 0
        assert reached.tolist() == [False, True, True, True], name


def test_an_additive_network_is_rebuilt_from_its_arguments_and_weights():
    model, x = additive(decoder_blocks=[2, 2], inference_steps=2), spectra().numpy()
    model.mask[3] = 0.0

    rebuilt = type(model)(**model.hparams)
    rebuilt.load_state_dict(model.state_dict())

    assert (rebuilt.reconstruct(x) == model.reconstruct(x)).all()
