import numpy as np
import pytest

from remanence.figures.spectra.movement_maps import plot_movement_maps

pytestmark = pytest.mark.filterwarnings("error")


def drawn(maps, names=("shifts spectra", "moves the two branches apart")):
    figure, axes = plot_movement_maps(
        maps, names=names, axis_label="bias (V)", title="β-VAE (synthetic data)", side=2.0
    )
    figure.draw_without_rendering()
    return figure, axes


def test_every_movement_is_a_map_on_one_scale_that_is_white_at_nothing():
    maps = np.random.default_rng(0).normal(0.3, 1.0, size=(2, 30, 40))
    maps[0, 0, 0] = 80.0  # an outlier

    figure, axes = drawn(maps)

    images = [ax.images[0] for ax in axes]
    low, high = images[0].get_clim()
    assert low == -high
    assert 2 < high < 4
    assert images[1].get_clim() == (low, high)
    assert [ax.get_title().replace("\n", " ") for ax in axes] == ["shifts spectra", "moves the two branches apart"]
    assert figure.axes[-1].get_ylabel() == "moved along bias (V)"


def test_what_never_moves_and_masked_pixels_are_drawn():
    maps = np.zeros((1, 5, 5))
    maps[0, 2, 2] = np.nan

    _, (ax,) = drawn(maps, names=["shifts spectra"])

    assert ax.images[0].get_array().mask.sum() == 1
    assert ax.images[0].get_clim() == (-1.0, 1.0)
