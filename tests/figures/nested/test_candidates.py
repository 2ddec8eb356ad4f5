import numpy as np
import pytest
from matplotlib.patches import Rectangle

from remanence.figures.nested.candidates import plot_candidates

pytestmark = pytest.mark.filterwarnings("error")
CANDIDATES = np.array([[1.3, 6.0], [1.7, 7.0], [1.5, 2.0]])
EXTRAPOLATED = np.array([False, False, True])
TRAINING = np.array([[0.5, 30.0], [4.0, 5.0]])


def drawn(candidates=CANDIDATES, *, extrapolated=EXTRAPOLATED, training=TRAINING, **wanted):
    figure, ax = plot_candidates(
        candidates,
        extrapolated=extrapolated,
        training=training,
        labels=("gap (eV)", "binding energy (kJ/mol)"),
        title="binding_energy<8, gap in [1.2,1.8]",
        **wanted,
    )
    figure.draw_without_rendering()
    return figure, ax


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_extrapolated_candidates_are_hollow():
    figure, ax = drawn()

    training, inside, outside = ax.collections
    np.testing.assert_array_equal(training.get_offsets(), TRAINING)
    np.testing.assert_array_equal(inside.get_offsets(), CANDIDATES[:2])
    np.testing.assert_array_equal(outside.get_offsets(), CANDIDATES[2:])
    assert len(outside.get_facecolor()) == 0
    assert legend(figure) == [
        "training rows, n = 2",
        "candidates, n = 2",
        "candidates outside the training data, n = 1",
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("gap (eV)", "binding energy (kJ/mol)")


def test_the_wanted_region_ends_at_the_axes_where_it_has_no_limit():
    figure, ax = drawn(wanted_x=(1.2, 1.8), wanted_y=(-np.inf, 8.0))

    (region,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    low, _ = ax.get_ylim()
    assert region.get_bbox().bounds == pytest.approx((1.2, low, 0.6, 8.0 - low))
    assert legend(figure)[0] == "wanted"


def test_a_region_beyond_all_points_is_inside_the_axes():
    _, ax = drawn(wanted_x=(6.0, 7.0))

    assert ax.get_xlim()[1] > 7
    assert ax.patches[0].get_bbox().x0 == pytest.approx(6.0)


def test_nothing_but_one_extrapolated_candidate_is_drawn():
    figure, ax = drawn(CANDIDATES[2:], extrapolated=EXTRAPOLATED[2:], training=np.empty((0, 2)))

    assert len(ax.collections) == 1
    assert legend(figure) == ["candidates outside the training data, n = 1"]
    assert not ax.patches


def test_no_candidate_at_all_leaves_the_training_rows():
    figure, _ = drawn(np.empty((0, 2)), extrapolated=np.empty(0, dtype=bool), wanted_x=(1.2, 1.8))

    assert legend(figure) == ["wanted", "training rows, n = 2"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extrapolated": np.array([True])}, r"`extrapolated` to be of shape \(3,\), but got \(1,\)"),
        ({"training": np.zeros((2, 3))}, r"`training` to be of shape \(any, 2\), but got \(2, 3\)"),
        ({"wanted_x": (1.8, 1.2)}, r"`wanted_x` to be \(lowest, highest\), but got \(1.8, 1.2\)"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        drawn(**change)
