import numpy as np
import pytest
from scipy.stats import linregress

from remanence.figures.nested.band_gap_check import plot_measured_gap

pytestmark = pytest.mark.filterwarnings("error")


def drawn(measured, predicted, *, half_width=None, **arguments):
    figure, ax = plot_measured_gap(
        np.asarray(measured, dtype=float),
        np.asarray(predicted, dtype=float),
        half_width=half_width,
        title="gap of devices",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, ax


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_line_is_that_of_least_squares_over_all_devices():
    random = np.random.default_rng(0)
    measured = random.choice([1.2, 1.5, 1.6, 1.6, 2.3], 200)
    predicted = 0.9 * measured - 0.2 + random.normal(0, 0.05, 200)

    figure, ax = drawn(measured, predicted)

    expected = linregress(measured, predicted)
    fit = next(line for line in ax.lines if line.get_label().startswith("fit"))
    np.testing.assert_allclose(fit.get_ydata(), expected.intercept + expected.slope * np.array([1.2, 2.3]))
    assert f"fit: slope {expected.slope:.2f}, mean offset −0.3" in "".join(legend(figure))


def test_devices_of_one_place_are_one_marker_whose_area_grows_with_the_root():
    figure, ax = drawn([1.6] * 9 + [1.5], [1.55] * 9 + [1.4])

    devices = ax.collections[0]
    np.testing.assert_allclose(devices.get_offsets(), [[1.6, 1.55], [1.5, 1.4]])
    large, small = devices.get_sizes()
    assert small == pytest.approx(9.0)
    assert large == pytest.approx(9.0 + 2 * 15.1)
    assert legend(figure)[-2:] == ["1 device", "9 devices"]


def test_many_devices_do_not_make_a_marker_too_large():
    _, ax = drawn([1.6] * 984 + [1.5], [1.55] * 984 + [1.4])

    assert ax.collections[0].get_sizes().max() == pytest.approx(160.0)


def test_the_interval_is_a_band_around_equality():
    figure, ax = drawn([1.0, 2.0], [1.1, 2.2], half_width=0.3, coverage=0.8)

    low, high = ax.get_xlim()
    vertices = ax.collections[0].get_paths()[0].vertices
    assert vertices[vertices[:, 0] == low, 1].max() == pytest.approx(low + 0.3)
    assert vertices[vertices[:, 0] == high, 1].min() == pytest.approx(high - 0.3)
    assert "80 % interval" in legend(figure)
    assert ax.get_ylim() == (low, high)


@pytest.mark.parametrize("half_width", [None, np.nan])
def test_an_unknown_interval_has_no_band(half_width):
    figure, _ = drawn([1.0, 2.0], [1.1, 2.2], half_width=half_width)

    assert not any("interval" in text for text in legend(figure))


def test_rows_without_a_measured_gap_are_left_out():
    _, ax = drawn([1.5, np.nan, 1.7], [1.4, 1.5, np.nan])

    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[1.5, 1.4]])


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_one_measured_gap_has_no_line(rows):
    figure, _ = drawn([1.6] * rows, np.linspace(1.5, 1.6, rows))

    assert not any(text.startswith("fit") for text in legend(figure))


def test_arrays_of_different_rows_are_refused():
    with pytest.raises(ValueError, match=r"`predicted` to be of shape \(3,\), but got \(2,\)"):
        drawn([1, 2, 3], [1, 2])
