"""Spectra of pixels in a table: a row a pixel, a column a pixel, or a row a point of a spectrum."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import as_number, is_empty, numbers
from remanence.data.declared_units import split_unit
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.pixel_grid import PixelGrid, grid_of_positions
from remanence.data.spectra.pixel_spectra import PixelSpectra
from remanence.data.table_file import read_table
from remanence.errors import DataError

Values = NDArray[np.float64]
VALUE = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\d.])")
"""Header of a column that holds one step of every pixel: it begins with the value of the axis, as ``-4 V`` does."""
POSITIONS = {"x": 1, "col": 1, "column": 1, "y": 0, "row": 0, "pixel": 1}
"""Names of columns of positions, to whether they count rows (0) or columns (1) of the map."""


def spectra_of_table(
    path: Path, *, axis: str | None = None, channels: Sequence[str] | None = None, shape: tuple[int, int] | None = None
) -> PixelSpectra:
    """Read spectra from a CSV, Excel or Parquet table of one of three layouts, which its header tells.

    - A row a pixel: the headers of the columns begin with the value of the axis, such as ``-4`` or ``-4 V``; columns
      called x and y, or row and col, are the places of the pixels.
    - A column a pixel: the first column, or ``axis``, holds the axis.
    - A row a point: columns x and y, or pixel, repeat; ``axis`` names the column of the axis, else it is the first of
      the others; further columns are channels.

    Args:
        path: path of the table.
        axis: name of the column of the axis; None takes the first that can be it.
        channels: names of the columns that are channels of the third layout; None takes all that are left.
        shape: rows and columns of the map, if the table does not tell them.

    Raises:
        DataError: for a cell that is not a number, or spectra with other steps than the first.
    """
    frame = read_table(path, [axis] if axis else [])
    steps = [name for name in frame.columns if VALUE.match(str(name))]
    places = [name for name in frame.columns if split_unit(str(name))[0].lower() in POSITIONS]
    if axis is None and len(steps) > 1 and len(steps) + len(places) >= len(frame.columns) - 1:
        return _row_a_pixel(frame, steps, places, path, shape)
    if places:
        return _row_a_point(frame, places, axis, channels, path)
    return _column_a_pixel(frame, axis or str(frame.columns[0]), path, shape)


def _row_a_pixel(
    frame: pd.DataFrame, steps: Sequence[str], places: Sequence[str], path: Path, shape: tuple[int, int] | None
) -> PixelSpectra:
    values = np.stack([_cells(frame, name, path) for name in steps], axis=1)
    matches = [VALUE.match(str(name)) for name in steps]
    axis = np.array([float(match.group(1)) for match in matches if match])
    units = {
        re.split(r"[\s,;_]", str(name)[match.end() :].strip())[0]
        for name, match in zip(steps, matches, strict=True)
        if match
    }
    unit = units.pop() if len(units) == 1 else ""
    left = [str(name) for name in frame.columns if name not in steps and name not in places]
    said = [f"a row a pixel: {len(steps)} columns are steps from {axis.min():g} to {axis.max():g} {unit}".rstrip()]
    said += [f"the column {left[0]} is left out"] if left else []
    grid = _grid(frame, places, path)
    if grid is None:
        return _in_a_row(values, axis, "axis", unit, shape, path, said)
    return _on_grid(values[:, :, None], axis, ("axis", unit), ("value",), grid, said)


def _column_a_pixel(frame: pd.DataFrame, axis: str, path: Path, shape: tuple[int, int] | None) -> PixelSpectra:
    name, unit = split_unit(axis)
    others = [column for column in frame.columns if column != axis]
    if not others:
        raise DataError(f"{path}: has one column; expected an axis and a column a pixel")
    values = np.stack([_cells(frame, column, path) for column in others])
    said = [f"a column a pixel: {len(others)} pixels, the axis is {axis}"]
    return _in_a_row(values, numbers(frame, axis, str(path)), name, unit or "", shape, path, said)


def _row_a_point(
    frame: pd.DataFrame, places: Sequence[str], axis: str | None, channels: Sequence[str] | None, path: Path
) -> PixelSpectra:
    others = [str(name) for name in frame.columns if name not in places]
    axis = axis or (others[0] if others else "")
    wanted = list(channels) if channels else [name for name in others if name != axis]
    if not axis or not wanted or not set(wanted) <= set(others):
        raise DataError(f"{path}: expected a column of the axis and one of values beside {', '.join(places)}")
    table = np.stack([numbers(frame, name, str(path)) for name in places])
    _, first, pixel = np.unique(table, axis=1, return_index=True, return_inverse=True)
    pixel = np.argsort(np.argsort(first))[pixel.reshape(-1)]  # pixels in the order in which they begin
    counts = np.bincount(pixel)
    if np.ptp(counts) or counts[0] < 2:
        raise DataError(
            f"{path}: pixels have {counts.min()} to {counts.max()} rows by {', '.join(places)}; expected as many steps "
            "of every pixel"
        )
    order = np.argsort(pixel, kind="stable").reshape(len(counts), -1)
    along = numbers(frame, axis, str(path))[order]
    if np.abs(along - along[0]).max() > 1e-6 * max(np.ptp(along[0]), 1e-30):
        bad = int(np.abs(along - along[0]).max(axis=1).argmax())
        raise DataError(f"{path}: the steps of {axis} of pixel {bad} differ from those of the first; expected the same")
    values = np.stack([_cells(frame, name, path)[order] for name in wanted], axis=-1)
    grid = _grid(frame.iloc[order[:, 0]], places, path)
    assert grid is not None  # there are columns of places
    name, unit = split_unit(axis)
    said = [f"a row a point: {order.shape[1]} steps of {axis} at {len(counts)} pixels"]
    return _on_grid(values, along[0], (name, unit or ""), tuple(wanted), grid, said)


def _grid(frame: pd.DataFrame, places: Sequence[str], path: Path) -> PixelGrid | None:
    """Return the map that the columns of positions give; None if there are none."""
    found = {POSITIONS[split_unit(str(name))[0].lower()]: name for name in places}
    if not found:
        return None
    values = np.stack([numbers(frame, name, str(path)) for name in found.values()])
    indices = np.stack([np.unique(row, return_inverse=True)[1] for row in values])
    dimensions = [
        Dimension("XY"[1 - is_column], split_unit(str(name))[1] or "", np.zeros(0)) for is_column, name in found.items()
    ]
    return grid_of_positions(dimensions, indices, values)


def _on_grid(
    values: Values, axis: Values, named: tuple[str, str], channels: tuple[str, ...], grid: PixelGrid, said: list[str]
) -> PixelSpectra:
    placed = np.full((grid.pixels, *values.shape[1:]), np.nan)
    placed[~grid.holes] = values[grid.rows_of_file[~grid.holes]]
    said += grid.said
    return PixelSpectra(placed, axis, *named, channels, grid.shape, grid.side, tuple(said), grid.axes)


def _in_a_row(
    values: Values, axis: Values, name: str, unit: str, shape: tuple[int, int] | None, path: Path, said: list[str]
) -> PixelSpectra:
    if shape and shape[0] * shape[1] != len(values):
        raise DataError(f"{path}: data.shape is {shape[0]} x {shape[1]}, but there are {len(values)} pixels")
    if not shape:
        said.append(f"the {len(values)} pixels are one line; data.shape=[rows,columns] makes them a map")
    return PixelSpectra(values[:, :, None], axis, name, unit, ("value",), shape or (1, len(values)), None, tuple(said))


def _cells(frame: pd.DataFrame, column: str, path: Path) -> Values:
    """Return a column as numbers; an empty cell is a value that was not measured, NaN."""
    known = frame[column].map(lambda cell: not is_empty(cell) and as_number(cell) != as_number("nan"))
    empty = frame[column].map(is_empty).to_numpy(dtype=bool)
    values = np.full(len(frame), np.nan)
    if known.any():
        values[~empty] = numbers(frame[~empty], column, str(path))
    return values
