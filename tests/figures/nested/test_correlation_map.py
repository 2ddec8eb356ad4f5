import numpy as np
import pytest

from remanence.figures.nested.correlation_map import plot_correlations

pytestmark = pytest.mark.filterwarnings("error")


def drawn(r, **arguments):
    latents, properties = r.shape
    figure, ax = plot_correlations(
        r,
        latent_names=[f"z{k + 1}" for k in range(latents)],
        property_names=[f"property {k + 1} (eV)" for k in range(properties)],
        title="ions",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, ax


def cells(ax):
    return [text.get_text() for text in ax.texts]


def test_every_cell_has_its_number_on_a_scale_of_both_signs():
    figure, ax = drawn(np.array([[0.93, -0.051], [np.nan, 1.0], [-0.001, 0.2]]))

    assert cells(ax) == ["0.93", "−0.05", "–", "1.00", "0.00", "0.20"]
    assert ax.images[0].get_clim() == (-1.0, 1.0)
    assert figure.axes[-1].get_ylabel() == "Pearson r"
    assert [text.get_text() for text in ax.get_yticklabels()] == ["z1", "z2", "z3"]
    assert ax.texts[0].get_color() == "white"
    assert ax.texts[1].get_color() == "black"


@pytest.mark.parametrize("shape", [(2, 40), (40, 2)])
def test_the_longer_list_is_that_of_the_rows(shape):
    r = np.linspace(-1, 1, 80).reshape(shape)

    _, ax = drawn(r)

    shown = ax.images[0].get_array()
    assert shown.shape == (40, 2)
    np.testing.assert_allclose(shown, r if shape == (40, 2) else r.T)
    assert ax.get_yticklabels()[0].get_text() == ("z1" if shape == (40, 2) else "property 1 (eV)")


@pytest.mark.parametrize(("shape", "numbers"), [((10, 15), 150), ((25, 40), 0)])
def test_many_cells_are_small_and_without_numbers(shape, numbers):
    figure, ax = drawn(np.zeros(shape))

    assert len(cells(ax)) == numbers
    assert figure.get_figwidth() < 8.5


def test_numbers_fit_into_their_cells():
    _, ax = drawn(np.full((12, 12), -0.88))

    width = ax.get_window_extent().width / 12
    assert all(text.get_window_extent().width < width for text in ax.texts)


def test_a_shape_that_does_not_fit_the_names_is_refused():
    with pytest.raises(ValueError, match=r"Expected argument `r` to be of shape \(2, 1\), but got \(1, 2\)"):
        plot_correlations(np.zeros((1, 2)), latent_names=["a", "b"], property_names=["gap"], title="")
