"""The map that the pixels of a file form: which pixel of the file stands at which place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.axis_units import unit_factor
from remanence.data.spectra.dimension import Dimension

HOLE = -1
"""Stands for the row of the file where the map has no pixel."""
LEAST_FILLED = 0.5
"""Share of a grid that has to be measured; with less, positions are no grid, such as those of a spiral."""
LARGEST = 1e4
"""Width in µm above which positions in metres are numbers of pixels rather than metres."""


@dataclass(frozen=True, eq=False)
class PixelGrid:
    """Places of a map, row by row: Y varies along the rows, X along the columns."""

    shape: tuple[int, int]
    """Rows and columns."""
    rows_of_file: NDArray[np.intp]
    """Row of the file that holds each place of the map, -1 where the map has a hole, shape (places,)."""
    axes: tuple[Dimension, Dimension]
    """Coordinates along Y, shape (rows,), and along X, shape (columns,), with their units."""
    remark: str = ""
    """What is unusual about the positions, in words; empty for a full grid."""

    @property
    def said(self) -> tuple[str, ...]:
        """The remark as a line, if there is one."""
        return (self.remark,) if self.remark else ()

    @property
    def pixels(self) -> int:
        """Number of places, holes included."""
        return self.rows_of_file.size

    @property
    def holes(self) -> NDArray[np.bool_]:
        """Which places of the map hold no pixel, shape (places,)."""
        holes: NDArray[np.bool_] = self.rows_of_file == HOLE
        return holes

    @property
    def in_order(self) -> bool:
        """Whether the file holds the pixels row by row, without holes."""
        return bool((self.rows_of_file == np.arange(self.pixels)).all())

    @property
    def side(self) -> float | None:
        """Distance of the first and the last column in µm, None if it is not known."""
        columns = self.axes[1]
        factor = unit_factor(columns.unit, "µm")
        if factor is None or columns.size < 2:
            return None
        side = float(np.ptp(columns.values)) * factor
        return side if np.isfinite(side) and 0 < side < LARGEST else None


def grid_of_positions(
    positions: Sequence[Dimension], indices: NDArray[np.int64], values: NDArray[np.float64]
) -> PixelGrid:
    """Return the map that tables of positions describe.

    Args:
        positions: dimensions of the positions.
        indices: index of each pixel of the file along each dimension, shape (dimensions, pixels).
        values: coordinate of each pixel of the file along each dimension, shape (dimensions, pixels).

    Dimensions called X and Y are the columns and the rows, whatever their order and speed; other names are told by
    speed, the fastest being the columns. Further dimensions, such as a Z that is set once, must have one index. Pixels
    whose positions are no grid form one row, in the order of the file.
    """
    number = indices.shape[1]
    varying = [dimension for dimension, row in enumerate(indices) if np.ptp(row) > 0]
    changes = [int(np.count_nonzero(np.diff(row))) for row in indices]
    slow, fast = rows_and_columns([known.name for known in positions], varying, changes)
    if {slow, fast} >= set(varying) and varying:
        for close_up in (False, True):
            placed = [_places(indices, dimension, close_up=close_up) for dimension in (slow, fast)]
            shape = placed[0][1], placed[1][1]
            place = placed[0][0] * shape[1] + placed[1][0]
            if number >= LEAST_FILLED * shape[0] * shape[1] and np.unique(place).size == number:
                break
        else:
            return _in_a_row(number, f"the positions of the {number} pixels are no grid: taken as one row")
        rows_of_file = np.full(shape[0] * shape[1], HOLE, dtype=np.intp)
        rows_of_file[place] = np.arange(number)
        axes = [
            _axis(positions, values, dimension, *where) for dimension, where in zip((slow, fast), placed, strict=True)
        ]
        holes = rows_of_file.size - number
        remark = f"{holes} of {rows_of_file.size} places of the map were not measured" if holes else ""
        return PixelGrid(shape, rows_of_file, (axes[0], axes[1]), remark)
    if number == 1:
        return _in_a_row(1, "")
    reason = "have more than two dimensions" if varying else "are all the same"
    return _in_a_row(number, f"the positions of the {number} pixels {reason}: taken as one row")


def rows_and_columns(
    names: Sequence[str], varying: Sequence[int], changes: Sequence[int]
) -> tuple[int | None, int | None]:
    """Return which dimension is that of the rows and which that of the columns; None for one that is not there.

    Args:
        names: of the dimensions.
        varying: numbers of the dimensions with more than one index.
        changes: how often each dimension changes from pixel to pixel; the columns change most often.

    >>> rows_and_columns(["X", "Y"], [0, 1], [3, 11]), rows_and_columns(["a", "b", "Z"], [0, 1], [11, 3, 0])
    ((1, 0), (1, 0))
    """
    columns = next((number for number, name in enumerate(names) if _is_called("x|cols?|columns?", name)), None)
    rows = next((number for number, name in enumerate(names) if _is_called("y|rows?", name)), None)
    if set(varying) <= {rows, columns} and rows != columns:
        return rows, columns
    ranked = sorted(varying, key=lambda number: changes[number])
    return (ranked[-2] if len(ranked) > 1 else None), (ranked[-1] if ranked else None)


def _is_called(letter: str, name: str) -> bool:
    return re.match(rf"({letter})([^a-z]|$)", name.strip().lower()) is not None


def _places(indices: NDArray[np.int64], dimension: int | None, *, close_up: bool) -> tuple[NDArray[np.int64], int]:
    """Return the place of each pixel along a dimension, and their number; ``close_up`` leaves no index out."""
    if dimension is None:
        return np.zeros(indices.shape[1], dtype=np.int64), 1
    row = indices[dimension]
    place = np.unique(row, return_inverse=True)[1] if close_up else row - row.min()
    return place.astype(np.int64), int(place.max()) + 1


def _axis(
    positions: Sequence[Dimension],
    values: NDArray[np.float64],
    dimension: int | None,
    place: NDArray[np.int64],
    size: int,
) -> Dimension:
    """Return the coordinates along a dimension; those of rows and columns without a pixel are interpolated."""
    if dimension is None:
        return Dimension("", "", np.zeros(1))
    coordinates = np.full(size, np.nan)
    coordinates[place] = values[dimension]
    known = np.isfinite(coordinates)
    if known.any():
        coordinates[~known] = np.interp(np.flatnonzero(~known), np.flatnonzero(known), coordinates[known])
    return Dimension(positions[dimension].name, positions[dimension].unit, coordinates)


def _in_a_row(number: int, remark: str) -> PixelGrid:
    axes = Dimension("", "", np.zeros(1)), Dimension("", "", np.arange(float(number)))
    return PixelGrid((1, number), np.arange(number), axes, remark)
