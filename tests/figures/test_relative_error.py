from itertools import pairwise

import numpy as np
import pytest

from remanence.figures.relative_error import plot_relative_error


def drawn(samples, errors, **arguments):
    figure, ax = plot_relative_error(samples, errors, title="DNN (synthetic data)", **arguments)
    figure.draw_without_rendering()
    return figure, ax


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_errors_are_drawn_in_percent_per_sample():
    figure, ax = drawn(["NS-NBBT2", "NS-NBBT6"], {"d33": np.array([0.02, 0.06]), "eps_r": np.array([0.01, 0.01])})

    assert ax.get_xlabel() == "sample, n = 2"
    assert ax.get_ylabel() == "relative error (%)"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["NS-NBBT2", "NS-NBBT6"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [2, 6])
    assert {line.get_linestyle() for line in ax.lines[:2]} == {"None"}  # samples have no order
    assert legend(figure) == ["$d_{33}$, mean 4.0 %", r"$\varepsilon_\mathrm{r}$, mean 1.0 %", "limit: 10 %"]


def test_the_limit_is_dashed():
    _, ax = drawn(["A"], {"d33": np.array([0.02])}, limit=0.05)

    assert list(ax.lines[-1].get_ydata()) == [5, 5]
    assert ax.lines[-1].get_linestyle() == "--"
    assert ax.get_ylim()[0] == 0


def test_signed_errors_have_a_limit_on_both_sides():
    figure, ax = drawn(["A", "B"], {"d33": np.array([0.02, -0.04])})

    assert [line.get_ydata()[0] for line in ax.lines[1:3]] == [10, -10]
    assert legend(figure) == ["$d_{33}$, mean 3.0 %", "limit: 10 %"]


@pytest.mark.parametrize(("samples", "written"), [(1, 1), (21, 21), (40, 40), (41, 21), (200, 40)])
def test_the_names_stay_readable(samples, written):
    names = [f"NBBT6+Sr{row}, sintered twice and quenched" for row in range(samples)]

    _, ax = drawn(names, {"d33": np.linspace(0, 0.1, samples)})

    labels = ax.get_xticklabels()
    assert len(labels) == written
    boxes = [label.get_window_extent() for label in labels]
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))


def test_unknown_errors_are_left_out_of_the_mean():
    figure, _ = drawn(["A", "B"], {"d33": np.array([0.02, np.nan]), "eps_r": np.array([np.nan, np.nan])})

    assert legend(figure)[:2] == ["$d_{33}$, mean 2.0 %", r"$\varepsilon_\mathrm{r}$, no values"]
