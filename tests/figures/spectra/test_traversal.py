import matplotlib as mpl
import numpy as np
import pytest

from remanence.figures.spectra.traversal import plot_traversal

pytestmark = pytest.mark.filterwarnings("error")

CHANNELS = ["piezoresponse (arb. units)", "resonance frequency (kHz)"]


def drawn(latents=2, channels=2, frames=7, shape=(6, 6), steps=12, **arguments):
    random = np.random.default_rng(0)
    figure, axes = plot_traversal(
        random.normal(size=(latents, *shape)),
        np.linspace([-1.0] * latents, [2.0] * latents, frames, axis=1),
        random.normal(size=(latents, frames, steps, channels)),
        latents=[f"latent {k + 1}" for k in range(latents)],
        axis=np.linspace(-10, 10, steps),
        axis_label="DC bias (V)",
        channels=CHANNELS[:channels],
        title="β-VAE",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, axes


@pytest.mark.parametrize(("latents", "channels"), [(1, 1), (1, 2), (5, 2)])
def test_every_latent_has_a_row_of_its_map_and_each_channel(latents, channels):
    _, axes = drawn(latents, channels)

    assert len(axes) == latents * (1 + channels)
    assert all(len(ax.images) == 1 for ax in axes[:: 1 + channels])
    assert all(len(ax.collections[0].get_segments()) == 7 for ax in axes[1 :: 1 + channels])
    assert axes[1].get_ylabel() == "piezoresponse\n(arb. units)"
    assert axes[-1].get_xlabel() == "DC bias (V)"


def test_spectra_have_the_colours_of_the_map():
    _, axes = drawn()

    image, spectra = axes[0].images[0], axes[1].collections[0]
    assert image.get_clim() == (-1.0, 2.0)
    np.testing.assert_allclose(spectra.get_colors(), image.to_rgba(np.linspace(-1, 2, 7)))
    np.testing.assert_allclose(spectra.get_colors()[-1], mpl.colormaps["viridis"](1.0))


def test_a_channel_has_the_same_limits_in_all_rows():
    _, axes = drawn(latents=4)

    assert len({ax.get_ylim() for ax in axes[1::3]}) == 1
    assert len({ax.get_ylim() for ax in axes[2::3]}) == 1


def test_the_scale_bar_is_in_the_first_map():
    _, axes = drawn(side=2.0, shape=(4, 8))

    assert [len(ax.artists) for ax in axes[::3]] == [1, 0]


def test_one_position_is_drawn():
    _, axes = drawn(latents=1, frames=1)

    low, high = axes[0].images[0].get_clim()
    assert low < -1.0 < high


def test_many_channels_make_a_wide_figure_rather_than_narrow_panels():
    channels = [f"piezoresponse (arb. units), cycle {number}" for number in range(12)]
    rng = np.random.default_rng(0)
    figure, axes = plot_traversal(
        rng.random((1, 4, 5)),
        np.linspace(0, 1, 3)[None],
        rng.random((1, 3, 16, 12)),
        latents=["latent 1"],
        axis=np.linspace(-1, 1, 16),
        axis_label="DC bias (V)",
        channels=channels,
        title="PCA",
    )
    figure.canvas.draw()

    assert min(ax.get_position().width * figure.get_figwidth() for ax in axes[:13]) > 0.5  # inches
