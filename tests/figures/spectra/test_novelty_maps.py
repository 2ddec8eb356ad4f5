import numpy as np
import pytest

from remanence.figures.spectra.novelty_maps import plot_novelty_maps

pytestmark = pytest.mark.filterwarnings("error")


def test_distance_and_novelty_stand_side_by_side_and_novel_pixels_are_counted():
    distance = np.linspace(0.1, 0.2, 1200).reshape(30, 40)
    distance[3, 4], distance[0, 0] = 1e5, np.nan
    novelty = np.linspace(0, 0.9, 1200).reshape(30, 40)
    novelty[3, 4], novelty[5, 6], novelty[0, 0] = 0.995, 0.99, np.nan

    figure, axes = plot_novelty_maps(distance, novelty, title="PCA", side=2.0)
    figure.draw_without_rendering()

    np.testing.assert_array_equal(axes[0].images[0].get_array().filled(np.nan), distance)
    assert axes[0].images[0].get_clim()[1] < 0.3  # the far pixel does not make the map flat
    assert axes[1].images[0].get_clim() == (0, 1)
    assert axes[1].get_title().replace("\n", " ") == "2 of 1199 pixels at 0.99 or more"
    assert axes[0].get_title().replace("\n", " ") == "distance: median 0.15"


def test_a_map_without_a_value_is_drawn():
    _, axes = plot_novelty_maps(np.full((3, 3), np.nan), np.full((3, 3), np.nan), title="PCA")

    assert axes[0].get_title() == "no value"
