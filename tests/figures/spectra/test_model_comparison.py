import numpy as np
import pytest

from remanence.figures.spectra.model_comparison import ComparedModel, plot_model_comparison

pytestmark = pytest.mark.filterwarnings("error")


def model(name, channels=2, scale=1.0, shape=(6, 6)):
    random = np.random.default_rng(len(name))
    return ComparedModel(
        name,
        random.normal(size=shape),
        scale * np.linspace(-1, 1, 5),
        random.normal(size=(5, 12, channels)),
        random.uniform(0, 0.1, shape),
    )


def drawn(models, channels=2, **arguments):
    figure, axes = plot_model_comparison(
        models,
        axis=np.linspace(-10, 10, 12),
        axis_label="DC bias (V)",
        channels=["piezoresponse (arb. units)", "resonance frequency (kHz)"][:channels],
        title="same pixels",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, axes


@pytest.mark.parametrize(("number", "channels"), [(1, 1), (1, 2), (4, 2)])
def test_every_model_has_a_row(number, channels):
    names = ["PCA", "NMF-5", "β-VAE", "autoencoder"][:number]

    _, axes = drawn([model(name, channels) for name in names], channels, side=2.0)

    columns = 2 + channels
    assert len(axes) == number * columns
    assert [ax.get_ylabel() for ax in axes[::columns]] == names
    assert all(len(ax.collections[0].get_segments()) == 5 for ax in axes[1::columns])


def test_the_errors_of_all_models_are_on_the_scale_of_the_paper():
    figure, axes = drawn([model("PCA"), model("β-VAE")])

    assert {ax.images[0].get_clim() for ax in axes[3::4]} == {(0.0, 0.5)}
    assert figure.axes[-1].get_ylabel() == "mean squared error"


def test_spectra_have_the_colours_of_the_map_of_their_model():
    _, axes = drawn([model("PCA"), model("NMF!", scale=3.0)])

    for left, right, scale in ((axes[0], axes[1], 1.0), (axes[4], axes[5], 3.0)):
        expected = left.images[0].to_rgba(scale * np.linspace(-1, 1, 5))
        np.testing.assert_allclose(right.collections[0].get_colors(), expected)


def test_a_channel_has_the_same_limits_for_all_models():
    _, axes = drawn([model("PCA"), model("β-VAE")])

    assert axes[1].get_ylim() == axes[5].get_ylim()
