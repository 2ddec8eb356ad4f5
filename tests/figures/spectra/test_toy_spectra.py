import numpy as np
import pytest

from remanence.figures.spectra.toy_spectra import plot_toy_spectra

pytestmark = pytest.mark.filterwarnings("error")


def test_each_factor_has_a_panel_with_spectra_in_their_colour():
    t, colours = np.linspace(-1, 1, 25), np.random.default_rng(0).uniform(size=(3, 5, 3))
    spectra = colours.sum(axis=2)[..., None] * t

    figure, axes = plot_toy_spectra(t, colours, spectra, title="toy")
    figure.draw_without_rendering()

    assert [ax.get_title() for ax in axes] == ["along R", "along G", "along B"]
    assert axes[0].get_ylabel() == "f(t, R, G, B)"
    assert {ax.get_xlabel() for ax in axes} == {"t"}
    for ax, own, lines in zip(axes, colours, spectra, strict=True):
        np.testing.assert_allclose(ax.collections[0].get_colors()[:, :3], own)
        np.testing.assert_allclose(ax.collections[0].get_segments()[2][:, 1], lines[2])
