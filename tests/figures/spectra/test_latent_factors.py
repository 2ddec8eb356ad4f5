import numpy as np
import pytest

from remanence.figures.spectra.latent_factors import plot_latent_factors

pytestmark = pytest.mark.filterwarnings("error")


def drawn(agreement, **arguments):
    latents, factors = agreement.shape
    figure, ax = plot_latent_factors(
        agreement,
        latents=[f"latent {k + 1}" for k in range(latents)],
        factors=["R", "G", "B"][:factors],
        title="toy",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, ax


def test_every_cell_has_its_number():
    figure, ax = drawn(np.array([[0.93, -0.051, 0.0], [np.nan, 1.0, -1.0]]))

    assert [text.get_text() for text in ax.texts] == ["0.93", "−0.05", "0.00", "–", "1.00", "−1.00"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["latent 1", "latent 2"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["R", "G", "B"]
    assert ax.images[0].get_clim() == (-1.0, 1.0)
    assert figure.axes[-1].get_ylabel() == "correlation"


def test_r2_runs_from_zero_to_one():
    figure, ax = drawn(np.array([[0.2, 0.9]]), label="R²", signed=False)

    assert ax.images[0].get_clim() == (0.0, 1.0)
    assert figure.axes[-1].get_ylabel() == "R²"


def test_numbers_are_white_on_dark_cells_and_black_on_bright_ones():
    _, ax = drawn(np.array([[0.0, 1.0, np.nan]]), signed=False)

    assert [text.get_color() for text in ax.texts] == ["white", "black", "black"]


def test_one_latent_and_one_factor_are_drawn():
    drawn(np.array([[0.5]]))
