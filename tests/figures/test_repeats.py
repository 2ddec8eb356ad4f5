import numpy as np
import pytest
from scipy import stats

from remanence.figures.repeats import plot_repeats


def drawn(panels):
    figure, axes = plot_repeats(panels, title="beps/toy")
    figure.draw_without_rendering()
    return axes


def test_every_seed_is_a_point_and_the_bar_is_the_interval_of_the_mean():
    values = [3.0, 5.0, 4.0, 8.0]

    (ax,) = drawn({"test/mse": {"BetaVAE": values}})

    assert np.asarray(ax.collections[0].get_offsets())[:, 1].tolist() == values
    (bar,) = ax.containers[0].lines[2]
    expected = stats.t.interval(0.95, 3, loc=5.0, scale=stats.sem(values))
    assert bar.get_segments()[0][:, 1] == pytest.approx(expected)


def test_each_metric_has_a_panel_with_its_models_and_one_value_has_no_interval():
    first, second = drawn({"test/mse": {"BetaVAE": [1.0, 2.0], "pca": [100.0]}, "test/r2": {"BetaVAE": [0.5, 0.6]}})

    assert [ax.get_title() for ax in (first, second)] == ["test/mse", "test/r2"]
    assert [label.get_text() for label in first.get_xticklabels()] == ["BetaVAE", "pca"]
    assert (len(first.containers), first.get_yscale(), second.get_yscale()) == (1, "log", "linear")
