from itertools import pairwise

import numpy as np
import pytest

from remanence.figures.augmentation import plot_augmentation


def drawn(before, after, p_values, labels=None):
    labels = labels or ["LPHslope (1/ln Hz)"] * len(p_values)
    figure, axes = plot_augmentation(before, after, labels=labels, p_values=p_values, title="augmentation")
    figure.draw_without_rendering()
    return figure, axes


def rows(number, inputs=2):
    return np.random.default_rng(0).normal(30, 8, (number, inputs))


def test_every_input_has_a_panel_with_its_test():
    figure, axes = drawn(rows(21), rows(210), [0.98, 1e-5], ["x", "LPHslope (1/ln Hz)"])

    assert [ax.get_xlabel() for ax in axes] == ["x", "LPHslope (1/ln Hz)"]
    assert axes[0].get_ylabel() == "probability density"
    assert [ax.texts[0].get_text() for ax in axes] == ["KS p = 0.98", "KS p < 0.001"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["before, n = 21", "after, n = 210"]


def test_both_histograms_are_densities_over_the_same_bins():
    _, (ax,) = drawn(rows(21, 1), rows(210, 1), [0.5])

    before, after = (steps.get_data() for steps in ax.patches)
    np.testing.assert_array_equal(before.edges, after.edges)
    assert [np.sum(data.values * np.diff(data.edges)) for data in (before, after)] == pytest.approx([1, 1])


@pytest.mark.parametrize("before", [0, 1, 200])
def test_any_number_of_rows_is_drawn(before):
    _, axes = drawn(rows(before), rows(200), [np.nan, 0.5])

    assert axes[0].texts[0].get_text() == "no KS test"


def test_a_constant_input_is_drawn():
    drawn(np.full((5, 1), 0.06), np.full((50, 1), 0.06), [1.0])


def test_many_inputs_wrap_and_long_names_stay_apart():
    _, axes = drawn(rows(21, 6), rows(210, 6), [0.5] * 6, ["mean electronegativity of the A site"] * 6)

    boxes = [ax.xaxis.label.get_window_extent() for ax in axes[:4]]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert [bool(ax.get_ylabel()) for ax in axes] == [True, False, False, False, True, False]
