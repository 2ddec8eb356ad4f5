import numpy as np
import pytest
from matplotlib.colors import same_color

from remanence.figures.nested.shapley import plot_shapley
from remanence.figures.style import COLOURS, GREY

pytestmark = pytest.mark.filterwarnings("error")


def drawn(values, inputs=None, *, groups=None):
    names = [f"feature {k}" for k in range(values.shape[1])]
    figure, axes = plot_shapley(
        values,
        np.random.default_rng(1).normal(size=values.shape) if inputs is None else inputs,
        names=names,
        groups={"ions": [0]} if groups is None else groups,
        label="binding energy (kJ/mol)",
        title="Shapley values",
    )
    figure.draw_without_rendering()
    return figure, axes


def labels(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def test_bars_are_mean_sizes_with_the_largest_on_top():
    _, (left, right) = drawn(np.array([[1.0, -4.0], [-1.0, 2.0]]), groups={"ions": [0], "solvent": [1]})

    assert [bar.get_width() for bar in left.patches] == [3.0, 1.0]
    assert labels(left) == ["feature 1", "feature 0"]
    assert same_color(left.patches[0].get_facecolor(), COLOURS[1])
    assert same_color(left.patches[1].get_facecolor(), COLOURS[0])
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[0] > left.get_ylim()[1]
    assert left.get_xlabel() == "mean |Shapley value| (kJ/mol)"
    assert right.get_xlabel() == "Shapley value for binding energy (kJ/mol)"


def test_every_value_is_a_point_in_the_colour_of_its_input():
    values = np.array([[1.0, 0.1], [2.0, 0.2], [3.0, -0.3]])
    inputs = np.array([[10.0, 5.0], [20.0, 5.0], [30.0, 5.0]])

    _, (_, right) = drawn(values, inputs)

    (points,) = right.collections
    np.testing.assert_allclose(points.get_offsets()[:, 0], [1, 2, 3, 0.1, 0.2, -0.3])
    z = np.sqrt(1.5)
    np.testing.assert_allclose(points.get_array(), [-z, 0, z, 0, 0, 0], atol=1e-12)
    assert points.get_clim() == (-2.0, 2.0)


def test_points_of_one_value_lie_side_by_side_within_their_row():
    _, (_, right) = drawn(np.tile([1.0, 2.0], (101, 1)))

    heights = right.collections[0].get_offsets()[:, 1]
    for row, own in ((0, heights[:101]), (1, heights[101:])):
        assert len(np.unique(own)) == 101
        assert np.abs(own - row).max() <= 0.4 + 1e-12


@pytest.mark.parametrize(("features", "shown"), [(1, 1), (15, 15), (40, 15)])
def test_at_most_fifteen_features_are_drawn(features, shown):
    _, (left, right) = drawn(np.tile(np.arange(features, dtype=float) + 1, (6, 1)))

    assert len(left.patches) == shown
    assert labels(left)[0] == f"feature {features - 1}"
    assert len(right.collections[0].get_offsets()) == 6 * shown


def test_features_of_no_group_are_grey_and_only_shown_groups_are_listed():
    figure, (left, _) = drawn(np.array([[2.0, 1.0]] * 3), groups={"ions": [0], "solvent": []})

    assert same_color(left.patches[1].get_facecolor(), GREY)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["ions", "other"]


def test_missing_inputs_are_drawn():
    inputs = np.array([[1.0], [np.nan], [3.0]])

    _, (_, right) = drawn(np.ones((3, 1)), inputs)

    assert right.collections[0].get_array().mask.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("inputs", "groups", "message"),
    [
        (np.zeros((3, 1)), {}, r"`inputs` to be of shape \(3, 2\), but got \(3, 1\)"),
        (np.zeros((3, 2)), {"ions": [2]}, r"`groups` to hold indices from 0 to 1, but got 2 in 'ions'"),
        (np.zeros((3, 2)), {"ions": [1], "solvent": [1]}, r"each feature once, but got 1 in 'ions' and 'solvent'"),
    ],
)
def test_what_does_not_fit_is_refused(inputs, groups, message):
    with pytest.raises(ValueError, match=message):
        drawn(np.ones((3, 2)), inputs, groups=groups)
