import numpy as np
import pandas as pd
import pytest

from remanence.figures.importance import plot_importance


def table(mean, names=None):
    names = names or [f"feature {index}" for index in range(len(mean))]
    return pd.DataFrame({"input": names, "mean": mean, "sd": np.full(len(mean), 0.1)})


def drawn(tables, **arguments):
    figure, axes = plot_importance(tables, title="importance (synthetic data)", **arguments)
    figure.draw_without_rendering()
    return figure, axes


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def widths(ax):
    return [bar.get_width() for bar in ax.patches]


def test_methods_are_panels_with_the_largest_input_on_top():
    tables = {"permutation": table([1.0, 4.0], ["x", "LPHslope"]), "gradients": table([3.0, 2.0], ["LPHslope", "x"])}

    _, axes = drawn(tables, unit="pC/N")

    assert [ax.get_title() for ax in axes] == ["permutation", "gradients"]
    assert [ax.get_xlabel() for ax in axes] == ["importance (pC/N)"] * 2
    assert names(axes[0]) == ["LPHslope", "x"]
    assert [widths(ax) for ax in axes] == [[4, 1], [3, 2]]
    assert axes[0].get_ylim()[0] > axes[0].get_ylim()[1]


def test_a_method_on_another_scale_weighs_the_same():
    tables = {"permutation": table([1.0, 0.9, 0.0]), "gradients": table([0.0, 900.0, 1000.0])}

    _, axes = drawn(tables)

    assert names(axes[0])[0] == "feature 1"
    assert axes[0].get_xlabel() == "importance"


@pytest.mark.parametrize(("inputs", "bars"), [(1, 1), (15, 15), (200, 15)])
def test_at_most_the_fifteen_largest_are_drawn(inputs, bars):
    _, (ax,) = drawn({"permutation": table(np.arange(inputs, dtype=float))})

    assert len(ax.patches) == bars
    assert names(ax)[0] == f"feature {inputs - 1}"


def test_a_negative_importance_counts_by_its_size():
    _, (ax,) = drawn({"permutation": table([1.0, -4.0])})

    assert widths(ax) == [-4, 1]


def test_a_method_without_values_says_so():
    _, axes = drawn({"permutation": pd.DataFrame(), "gradients": table([1.0])})

    assert [text.get_text() for text in axes[0].texts] == ["no values"]
    assert widths(axes[1]) == [1]


def test_an_unknown_spread_has_no_bar():
    _, (ax,) = drawn({"permutation": table([1.0, 2.0]).assign(sd=[np.nan, 0.5])})

    errors = next(container for container in ax.containers if hasattr(container, "has_xerr"))
    assert len(errors.lines[2][0].get_segments()) == 1


def test_long_names_are_shortened():
    _, (ax,) = drawn({"permutation": table([1.0], ["mean electronegativity of the A site (Pauling)"])})

    assert len(names(ax)[0]) <= 24


def test_several_targets_in_one_table_are_refused():
    with pytest.raises(ValueError, match=r"one row per input in `tables\['permutation'\]`"):
        drawn({"permutation": table([1.0, 2.0], ["x", "x"])})
