import numpy as np
import pytest
from matplotlib.colors import same_color

from remanence.figures.nested.fold_errors import plot_fold_errors
from remanence.figures.style import COLOURS

pytestmark = pytest.mark.filterwarnings("error")
ERRORS = {
    "ridge": np.array([0.3, 0.5]),
    "chain": np.array([0.1, 0.2]),
    "random forest": np.array([0.2, np.nan]),
}
PUBLISHED = {"NestedAE": 0.15, "XGBoost": 0.127, "NuSVR": 0.146, "random forest": 0.149, "Lasso": 0.235}


def drawn(errors=ERRORS, *, title="gap", **arguments):
    figure, ax = plot_fold_errors(errors, network="chain", label="MAE (eV)", title=title, **arguments)
    figure.draw_without_rendering()
    return figure, ax


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def test_the_best_model_is_on_top_and_the_network_stands_out():
    _, ax = drawn()

    assert names(ax) == ["chain  0.150", "random forest  0.200", "ridge  0.400"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [0.15, 0.2, 0.4])
    assert same_color(ax.get_yticklabels()[0].get_color(), COLOURS[1])
    assert [text.get_fontweight() for text in ax.get_yticklabels()] == ["bold", "normal", "normal"]
    assert ax.get_xlabel() == "MAE (eV)"


def test_folds_are_points_and_the_spread_is_a_standard_deviation():
    _, ax = drawn()

    points = [group for group in ax.collections if len(group.get_offsets()) and group.get_alpha() == 0.7]
    assert [sorted(group.get_offsets()[:, 0]) for group in points] == [[0.1, 0.2], [0.2], [0.3, 0.5]]
    bars = [container.lines[2][0].get_segments()[0] for container in ax.containers if hasattr(container, "has_xerr")]
    lengths = [np.ptp(bar[:, 0]) for bar in bars]
    np.testing.assert_allclose(lengths, [2 * np.std([0.1, 0.2], ddof=1), 0.0, 2 * np.std([0.3, 0.5], ddof=1)])


def test_published_numbers_are_lines_with_names_that_do_not_overlap():
    figure, ax = drawn(published=PUBLISHED)

    dashed = sorted(line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--")
    assert dashed == sorted(PUBLISHED.values())
    texts = [text for text in ax.texts if text.get_text()]
    assert {text.get_text() for text in texts} >= {"NestedAE 0.150", "XGBoost 0.127"}
    extents = [text.get_window_extent() for text in texts]
    assert not any(a.overlaps(b) for k, a in enumerate(extents) for b in extents[k + 1 :])
    assert all(extent.x0 >= 0 and extent.x1 <= figure.bbox.width for extent in extents)
    assert max(extent.y1 for extent in extents) < figure._suptitle.get_window_extent().y0
    assert figure.legends[0].get_texts()[-1].get_text() == "published"


@pytest.mark.parametrize("value", [0.01, 0.6])
def test_a_name_stands_on_the_side_with_room(value):
    figure, ax = drawn(published={"published elsewhere": value})

    (extent,) = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert extent.x0 >= 0
    assert extent.x1 <= figure.bbox.width
    assert ax.get_xlim()[1] > value


def test_a_model_without_values_comes_last_and_says_so():
    _, ax = drawn({"failed": np.array([np.nan]), "chain": np.array([1.0])})

    assert names(ax) == ["chain  1.00", "failed  –"]
    assert [text.get_text() for text in ax.texts] == ["no values"]


def test_a_model_that_is_not_there_or_a_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"`network` to be one of \['ridge'\], but got 'chain'"):
        drawn({"ridge": np.ones(3)})
    with pytest.raises(ValueError, match=r"`errors\['chain'\]` to be of shape \(any,\), but got \(3, 2\)"):
        drawn({"chain": np.ones((3, 2))})
