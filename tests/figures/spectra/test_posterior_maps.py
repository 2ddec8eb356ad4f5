import numpy as np
import pytest

from remanence.figures.spectra.posterior_maps import plot_posterior_maps

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("number", [1, 5, 8])
def test_deviations_are_below_the_means_of_the_same_latent(number):
    random = np.random.default_rng(0)
    means, sds = random.normal(size=(number, 6, 9)), random.uniform(0.1, 1, size=(number, 6, 9))
    sds[0, 2, 3] = np.nan
    names = [f"latent {latent}" for latent in range(1, number + 1)]

    figure, axes = plot_posterior_maps(means, sds, latents=names, title="β-VAE", side=2.0)
    figure.draw_without_rendering()

    assert len(axes) == 2 * number
    for at in range(number):
        np.testing.assert_array_equal(axes[at].images[0].get_array(), means[at])
        drawn = axes[number + at].images[0].get_array().filled(np.nan)
        np.testing.assert_allclose(drawn, sds[at] / np.nanmedian(sds[at]))
        upper, lower = (axes[place].get_position() for place in (at, number + at))
        assert upper.y0 > lower.y0
        assert upper.x0 == pytest.approx(lower.x0, abs=0.01)
    assert [ax.get_title().replace("\n", " ") for ax in axes[:number]] == names
    assert axes[number].get_title().startswith("sd 0.")
    assert [ax.get_ylabel() for ax in figure.axes[-2:]] == ["mean", "sd / median"]


def test_one_pixel_sets_no_scale():
    sds = np.full((1, 40, 40), 0.2) + np.linspace(0, 0.1, 1600).reshape(1, 40, 40)
    sds[0, 0, 0] = 1e6

    _, axes = plot_posterior_maps(np.zeros((1, 40, 40)), sds, latents=["latent 1"], title="β-VAE")

    assert axes[1].images[0].get_clim()[1] < 1.4


def test_a_latent_without_a_value_is_drawn():
    _, axes = plot_posterior_maps(*[np.full((1, 4, 4), np.nan)] * 2, latents=["latent 1"], title="β-VAE")

    assert axes[1].get_title() == "no value"
