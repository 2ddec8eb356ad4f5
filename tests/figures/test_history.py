import numpy as np
import pandas as pd
import pytest

from remanence.figures.history import is_wide, plot_history


def trials(values, outcomes=None):
    return pd.DataFrame(
        {"number": range(len(values)), "outcome": outcomes or ["ok"] * len(values), "val/mse": np.array(values, float)}
    )


def drawn(table, direction="minimize"):
    figure, axes = plot_history(table, {"val/mse": direction}, title="piezo/bayes")
    figure.draw_without_rendering()
    return figure, axes


@pytest.mark.parametrize(("direction", "best"), [("minimize", [3, 3, 1, 1]), ("maximize", [3, 4, 4, 4])])
def test_the_line_is_the_best_so_far(direction, best):
    _, (ax,) = drawn(trials([3, 4, 1, 2]), direction)

    assert list(ax.lines[0].get_ydata()) == best


def test_pruned_values_are_drawn_but_are_never_the_best():
    figure, (ax,) = drawn(trials([3, 1, np.nan, 2], ["ok", "pruned", "failed", "skipped"]))

    assert list(ax.lines[0].get_ydata()) == [3, 3, 3, 2]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "1 ok",
        "1 skipped",
        "1 pruned",
        "1 failed",
        "best so far",
    ]
    assert ax.collections[-1].get_offsets().tolist() == [[2, 0.02]]  # failures stand on the axis


def test_one_bad_trial_does_not_flatten_the_others():
    assert drawn(trials([1, 2, 3, 1000]))[1][0].get_yscale() == "log"
    assert drawn(trials([1, 2, 3, 10]))[1][0].get_yscale() == "linear"
    assert drawn(trials([0, 2, 3, 1000]))[1][0].get_yscale() == "linear"


def test_each_objective_has_a_panel():
    table = trials([3, 1]).assign(r2=[0.1, 0.9])

    _, axes = plot_history(table, {"val/mse": "minimize", "r2": "maximize"}, title="")

    assert [ax.get_ylabel() for ax in axes] == ["val/mse", "r2"]
    assert [ax.get_xlabel() for ax in axes] == ["", "trial"]


@pytest.mark.parametrize(
    ("values", "wide"), [([], False), ([np.nan, np.inf], False), ([1, 31, np.nan], True), ([1, 30], False)]
)
def test_what_spans_more_than_a_ratio_of_thirty_is_wide(values, wide):
    assert is_wide(values) is wide
