import numpy as np
import pytest

from remanence.figures.spectra.alpha_grid import plot_alpha_grid

pytestmark = pytest.mark.filterwarnings("error")


def drawn(alphas, train, held_out, chosen=0.57):
    figure, ax = plot_alpha_grid(
        np.array(alphas), np.array(train), np.array(held_out), chosen=chosen, title="dictionary learning, n = 3"
    )
    figure.draw_without_rendering()
    return ax


def test_both_errors_are_drawn_in_the_order_of_the_penalty():
    ax = drawn([1.0, 0.1, 0.57], [0.3, 0.1, 0.2], [0.35, 0.25, 0.2])

    assert ax.lines[0].get_xdata().tolist() == [0.1, 0.57, 1.0]
    assert ax.lines[0].get_ydata().tolist() == [0.1, 0.2, 0.3]
    assert ax.lines[1].get_ydata().tolist() == [0.25, 0.2, 0.35]
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "penalty λ", "mean squared error")


def test_the_chosen_penalty_is_marked():
    ax = drawn([0.1, 1.0], [0.1, 0.2], [0.2, 0.3])

    assert ax.lines[2].get_xdata() == [0.57, 0.57]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train", "held out", "chosen: λ = 0.57"]


@pytest.mark.parametrize("error", [0.2, np.nan])
def test_one_penalty_is_drawn(error):
    drawn([0.57], [error], [error])
