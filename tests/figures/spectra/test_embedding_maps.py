import numpy as np
import pytest

from remanence.figures.maps import MISSING
from remanence.figures.spectra.embedding_maps import plot_embedding_maps
from remanence.figures.style import GREY

pytestmark = pytest.mark.filterwarnings("error")


def drawn(maps, **arguments):
    figure, axes = plot_embedding_maps(maps, title="β-VAE (synthetic data)", **arguments)
    figure.draw_without_rendering()
    return figure, axes


def latents(number, shape=(6, 6)):
    return np.random.default_rng(0).normal(size=(number, *shape))


@pytest.mark.parametrize("number", [1, 5, 16, 32])
def test_every_channel_is_a_map_on_the_same_scale(number):
    maps = latents(number)

    figure, axes = drawn(maps)

    assert len(axes) == number
    images = [ax.images[0] for ax in axes]
    assert len({image.get_clim() for image in images}) == 1
    for image, values in zip(images, maps, strict=True):
        np.testing.assert_array_equal(image.get_array(), values)
    assert figure.axes[-1].get_ylabel() == "latent mean"
    assert figure.get_figwidth() <= 7.2


def test_inactive_channels_are_marked_as_such():
    _, axes = drawn(latents(3), kl=np.array([1.318, 0.012, 0.049]))

    assert axes[0].get_title() == "1: KL 1.32"
    assert axes[1].get_title().replace("\n", " ") == "2: inactive, KL 0.01"
    assert [ax.title.get_color() for ax in axes] == ["black", GREY, GREY]


def test_the_limit_of_activity_can_be_set():
    _, axes = drawn(latents(1), kl=np.array([0.03]), least_kl=0.02)

    assert axes[0].get_title() == "1: KL 0.03"


def test_models_without_kl_have_numbers_only():
    _, axes = drawn(latents(3))

    assert [ax.get_title() for ax in axes] == ["1", "2", "3"]


def test_the_first_map_has_the_scale_bar():
    _, axes = drawn(latents(4, (60, 60)), side=2.0)

    assert [len(ax.artists) for ax in axes] == [1, 0, 0, 0]
    assert axes[0].artists[0].txt_label.get_text() == "500 nm"


def test_without_a_width_there_is_no_scale_bar():
    _, axes = drawn(latents(2))

    assert not axes[0].artists


def test_pixels_without_a_value_are_grey():
    maps = latents(2)
    maps[0, 2, 3] = np.nan

    _, axes = drawn(maps)

    image = axes[0].images[0]
    colours = (255 * image.to_rgba(image.get_array())).astype(int)
    assert colours[2, 3, :3].tolist() == [int(MISSING[start : start + 2], 16) for start in (1, 3, 5)]
    assert np.isfinite(image.get_clim()).all()


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan])
def test_constant_maps_are_drawn(value):
    _, axes = drawn(np.full((2, 4, 4), value))

    low, high = axes[0].images[0].get_clim()
    assert low < high


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (1, 1)])
def test_maps_that_are_not_square_keep_their_proportions(shape):
    figure, axes = drawn(latents(3, shape), side=2.0)

    box = axes[0].get_window_extent()
    assert box.height / box.width == pytest.approx(shape[0] / shape[1], rel=0.02)
    assert figure.get_figheight() < 7


def test_one_pixel_cannot_flatten_all_maps():
    maps = latents(1, (40, 40))
    maps[0, 0, 0] = 1e6

    figure, axes = drawn(maps)

    assert axes[0].images[0].get_clim()[1] < 10
    assert figure.axes[-1].get_ylabel() == "latent mean"


def test_real_loops_embedded_by_their_mean_are_drawn(shared_data):
    spectra = np.load(shared_data / "beps" / "resonance.npy")

    _, axes = drawn(spectra.mean(axis=1).reshape(1, 60, 60), side=2.0)

    assert axes[0].images[0].get_array().shape == (60, 60)


@pytest.mark.parametrize(("shape", "aspect"), [((4, 5), 1.0), ((1, 20), 4.0), ((40, 2), 4.0), ((1, 5), 1.0)])
def test_a_line_of_pixels_is_drawn_high_enough_to_be_seen(shape, aspect):
    figure, axes = plot_embedding_maps(np.random.default_rng(0).normal(size=(3, *shape)), title="line", side=9.5)
    figure.draw_without_rendering()

    drawn = axes[0].get_window_extent()
    longer, shorter = max(drawn.width, drawn.height), min(drawn.width, drawn.height)
    assert longer / shorter <= 5.01
    assert max(axes[0].get_aspect(), 1 / axes[0].get_aspect()) == pytest.approx(aspect)
