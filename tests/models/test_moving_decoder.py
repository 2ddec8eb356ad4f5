import numpy as np
import pytest
import torch
from small_vae import make, spectra
from torch import nn

from remanence.data.spectra.layout import lay_out
from remanence.errors import ConfigurationError
from remanence.models.moving_decoder import MovingDecoder
from remanence.science.band_excitation.switching import FACTORS, STIFFENING, switching_loops, triangular_bias

BIAS = triangular_bias(96)
PIXEL = {"amplitude": 1e-4, "coercive_bias": 7.0, "resonance_frequency": 1325.0}


def places(steps, channels, layout="joined"):
    return lay_out(np.indices((steps, channels)), layout).reshape(2, -1).T


def moving(axis, *, channels=1, layout="joined", shift=1.0, opening=None):
    decoder = MovingDecoder(nn.Identity(), size=len(axis) * channels, shift=shift, opening=opening)
    decoder.tell_axis(axis, places(len(axis), channels, layout))
    return decoder


def loop(**changed):
    """Piezoresponse and resonance of a pixel with other factors, without what the bias itself does, (1, 96, 2)."""
    pixel = [[{**dict.fromkeys(FACTORS, 0.0), **PIXEL, **changed}[name] for name in FACTORS]]
    made = switching_loops(pixel, BIAS)
    resonance = made.resonance_frequency - 1325 - STIFFENING * (BIAS / 16) ** 2
    return np.stack([made.piezoresponse / 1e-4, resonance], axis=-1)


def moved(decoder, values, *amounts):
    return decoder.moved(torch.as_tensor(values, dtype=torch.float32), torch.tensor([amounts])).numpy()


def test_on_an_even_axis_a_shift_of_one_step_is_the_value_of_the_step_before():
    values = np.arange(10.0)[None, :, None] ** 2

    by_one, by_half, back = (moved(moving(np.arange(10) / 2), values, amount) for amount in (0.5, 0.25, -0.5))

    np.testing.assert_allclose(by_one[0, :, 0], [0, *values[0, :-1, 0]], atol=1e-4)
    np.testing.assert_allclose(by_half[0, 1:, 0], (values[0, 1:, 0] + values[0, :-1, 0]) / 2, atol=1e-4)
    np.testing.assert_allclose(back[0, :, 0], [*values[0, 1:, 0], 81], atol=1e-4)


def test_on_an_uneven_axis_a_straight_line_is_shifted_by_as_much():
    axis = np.array([0.0, 1, 3, 4, 9])

    made = moved(moving(axis), 2 * axis[None, :, None], 0.75)

    np.testing.assert_allclose(made[0, 1:, 0], 2 * (axis[1:] - 0.75), atol=1e-4)


@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
def test_a_shift_along_the_bias_is_the_imprint_of_the_simulator(layout):
    decoder = moving(BIAS, channels=2, layout=layout)
    at_rest, imprinted = (lay_out(loop(imprint=imprint), layout) for imprint in (0.0, 0.9))

    made = moved(decoder, at_rest, 0.9)

    assert ((made - imprinted) ** 2).mean() < 0.01 * ((at_rest - imprinted) ** 2).mean()
    assert abs(made - imprinted).max() < 0.05 * np.ptp(imprinted)


def test_an_opening_of_the_branches_is_the_coercive_bias_of_the_simulator():
    decoder = moving(BIAS, channels=2, opening=1.0)
    narrow, wide = loop(), loop(coercive_bias=8.0, imprint=-0.5)

    made = moved(decoder, narrow, -0.5, 1.0)

    assert ((made - wide) ** 2).mean() < 0.01 * ((narrow - wide) ** 2).mean()


def test_nothing_moves_by_nothing_and_branches_never_meet():
    decoder = moving(BIAS, channels=2)

    np.testing.assert_allclose(moved(decoder, loop(), 0.0), loop(), atol=1e-5)
    flat = np.where(np.arange(96) < 49, 1.0, -1.0)[None, :, None] * [1.0, 3.0]
    for amount in (-40.0, -3.3, 5.0, 40.0):
        np.testing.assert_allclose(moved(decoder, flat, amount), flat, atol=1e-6)


def test_the_derivative_by_the_shift_is_that_of_finite_differences():
    decoder = moving(BIAS, channels=2)
    at_rest, imprinted = (torch.as_tensor(each, dtype=torch.float32) for each in (loop(), loop(imprint=0.9)))
    amount = torch.full((1, 1), 0.31, requires_grad=True)

    ((decoder.moved(at_rest, amount) - imprinted) ** 2).sum().backward()

    errors = [((moved(decoder, at_rest, 0.31 + d) - imprinted.numpy()) ** 2).sum() for d in (0.02, -0.02)]
    assert float(amount.grad) == pytest.approx((errors[0] - errors[1]) / 0.04, rel=1e-3)


def test_a_masked_latent_moves_nothing_and_the_others_decode():
    model = make(shift=0.5)
    z = torch.randn(4, model.hparams["latents"], generator=torch.Generator().manual_seed(1)).numpy()
    z[:, 0] = 4.0
    shifted = model.decode(z)
    model.mask[0] = 0

    at_rest = model.decode(z)

    z[:, 0] = 0
    np.testing.assert_array_equal(model.decode(z), at_rest)
    np.testing.assert_allclose(shifted[:, 2:], at_rest[:, :-2], atol=1e-5)  # unless told, the axis counts values
    assert model.decoder.decoder.embedding.in_features == model.hparams["latents"] - 1


@pytest.mark.parametrize("decoder", ["joint", "additive"])
def test_every_decoder_can_be_moved_and_its_shift_is_learnt(decoder):
    torch.manual_seed(0)
    model = make(shift=1.0, decoder=decoder)
    loss = model.training_step(spectra(), 0)
    loss.backward()

    assert model.encoder.mean.weight.grad[0].abs().max() > 0
    assert model.embed(spectra().numpy()).shape == (len(spectra()), model.hparams["latents"])


def test_the_axis_is_stored_with_the_weights():
    told, loaded = (MovingDecoder(nn.Identity(), size=96, shift=1.0, opening=None) for _ in range(2))
    told.tell_axis(BIAS, places(96, 1))

    loaded.load_state_dict(told.state_dict())

    np.testing.assert_array_equal(moved(loaded, loop()[..., :1], 1.3), moved(told, loop()[..., :1], 1.3))


def test_weights_that_were_trained_along_another_axis_do_not_replace_the_one_that_was_told():
    told, other = (MovingDecoder(nn.Linear(2, 2), size=96, shift=1.0, opening=None) for _ in range(2))
    told.tell_axis(BIAS, places(96, 1))
    other.tell_axis(2 * BIAS, places(96, 1))
    before = moved(told, loop()[..., :1], 1.3)

    told.load_state_dict(other.state_dict())

    np.testing.assert_array_equal(moved(told, loop()[..., :1], 1.3), before)
    assert torch.equal(told.decoder.weight, other.decoder.weight)


def test_what_cannot_move_is_refused_by_name():
    with pytest.raises(ConfigurationError, match=r"^model\.latents: 2 of them move spectra and none decodes, got 2$"):
        make(latents=2, shift=1.0, opening=1.0)
    with pytest.raises(
        ConfigurationError, match=r"^model\.opening: .* the axis of these spectra has one; give model\.op"
    ):
        moving(np.arange(9.0), opening=1.0)
    moving(np.arange(9.0), shift=1.0, opening=None)
    with pytest.raises(ConfigurationError, match=r"^model\.shift: the axis of the spectra does not change"):
        moving(np.ones(9))
