import pytest

from remanence.figures.nested.categories import category_styles
from remanence.figures.nested.groups import OTHER, group_fills, groups_of_features
from remanence.figures.style import COLOURS


def test_features_know_their_group():
    assert groups_of_features({"ions": [0, 2], "solvent": [3]}, 4) == ["ions", OTHER, "ions", "solvent"]


@pytest.mark.parametrize("index", [-1, 4])
def test_an_index_beyond_the_features_is_refused(index):
    with pytest.raises(ValueError, match=f"indices from 0 to 3, but got {index} in 'ions'"):
        groups_of_features({"ions": [index]}, 4)


def test_twenty_groups_differ_in_colour_or_hatch():
    fills = group_fills([f"scale {k}" for k in range(20)])

    assert len({(fill.get_facecolor(), fill.get_hatch()) for fill in fills.values()}) == 20
    assert not any(fill.get_hatch() for fill in list(fills.values())[: len(COLOURS)])


def test_twenty_five_categories_differ_in_colour_or_marker():
    styles = category_styles(f"solvent {k}" for k in range(25))

    assert len(set(styles.values())) == 25
    first = list(styles.values())[:5]
    assert len({colour for colour, _ in first}) == len({marker for _, marker in first}) == 5
