import numpy as np
import pytest

from remanence.figures.spectra.error_by_number import plot_error_by_number

pytestmark = pytest.mark.filterwarnings("error")


def drawn(errors, found=5.1):
    figure, ax = plot_error_by_number(errors, found=found, title="PZT")
    figure.draw_without_rendering()
    return ax


def test_each_model_is_a_line_over_the_numbers_in_their_order():
    ax = drawn({"β-VAE": {5: 0.005, 2: 0.03, 3: np.nan}, "PCA": {2: 0.026, 3: 0.016}})

    lines = {line.get_label(): line for line in ax.lines}
    assert lines["β-VAE"].get_xdata().tolist() == [2, 5]
    assert lines["β-VAE"].get_ydata().tolist() == [0.03, 0.005]
    assert lines["PCA"].get_ydata().tolist() == [0.026, 0.016]
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "latents"


def test_the_number_that_was_found_is_marked():
    ax = drawn({"PCA": {2: 0.026, 3: 0.016}}, found=4.8)

    assert [line.get_xdata()[0] for line in ax.lines[:2]] == [5, 4.8]
    assert "intrinsic dimension 4.8" in {text.get_text() for text in ax.get_legend().get_texts()}
