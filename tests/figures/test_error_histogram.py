import numpy as np
import pytest

from remanence.figures.error_histogram import plot_error_histogram


def drawn(errors, label="d33 (pC/N)"):
    figure, ax = plot_error_histogram(np.asarray(errors, dtype=float), label=label, title="DNN (synthetic data)")
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.legends[0].get_texts()], ax


def counted(ax):
    return sum(bar.get_height() for bar in ax.patches)


def test_errors_are_counted_in_the_unit_of_the_quantity():
    errors = np.random.default_rng(0).normal(1, 4.5, 200)

    _, ax = drawn(errors)

    assert ax.get_xlabel() == "predicted − measured $d_{33}$ (pC/N)"
    assert ax.get_ylabel() == "rows"
    assert counted(ax) == 200


def test_the_legend_gives_mean_and_standard_deviation():
    texts, _ = drawn([-3.0, -1.0, 1.0])

    assert set(texts) == {"errors, n = 3", "normal fit: mean −1.00, sd 2.00 pC/N"}


def test_the_curve_is_the_normal_density_on_the_scale_of_the_counts():
    _, ax = drawn(np.random.default_rng(0).normal(0, 4.5, 200))

    fit = ax.lines[-1]
    assert np.trapezoid(fit.get_ydata(), fit.get_xdata()) == pytest.approx(200 * ax.patches[0].get_width(), rel=0.01)


def test_a_quantity_without_unit_is_drawn():
    texts, _ = drawn([-200.0, 0.0, 200.0], label="eps_r")

    assert "normal fit: mean 0, sd 200" in texts


@pytest.mark.parametrize(("errors", "rows"), [([2.5], 1), ([2.5, 2.5], 2), ([np.nan, 2.5], 1)])
def test_without_spread_only_the_mean_is_given(errors, rows):
    texts, ax = drawn(errors)

    assert set(texts) == {f"errors, n = {rows}", "mean 2.5 pC/N"}
    assert counted(ax) == rows


def test_no_errors_are_an_empty_figure():
    texts, ax = drawn([np.nan])

    assert texts == ["errors, n = 0"]
    assert counted(ax) == 0
