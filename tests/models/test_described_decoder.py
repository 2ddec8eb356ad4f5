import numpy as np
import pytest
import torch
from small_vae import LATENTS, STEPS, make
from torch import nn

from remanence.models.described_decoder import described_decoder, number_of_weights
from remanence.models.pca import PCA


def test_a_linear_model_is_described_by_its_offset_and_its_components():
    x = np.random.default_rng(0).normal(size=(20, STEPS, 1)).astype(np.float32)
    pca = PCA(steps=STEPS, channels=1, n_components=3).fit(x)

    described = described_decoder(pca, 3)

    np.testing.assert_allclose(described["base"], pca.learnt("offset"), atol=1e-6)
    np.testing.assert_allclose(described["parts"][0]["affine"], pca.learnt("atoms"), atol=1e-6)
    assert described["multiplications"] == 3 * STEPS


def test_a_model_that_is_not_affine_and_no_network_of_ours_is_not_described():
    class Squares:
        def decode(self, z):
            return np.repeat(z[:, :1] ** 2, STEPS, axis=1)[:, :, None]

    assert described_decoder(Squares(), 2) is None


def test_a_decoder_with_a_layer_of_its_own_is_not_described():
    model = make(norm="feature")
    model.decoder.norm = nn.Tanh()

    assert described_decoder(model, LATENTS) is None


@pytest.mark.parametrize("cell", ["lstm", "gru", "tcn", "mlp"])
def test_every_weight_of_a_decoder_is_in_its_description(cell):
    model = make(cell=cell, norm="time", positions=True)

    described = described_decoder(model, LATENTS)

    expected = sum(weight.numel() for weight in model.decoder.parameters())
    assert number_of_weights(described["parts"]) == expected


def test_of_an_additive_decoder_only_blocks_of_kept_latents_are_described():
    model = make(decoder="additive", decoder_blocks=[2, 1, 1])
    model.mask.copy_(torch.tensor([0.0, 1.0, 0.0, 1.0]))

    described = described_decoder(model, LATENTS)

    assert [part["inputs"] for part in described["parts"]] == [[0, 1], [3, -1]]
    assert described["centred"]
    assert described["mask"].tolist() == [0, 1, 0, 1]


def test_products_count_each_weight_at_every_token_and_dense_cells_once():
    described = described_decoder(make(cell="mlp", blocks=1, layers=1, norm="none"), LATENTS)

    layers = described["parts"][0]["layers"]
    once = number_of_weights([layers["embedding"], layers["first"], layers["blocks"][0]["cells"]])
    assert described["multiplications"] == once + STEPS * number_of_weights(layers["output"])
