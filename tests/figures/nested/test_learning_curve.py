from itertools import pairwise

import numpy as np
import pytest

from remanence.figures.nested.learning_curve import plot_learning_curve

pytestmark = pytest.mark.filterwarnings("error")


def drawn(rows, errors):
    figure, ax = plot_learning_curve(rows, errors, label="MAE (eV)", title="three scales")
    figure.draw_without_rendering()
    return figure, ax


def ticks(ax):
    return [text.get_text() for text in ax.get_xticklabels()]


def test_a_line_is_the_mean_and_its_band_the_standard_deviation():
    errors = np.array([[0.2, 0.3, 0.4], [1.0, 2.0, 3.0]])

    _, ax = drawn([1000, 50], {"nested": errors})

    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xdata(), [50, 1000])
    np.testing.assert_allclose(line.get_ydata(), [2.0, 0.3])
    (band,) = ax.collections
    vertices = band.get_paths()[0].vertices
    at_50, at_1000 = (vertices[vertices[:, 0] == rows, 1] for rows in (50, 1000))
    np.testing.assert_allclose([at_50.min(), at_50.max()], [1.0, 3.0])
    np.testing.assert_allclose([at_1000.min(), at_1000.max()], [0.2, 0.4])
    assert ax.get_xscale() == "log"
    assert ticks(ax) == ["50", "1000"]


def test_repeats_that_failed_are_left_out():
    _, ax = drawn([50, 200], {"nested": np.array([[1.0, np.nan], [np.nan, np.nan]])})

    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1.0])


def test_eight_models_differ_and_are_listed():
    figure, ax = drawn([50, 200], {f"model {k}": np.full((2, 1), float(k)) for k in range(8)})

    assert len({(line.get_color(), line.get_marker()) for line in ax.lines}) == 8
    assert len(figure.legends[0].get_texts()) == 8


@pytest.mark.parametrize("rows", [[238], [50, 200, 1000], [20, 50, 100, 200, 300, 500, 700, 1000, 2000], [990, 1000]])
def test_tick_labels_are_sizes_that_do_not_touch(rows):
    _, ax = drawn(rows, {"nested": np.ones((len(rows), 2))})

    assert set(ticks(ax)) <= {str(size) for size in rows}
    assert ticks(ax)[-1] == str(rows[-1])
    extents = [text.get_window_extent() for text in ax.get_xticklabels()]
    assert not any(left.overlaps(right) for left, right in pairwise(extents))


@pytest.mark.parametrize(
    ("rows", "shape", "message"),
    [
        ([50, 200], (3, 2), r"`errors\['nested'\]` to be of shape \(2, any\), but got \(3, 2\)"),
        ([0, 200], (2, 2), "positive numbers, but got 0"),
    ],
)
def test_what_does_not_fit_is_refused(rows, shape, message):
    with pytest.raises(ValueError, match=message):
        drawn(rows, {"nested": np.ones(shape)})
