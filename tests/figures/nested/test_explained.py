import numpy as np
import pytest
from matplotlib.colors import same_color

from remanence.figures.maps import MISSING
from remanence.figures.nested.explained import plot_explained

pytestmark = pytest.mark.filterwarnings("error")


def drawn(shares, title="who explains what"):
    figure, ax = plot_explained(shares, title=title)
    figure.draw_without_rendering()
    return figure, ax


def bars(ax):
    return [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]


def test_parts_of_a_target_follow_each_other_to_the_whole():
    figure, ax = drawn({"gap (eV)": {"unexplained": 0.1, "latents of ions": 0.6, "own features": 0.3}})

    np.testing.assert_allclose(bars(ax), [(0, 60), (60, 90), (90, 100)])
    assert same_color(ax.patches[-1].get_facecolor(), MISSING)
    assert [text.get_text() for text in ax.texts] == ["60", "30", "10"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "latents of ions",
        "own features",
        "unexplained",
    ]
    assert ax.get_xlim() == (0, 100)


def test_a_group_has_one_colour_in_all_targets():
    _, ax = drawn({"gap (eV)": {"a": 0.5, "b": 0.5}, "PCE (%)": {"b": 1.0}})

    assert same_color(ax.patches[1].get_facecolor(), ax.patches[2].get_facecolor())
    assert [text.get_text() for text in ax.get_yticklabels()] == ["gap (eV)", "PCE (%)"]


def test_a_group_that_harms_is_left_of_zero():
    _, ax = drawn({"gap (eV)": {"a": -0.2, "b": 0.3, "unexplained": 0.9}})

    np.testing.assert_allclose(bars(ax), [(0, -20), (0, 30), (30, 120)])
    assert ax.get_xlim()[0] <= -20
    assert ax.get_xlim()[1] >= 120
    assert ax.texts[0].get_text() == "−20"


def test_narrow_parts_have_no_number_and_empty_ones_no_bar():
    _, ax = drawn({"gap (eV)": {"a": 0.03, "b": 0.97, "unexplained": 0.0}})

    assert [text.get_text() for text in ax.texts] == ["97"]
    assert len(ax.patches) == 2


@pytest.mark.parametrize("number", [1, 8])
def test_few_and_many_targets_are_drawn_with_more_groups_than_colours(number):
    shares = {f"target {k} with a long name (kJ/mol)": {f"scale {j}": 1 / 7 for j in range(7)} for k in range(number)}

    figure, ax = drawn(shares)

    looks = {(patch.get_facecolor(), patch.get_hatch()) for patch in ax.patches}
    assert len(looks) == 7
    assert all(label.get_window_extent().x0 >= 0 for label in ax.get_yticklabels())
    assert figure.legends[0].get_window_extent().width < figure.bbox.width


@pytest.mark.parametrize(
    ("shares", "message"),
    [({}, "at least one target"), ({"gap": {"a": np.nan}}, "finite numbers, but got nan for 'a'")],
)
def test_shares_that_are_none_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        plot_explained(shares, title="")
