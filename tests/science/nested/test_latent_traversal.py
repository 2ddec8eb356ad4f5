import numpy as np
import pytest

from remanence.science.nested.latent_traversal import latent_axes

LATENTS = np.random.default_rng(0).normal([1, -2, 0.5, 10], [1, 3, 0.1, 5], size=(500, 4))


def test_one_latent_walks_between_its_quantiles_and_the_others_stay_at_their_medians():
    axes = latent_axes(LATENTS, steps=7)

    assert axes.shape == (4, 7, 4)
    for latent in range(4):
        low, high = np.percentile(LATENTS[:, latent], [5, 95])
        np.testing.assert_allclose(axes[latent, :, latent], np.linspace(low, high, 7))
        others = [other for other in range(4) if other != latent]
        np.testing.assert_allclose(axes[latent][:, others], np.tile(np.median(LATENTS[:, others], axis=0), (7, 1)))


def test_the_whole_range_may_be_walked():
    axes = latent_axes(LATENTS, steps=2, quantiles=(0, 1))

    np.testing.assert_array_equal(axes[2, :, 2], [LATENTS[:, 2].min(), LATENTS[:, 2].max()])


@pytest.mark.parametrize("quantiles", [(0.9, 0.1), (0.5, 0.5), (-0.1, 0.5), (0.5, 1.1)])
def test_quantiles_out_of_order_are_refused(quantiles):
    with pytest.raises(ValueError, match="Expected `quantiles` in order between 0 and 1"):
        latent_axes(LATENTS, quantiles=quantiles)


@pytest.mark.parametrize("latents", [np.zeros(3), np.zeros((0, 3))])
def test_no_table_of_rows_is_refused(latents):
    with pytest.raises(ValueError, match="Expected `latents` of shape"):
        latent_axes(latents)
