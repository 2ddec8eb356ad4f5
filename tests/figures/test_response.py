from itertools import pairwise

import numpy as np
import pytest

from remanence.figures.response import ResponsePanel, plot_response

LABEL = "d33 (pC/N)"


def panel(feature="LPHslope (1/ln Hz)", *, samples=21, groups=None, band=True, points=50):
    grid = np.linspace(15, 48, points)
    x = np.random.default_rng(0).uniform(15, 48, samples)
    low, high = (3 * grid - 8, 3 * grid + 8) if band else (None, None)
    return ResponsePanel(feature, grid, 3 * grid, low, high, x, 3 * x + 1, groups)


def drawn(*panels, **arguments):
    figure, axes = plot_response(panels, label=LABEL, title="DNN (synthetic data)", **arguments)
    figure.draw_without_rendering()
    return figure, axes


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_each_feature_has_a_panel_and_all_share_the_axis_of_the_target():
    figure, axes = drawn(panel("x"), panel())

    assert [ax.get_xlabel() for ax in axes] == ["x", "LPHslope (1/ln Hz)"]
    assert figure.get_supylabel() == "$d_{33}$ (pC/N)"
    assert axes[0].get_ylim() == axes[1].get_ylim()
    axes[0].set_ylim(0, 1)
    assert axes[1].get_ylim() == (0, 1)


def test_the_prediction_is_a_line_with_a_band_and_the_samples_are_points():
    figure, (ax,) = drawn(panel(), coverage=0.8)

    assert len(ax.lines) == 1
    assert len(ax.collections) == 2
    assert len(ax.collections[1].get_offsets()) == 21
    assert legend(figure) == ["predicted", "80 % interval", "measured"]


def test_without_an_interval_there_is_no_band():
    nothing = np.full(50, np.nan)
    unknown = panel()
    unknown = ResponsePanel("x", unknown.grid, unknown.predicted, nothing, nothing, unknown.measured_x, nothing[:21])

    figure, axes = drawn(panel(band=False), unknown)

    assert [len(ax.collections) for ax in axes] == [1, 1]
    assert legend(figure) == ["predicted", "measured"]


def test_a_group_looks_the_same_in_every_panel():
    series = np.array(["NS", "QS", "Sr"])

    figure, axes = drawn(panel(groups=series.repeat(7)), panel(groups=series[::-1].repeat(7)))

    assert legend(figure) == ["predicted", "90 % interval", "NS", "QS", "Sr"]
    colours = [{points.get_label(): tuple(points.get_facecolor()[0]) for points in ax.collections[1:]} for ax in axes]
    assert colours[0] == colours[1]
    assert len(set(colours[0].values())) == 3


def test_of_many_groups_the_small_ones_are_drawn_as_one():
    figure, (ax,) = drawn(panel(samples=200, groups=np.array([f"sample {row // 8}" for row in range(200)])))

    assert len(legend(figure)) == 2 + 9 + 1
    assert legend(figure)[-1] == "other"
    assert sum(len(points.get_offsets()) for points in ax.collections[1:]) == 200


def test_a_panel_without_groups_stands_beside_one_with_groups():
    figure, axes = drawn(panel(groups=np.array(["NS", "QS", "Sr"]).repeat(7)), panel("x"))

    assert legend(figure) == ["predicted", "90 % interval", "NS", "QS", "Sr", "measured"]
    assert [len(ax.collections) - 1 for ax in axes] == [3, 1]


@pytest.mark.parametrize("samples", [0, 1, 200])
def test_any_number_of_samples_is_drawn(samples):
    _, (ax,) = drawn(panel(samples=samples))

    assert sum(len(points.get_offsets()) for points in ax.collections[1:]) == samples


def test_a_grid_of_one_point_can_be_seen():
    _, (ax,) = drawn(panel(points=1, samples=1))

    assert ax.lines[0].get_marker() == "o"


def test_long_labels_stay_apart():
    _, axes = drawn(*[panel("mean electronegativity of the A site (Pauling)")] * 3)

    boxes = [ax.xaxis.label.get_window_extent() for ax in axes]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
