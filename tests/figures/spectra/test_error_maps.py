import numpy as np
import pytest

from remanence.figures.spectra.error_maps import plot_error_maps

pytestmark = pytest.mark.filterwarnings("error")


def drawn(errors, **arguments):
    figure, axes = plot_error_maps(errors, title="test pixels", **arguments)
    figure.draw_without_rendering()
    return figure, axes


def two_models():
    random = np.random.default_rng(0)
    return {"PCA-5": random.uniform(0, 0.02, (8, 8)), "dictionary learning": random.uniform(0, 0.9, (8, 8))}


def test_all_models_have_the_scale_of_the_paper():
    _, axes = drawn(two_models())

    assert [ax.images[0].get_clim() for ax in axes] == [(0.0, 0.5), (0.0, 0.5)]


def test_the_end_of_the_scale_can_be_set():
    _, axes = drawn(two_models(), vmax=0.05)

    assert {ax.images[0].get_clim() for ax in axes} == {(0.0, 0.05)}


def test_the_mean_error_stands_above_each_map():
    errors = two_models()
    errors["PCA-5"][:] = 0.0082
    errors["PCA-5"][0, 0] = np.nan

    _, axes = drawn(errors)

    assert axes[0].get_title() == "PCA-5: mean 0.0082"


@pytest.mark.parametrize("number", [1, 4, 7])
def test_any_number_of_models_is_drawn_with_one_colour_bar(number):
    figure, axes = drawn({f"model {k}": np.full((5, 7), 0.1) for k in range(number)}, side=2.0)

    assert len(axes) == number
    assert len(figure.axes) == number + 1
    assert figure.axes[-1].get_ylabel() == "mean squared error"


def test_a_map_without_values_is_drawn():
    _, axes = drawn({"NMF": np.full((3, 3), np.nan)})

    assert axes[0].get_title() == "NMF: no value"
