import numpy as np
import pytest

from remanence.figures.spectra.gamut import plot_gamut

pytestmark = pytest.mark.filterwarnings("error")


def drawn(errors, colours=None, **arguments):
    colours = np.random.default_rng(0).uniform(size=(2000, 3)) if colours is None else colours
    figure, axes = plot_gamut(colours, errors, title="toy", **arguments)
    figure.draw_without_rendering()
    return colours, axes


def test_the_colours_and_each_model_have_a_row_of_three_projections():
    _, axes = drawn({"PCA-3": np.full(2000, 0.113), "β-VAE": np.full(2000, 0.004)})

    assert len(axes) == 9
    assert [(ax.get_xlabel(), ax.get_ylabel()) for ax in axes[3:6]] == [("R", "G"), ("G", "B"), ("R", "B")]
    assert [axes[place].get_title() for place in (1, 4, 7)] == ["mean colour", "PCA-3: mean 0.113", "β-VAE: mean 0.004"]
    (scale,) = {ax.images[0].get_clim() for ax in axes[3:]}
    assert scale == pytest.approx((0.0, 0.113))


def test_the_first_colour_runs_to_the_right_and_the_second_upwards():
    colours = np.array([[0.95, 0.05, 0.5]])

    _, axes = drawn({"PCA": np.array([0.3])}, colours, bins=10)

    image = axes[3].images[0].get_array()  # row 0 is drawn on top
    assert image[9, 9] == 0.3
    assert image.count() == 1
    np.testing.assert_allclose(axes[0].images[0].get_array()[9, 9], colours[0])


def test_the_mean_error_of_each_square_is_drawn():
    colours, axes = drawn({"PCA": np.arange(2000.0)}, bins=4)

    inside = (colours[:, 1] < 0.25) & (colours[:, 2] >= 0.75)
    assert axes[4].images[0].get_array()[0, 0] == pytest.approx(np.arange(2000.0)[inside].mean())


def test_colours_at_the_ends_of_the_range_belong_to_the_last_square():
    _, axes = drawn({"PCA": np.array([0.1, 0.2])}, np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]), bins=2)

    assert axes[3].images[0].get_array()[0, 1] == 0.2


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_errors_without_a_size_are_drawn(value):
    drawn({"PCA": np.full(2000, value)})


def test_the_end_of_the_scale_can_be_set():
    _, axes = drawn({"PCA": np.full(2000, 0.9)}, vmax=0.5)

    assert axes[3].images[0].get_clim() == (0.0, 0.5)
