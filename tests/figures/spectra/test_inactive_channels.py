import numpy as np
import pytest

from remanence.figures.spectra.inactive_channels import plot_inactive_channels

pytestmark = pytest.mark.filterwarnings("error")


def drawn(means, sds):
    number = means.shape[1]
    figure, axes = plot_inactive_channels(
        means, sds, latents=[f"latent {k}" for k in range(number)], morans_i=np.full(number, -0.012), title="β-VAE"
    )
    figure.draw_without_rendering()
    return figure, axes


@pytest.mark.parametrize("number", [1, 6])
def test_every_channel_has_a_panel_with_its_autocorrelation(number):
    means = np.random.default_rng(0).normal(0, 0.02, (300, number))

    figure, axes = drawn(means, np.ones_like(means))

    assert len(axes) == number
    assert axes[0].texts[0].get_text() == f"Moran's I −0.01\nsd {means[:, 0].std():.2g}"
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["posterior means", "mixture of the posteriors", "N(0, 1)"]


def test_an_empty_channel_falls_together_with_the_prior():
    _, (ax,) = drawn(np.zeros((50, 1)), np.ones((50, 1)))

    mixture, prior = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(mixture, prior, atol=2e-3)


def test_a_channel_in_use_departs_from_the_prior():
    means = np.concatenate([np.full((50, 1), -2.0), np.full((50, 1), 2.0)])

    _, (ax,) = drawn(means, np.full((100, 1), 0.3))

    mixture, prior = (line.get_ydata() for line in ax.lines)
    assert np.abs(mixture - prior).max() > 0.9


@pytest.mark.parametrize("value", [np.nan, 9.0])
def test_missing_and_far_values_are_drawn(value):
    drawn(np.full((10, 2), value), np.zeros((10, 2)))
