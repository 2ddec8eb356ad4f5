import numpy as np
import pytest

from remanence.figures.spectra.contributions import plot_contributions

pytestmark = pytest.mark.filterwarnings("error")


def drawn(latents=3, channels=2):
    random = np.random.default_rng(0)
    size = np.array([1.0, 10.0, 0.1])[:latents, None, None, None]
    figure, axes = plot_contributions(
        np.linspace([-1.0] * latents, [2.0] * latents, 7, axis=1),
        size * random.normal(size=(latents, 7, 12, channels)),
        latents=[f"latent {k + 1}" for k in range(latents)],
        axis=np.linspace(-10, 10, 12),
        axis_label="DC bias (V)",
        channels=["piezoresponse (arb. units)", "resonance frequency (kHz)"][:channels],
        title="β-VAE",
    )
    figure.draw_without_rendering()
    return axes


@pytest.mark.parametrize(("latents", "channels"), [(1, 1), (3, 2)])
def test_every_latent_has_a_panel_of_each_channel_with_a_line_at_each_position(latents, channels):
    axes = drawn(latents, channels)

    assert len(axes) == latents * channels
    assert all(len(ax.collections[0].get_segments()) == 7 for ax in axes)
    assert axes[0].get_ylabel() == "latent 1\npiezoresponse\n(arb. units)"
    assert axes[-1].get_xlabel() == "DC bias (V)"


def test_latents_can_be_compared_because_a_channel_has_one_scale():
    axes = drawn()

    assert len({ax.get_ylim() for ax in axes[::2]}) == len({ax.get_ylim() for ax in axes[1::2]}) == 1
