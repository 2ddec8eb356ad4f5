import numpy as np
import pytest
from matplotlib.colors import same_color

from remanence.figures.nested.sensitivity import plot_sensitivity
from remanence.figures.style import COLOURS

pytestmark = pytest.mark.filterwarnings("error")


def drawn(values, groups=None):
    values = np.asarray(values, dtype=float)
    figure, ax = plot_sensitivity(
        values,
        names=[f"descriptor {k}" for k in range(len(values))],
        groups={} if groups is None else groups,
        label="binding energy (kJ/mol)",
        title="through the chain",
    )
    figure.draw_without_rendering()
    return figure, ax


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def test_bars_keep_their_sign_and_are_ordered_by_size():
    figure, ax = drawn([1.0, -3.0, 2.0], {"ions": [0, 1], "solvent": [2]})

    assert [bar.get_width() for bar in ax.patches] == [-3, 2, 1]
    assert names(ax) == ["descriptor 1", "descriptor 2", "descriptor 0"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    for bar, colour in zip(ax.patches, (COLOURS[0], COLOURS[1], COLOURS[0]), strict=True):
        assert same_color(bar.get_facecolor(), colour)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["ions", "solvent"]
    assert ax.get_xlabel() == "change of binding energy (kJ/mol) per sd"


@pytest.mark.parametrize(("features", "bars"), [(1, 1), (20, 20), (40, 20)])
def test_at_most_twenty_are_drawn(features, bars):
    _, ax = drawn(np.arange(features) + 1.0)

    assert len(ax.patches) == bars
    assert names(ax)[0] == f"descriptor {features - 1}"


def test_an_unknown_derivative_has_no_bar():
    _, ax = drawn([np.nan, 1.0, -np.inf])

    assert names(ax) == ["descriptor 1"]


def test_names_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"Expected argument `values` to be of shape \(1,\), but got \(2,\)"):
        plot_sensitivity(np.zeros(2), names=["x"], groups={}, label="gap (eV)", title="")
