import numpy as np
import pytest

from remanence.figures.scale_bar import add_scale_bar, scale_bar_length
from remanence.figures.style import new_figure

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    ("side", "length"), [(2.0, 0.5), (1.0, 0.2), (3.0, 1.0), (5.0, 2.0), (10.0, 2.0), (0.5, 0.2), (0.05, 0.02)]
)
def test_the_length_is_1_2_or_5_times_a_power_of_ten(side, length):
    assert scale_bar_length(side) == pytest.approx(length)


@pytest.mark.parametrize("side", np.geomspace(0.01, 1000, 41))
def test_the_length_is_a_fraction_of_the_map_that_can_be_seen(side):
    assert 0.15 * side < scale_bar_length(side) <= 0.4 * side * 1.000001


@pytest.mark.parametrize("side", [0.0, -2.0, np.nan, np.inf])
def test_a_width_that_is_none_is_refused(side):
    with pytest.raises(ValueError, match="positive number of µm"):
        scale_bar_length(side)


@pytest.mark.parametrize(("side", "pixels", "drawn", "text"), [(2, 60, 15, "500 nm"), (10, 200, 40, "2 µm")])
def test_the_bar_is_as_long_as_it_says(side, pixels, drawn, text):
    _, (ax,) = new_figure()

    bar = add_scale_bar(ax, side=side, pixels=pixels)

    (rectangle,) = bar.size_bar.get_children()
    assert rectangle.get_width() == pytest.approx(drawn)
    assert bar.txt_label.get_text() == text
