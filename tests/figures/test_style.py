import numpy as np
import pytest

from remanence.figures.style import common_limits, few_ticks, new_panels, shortened, unit_of, wrapped


@pytest.mark.parametrize(("number", "columns", "rows"), [(1, 1, 1), (4, 4, 1), (5, 4, 2), (9, 4, 3)])
def test_panels_wrap_after_the_allowed_columns(number, columns, rows):
    figure, axes = new_panels(number, title="DNN")

    assert len(axes) == len(figure.axes) == number
    grid = axes[0].get_gridspec()
    assert (grid.ncols, grid.nrows) == (columns, rows)
    assert figure.get_suptitle() == "DNN"
    assert figure.get_figwidth() in (3.5, 7.2)


def test_a_long_title_makes_the_figure_higher():
    short, _ = new_panels(2, title="DNN")
    long, _ = new_panels(2, title="a rather long title " * 8)

    assert long.get_figheight() > short.get_figheight()


@pytest.mark.parametrize(
    ("values", "limits"),
    [([0.0, 100.0], (-5, 105)), ([3.0], (2.95, 3.05)), ([], (0, 1)), ([np.nan, 0.0, 1.0, np.inf], (-0.05, 1.05))],
)
def test_limits_hold_all_finite_values(values, limits):
    assert common_limits(np.array(values)) == pytest.approx(limits)


@pytest.mark.parametrize(
    ("label", "unit"), [("d33 (pC/N)", "pC/N"), ("LPHslope (1/(ln Hz))", "1/(ln Hz)"), ("eps_r", ""), ("a (b) c", "")]
)
def test_the_unit_is_read_from_the_end_of_a_label(label, unit):
    assert unit_of(label) == unit


def test_short_text_stays_as_it_is():
    assert wrapped("d33 (pC/N)", inches=3) == "d33 (pC/N)"
    assert wrapped("", inches=3) == ""
    assert shortened("NS-NBBT6") == "NS-NBBT6"


def test_a_long_name_keeps_its_ends():
    name = shortened("NBBT6+Sr0.5 sintered at 1150, replicate 17", 20)

    assert len(name) == 20
    assert name.startswith("NBBT6+Sr")
    assert name.endswith("17")


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.25), (97, 211), (800, 1650), (-1e-3, 1e-3)])
def test_ticks_are_few(low, high):
    ticks = few_ticks().tick_values(low, high)

    assert 3 <= np.sum((ticks >= low) & (ticks <= high)) <= 6
