import numpy as np
import pytest

from remanence.data.spectra.dimension import dimensions_from
from remanence.data.spectra.pixel_grid import HOLE, grid_of_positions

ROW, COLUMN = (part.ravel() for part in np.indices((3, 4)))
PITCH = 0.5


def grid(names, indices, units=None, values=None):
    indices = np.array(indices)
    values = indices * PITCH if values is None else np.array(values, dtype=float)
    units = ["µm"] * len(names) if units is None else units
    return grid_of_positions(dimensions_from(names, units, indices, values), indices, values)


@pytest.mark.parametrize("order", ["rows", "snake", "columns", "permuted", "rows from below"])
@pytest.mark.parametrize("columns_first", [True, False])
def test_each_place_of_the_map_finds_its_pixel(order, columns_first):
    places = {
        "rows": np.arange(12),
        "snake": ROW * 4 + np.where(ROW % 2, 3 - COLUMN, COLUMN),
        "columns": np.arange(12).reshape(3, 4).T.ravel(),
        "permuted": np.random.default_rng(0).permutation(12),
        "rows from below": (2 - ROW) * 4 + COLUMN,
    }[order]
    tables = [("X", COLUMN[places]), ("Y", ROW[places])]
    names, indices = zip(*(tables if columns_first else tables[::-1]), strict=True)

    found = grid(names, indices)

    assert found.shape == (3, 4)
    np.testing.assert_array_equal(places[found.rows_of_file], np.arange(12))
    assert found.in_order == (order == "rows")
    assert [axis.name for axis in found.axes] == ["Y", "X"]
    np.testing.assert_array_equal(found.axes[1].values, PITCH * np.arange(4))
    assert (found.side, found.remark) == (1.5, "")


def test_without_names_the_fastest_dimension_is_that_of_the_columns():
    assert grid(["a", "b"], [ROW, COLUMN]).shape == grid(["a", "b"], [COLUMN, ROW]).shape == (3, 4)


def test_what_was_not_measured_is_a_hole():
    left_out = [2, 5, 11]
    kept = np.setdiff1d(np.arange(12), left_out)

    found = grid(["X", "Y"], [COLUMN[kept], ROW[kept]])

    assert found.shape == (3, 4)
    assert np.flatnonzero(found.holes).tolist() == left_out
    np.testing.assert_array_equal(found.rows_of_file[kept], np.arange(9))
    assert found.rows_of_file[2] == HOLE
    assert found.remark == "3 of 12 places of the map were not measured"


def test_a_row_without_any_pixel_keeps_its_place_and_its_coordinate():
    kept = ROW != 1
    found = grid(["X", "Y"], [COLUMN[kept], ROW[kept]])

    assert found.shape == (3, 4)
    assert found.holes.reshape(3, 4)[1].all()
    np.testing.assert_array_equal(found.axes[0].values, PITCH * np.arange(3))


def test_a_sparse_numbering_is_closed_up():
    found = grid(["X", "Y"], [10 * COLUMN, 100 * ROW])

    assert (found.shape, found.in_order) == ((3, 4), True)


def test_a_height_that_is_set_once_is_left_out():
    assert grid(["Z", "X", "Y"], [0 * ROW, COLUMN, ROW]).shape == (3, 4)


@pytest.mark.parametrize(
    ("names", "shape"), [(["X"], (1, 12)), (["X", "Y"], (1, 12)), (["Y", "X"], (12, 1)), (["arb"], (1, 12))]
)
def test_a_line_is_a_map_of_one_row_or_column(names, shape):
    indices = [np.arange(12), *([np.zeros(12, dtype=int)] * (len(names) - 1))]

    assert grid(names, indices).shape == shape


def test_places_that_are_taken_twice_are_no_grid():
    found = grid(["X", "Y"], [[0, 1, 0], [0, 0, 0]])

    assert (found.shape, found.in_order) == ((1, 3), True)
    assert found.remark == "the positions of the 3 pixels are no grid: taken as one row"


def test_a_spiral_is_no_grid():
    assert grid(["X", "Y"], [np.arange(30), np.arange(30)[::-1]]).shape == (1, 30)


def test_a_volume_is_no_map():
    found = grid(["X", "Y", "Z"], np.indices((2, 2, 2)).reshape(3, -1))

    assert found.shape == (1, 8)
    assert "more than two dimensions" in found.remark


@pytest.mark.parametrize(("unit", "side"), [("m", None), ("um", 1.5), ("nm", 0.0015), ("\u03bcm", 1.5), ("", None)])
def test_the_width_is_in_micrometres_if_the_unit_is_one_of_length(unit, side):
    assert grid(["X", "Y"], [COLUMN, ROW], units=[unit, unit]).side == (side and pytest.approx(side))
