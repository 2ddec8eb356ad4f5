import numpy as np
import pytest

from remanence.figures.spectra.sho_profiles import plot_sho_profiles

pytestmark = pytest.mark.filterwarnings("error")


def profiles(**arguments):
    pixels = np.arange(20)
    amplitude = np.where(pixels == 3, np.nan, 1e-3 + 1e-5 * pixels)
    figure, axes = plot_sho_profiles(amplitude, 0.1 * pixels, 330.0 + pixels, 40.0 + pixels, title="line", **arguments)
    figure.draw_without_rendering()
    return axes


def test_each_parameter_is_drawn_along_the_line_and_bad_fits_leave_gaps():
    axes = profiles(side=9.5, amplitude_label="amplitude (V)")

    np.testing.assert_allclose(axes[0].lines[0].get_xdata(), np.linspace(0, 9.5, 20))
    assert np.flatnonzero(np.isnan(axes[0].lines[0].get_ydata())).tolist() == [3]
    assert axes[0].get_ylabel().replace("\n", " ") == "amplitude (10⁻³ V)"
    np.testing.assert_allclose(axes[2].lines[0].get_ydata(), 330.0 + np.arange(20))
    assert [text.get_text() for text in axes[1].get_yticklabels()] == ["−π", "0", "π"]
    assert axes[3].get_xlabel() == "position (µm)"


def test_without_a_length_pixels_are_counted():
    axes = profiles()

    assert axes[2].lines[0].get_xdata().tolist() == list(range(20))
    assert axes[2].get_xlabel() == "pixel"
