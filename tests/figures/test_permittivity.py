from itertools import pairwise

import numpy as np
import pytest

from remanence.figures.permittivity import plot_permittivity

FREQUENCY = np.geomspace(1e3, 1e6, 61)


def drawn(samples, *, frequency=FREQUENCY, names=None, unknown=()):
    slope = np.linspace(16, 48, samples)
    intercept = 420 + 24 * slope
    spectra = intercept[:, None] - slope[:, None] * np.log(FREQUENCY / 1e3)
    slope[list(unknown)] = np.nan
    names = names or [f"NS-NBBT{sample}" for sample in range(samples)]
    figure, ax = plot_permittivity(frequency, spectra, slope, intercept, names, title="spectra (synthetic data)")
    figure.draw_without_rendering()
    return figure, ax, spectra


def test_axes_bear_their_units_and_frequency_is_logarithmic():
    figure, ax, _ = drawn(6)

    assert ax.get_xlabel() == "frequency (Hz)"
    assert ax.get_xscale() == "log"
    assert ax.get_ylabel() == r"relative permittivity $\varepsilon_\mathrm{r}$"
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[0] == "measured"
    assert "1/ln Hz" in texts[1]


def test_every_sample_has_its_points_and_its_fit():
    _, ax, spectra = drawn(6)

    for points, fit, spectrum in zip(ax.lines[:12:2], ax.lines[1:12:2], spectra, strict=True):
        np.testing.assert_array_equal(points.get_ydata(), spectrum)
        np.testing.assert_allclose(fit.get_ydata(), spectrum)


def test_the_order_of_the_frequencies_does_not_matter():
    _, ax, spectra = drawn(1, frequency=FREQUENCY[::-1])

    np.testing.assert_array_equal(ax.lines[1].get_xdata(), FREQUENCY)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), spectra[0])


@pytest.mark.parametrize("samples", [1, 6, 21, 30])
def test_samples_are_named_without_overlap(samples):
    figure, ax, _ = drawn(samples, names=[f"NBBT6+Sr{sample}, sintered twice, quenched" for sample in range(samples)])

    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == samples
    assert all(lower.y0 + 0.9 * lower.height <= upper.y0 for lower, upper in pairwise(boxes))
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)


def test_the_slope_stands_behind_the_name():
    _, ax, _ = drawn(2)

    assert [text.get_text() for text in ax.texts] == ["NS-NBBT0  16.0", "NS-NBBT1  48.0"]


def test_many_samples_have_a_colour_bar_instead_of_names():
    figure, ax, _ = drawn(200)

    assert not ax.texts
    assert figure.axes[1].get_ylabel() == "LPHslope (1/ln Hz)"


def test_a_sample_without_fit_keeps_its_points():
    _, ax, _ = drawn(3, unknown=[1])

    assert [len(line.get_ydata()) for line in ax.lines[:6:2]] == [61, 61, 61]
    assert [text.get_text() for text in ax.texts] == ["NS-NBBT0  16.0", "NS-NBBT2  48.0"]
