"""NSID files (N-dimensional spectroscopic and imaging data): datasets whose axes are described by dimension scales.

A dataset may have its axes in any order and call them anything; ``dimension_type`` of an axis says whether it is
spatial or spectral, and where it does not, the name and the unit tell. Source: pycroscopy.github.io/pyNSID.
"""

import re
from dataclasses import dataclass
from math import prod
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.axis_units import is_unit, unit_factor
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.hdf5_file import HDF5File
from remanence.data.spectra.main_dataset import MainDataset, as_read, read_type
from remanence.data.spectra.pixel_grid import PixelGrid, rows_and_columns
from remanence.errors import DataError

SCALE_COPIES = 4
"""Copies of an axis in memory, and of its place in the tables of spectral points."""


@dataclass(frozen=True, eq=False)
class AxesReader:
    """Reads a dataset with axes of its own for rows, columns and spectral dimensions, in the order of the map."""

    rows: int | None
    """Axis of the rows; None for a map of one row."""
    columns: int | None
    spectral: tuple[int, ...]
    """Axes of the spectral dimensions, the slowest first."""

    def read(self, file: HDF5File, path: str, pixels: slice, points: slice) -> NDArray[Any]:
        """See ``PixelReader``."""
        shape = file.dataset(path).shape
        rows, columns = (1 if axis is None else shape[axis] for axis in (self.rows, self.columns))
        sizes = [shape[axis] for axis in self.spectral]
        start, stop, _ = pixels.indices(rows * columns)
        first_point, last_point, _ = points.indices(prod(sizes))
        stop, last_point = max(start, stop), max(first_point, last_point)
        selection = [slice(None)] * len(shape)
        first_row, last_row = start // columns, -(-stop // columns)
        first_column, last_column = 0, columns
        if last_row - first_row == 1:  # of a very long line, only the wanted part is read
            first_column, last_column = start - first_row * columns, stop - first_row * columns
        if self.rows is not None:
            selection[self.rows] = slice(first_row, last_row)
        if self.columns is not None:
            selection[self.columns] = slice(first_column, last_column)
        first_slow, inner = 0, prod(sizes[1:])
        if self.spectral:
            first_slow, last_slow = first_point // inner, -(-last_point // inner)
            selection[self.spectral[0]] = slice(first_slow, last_slow)
        values = as_read(file.values(path, tuple(selection), copies=2))
        order = [axis for axis in (self.rows, self.columns, *self.spectral) if axis is not None]
        order += [axis for axis in range(len(shape)) if axis not in order]  # those of size one
        skipped = 0 if last_row - first_row == 1 else start - first_row * columns
        flat = values.transpose(order)  # (rows, columns, spectral dimensions, axes of size one)
        width = prod(values.shape[axis] for axis in self.spectral)
        flat = flat.reshape((last_row - first_row) * (last_column - first_column), width)
        begin = first_point - first_slow * inner
        return np.ascontiguousarray(flat[skipped : skipped + stop - start, begin : begin + last_point - first_point])


def is_nsid(file: HDF5File, path: str) -> bool:
    """Return whether a dataset is a main dataset: it says so, or each of its axes has a scale; it is none itself."""
    with file.reading(path):
        data = file.handle[path]
        if data.attrs.get("CLASS") == b"DIMENSION_SCALE" or data.dtype.kind not in "iufcbV" or data.ndim == 0:
            return False
        return "main_data_name" in data.attrs or all(len(axis) > 0 for axis in data.dims)


def describe_nsid(file: HDF5File, path: str) -> MainDataset:
    """Describe a main dataset.

    Raises:
        DataError: if there is no such dataset, it is empty, it has more spatial dimensions than a map, or an axis does
            not match its scale.
    """
    data = file.dataset(path)
    if data.ndim == 0 or data.dtype.kind not in "iufcbV":
        raise DataError(f"{file.path}: {path} holds {data.dtype} of the shape {data.shape}; expected numbers")
    if 0 in data.shape:
        raise DataError(f"{file.path}: {path} has the shape {data.shape}: it is empty")
    axes = [_axis(file, data, number) for number in range(data.ndim)]
    spatial = [number for number, axis in enumerate(axes) if axis.kind == "SPATIAL"]
    varying = [number for number in spatial if axes[number].size > 1]
    named = [axes[number].name for number in spatial]
    changes = list(range(len(spatial)))  # rows first, as numpy has it, unless the names tell
    slow, fast = rows_and_columns(named, [spatial.index(number) for number in varying], changes)
    rows, columns = (None if place is None else spatial[place] for place in (slow, fast))
    if not set(varying) <= {rows, columns}:
        names = ", ".join(axes[number].name for number in varying)
        raise DataError(f"{file.path}: {path} has the spatial dimensions {names}; expected two at most")
    spectral = [number for number in range(data.ndim) if number not in spatial]
    sizes = [axes[number].size for number in spectral]
    indices = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=np.int64)
    spectroscopic = tuple(axes[number] for number in spectral)
    shape = tuple(1 if axis is None else data.shape[axis] for axis in (rows, columns))
    of_map = tuple(Dimension("", "", np.zeros(1)) if axis is None else axes[axis] for axis in (rows, columns))
    grid = PixelGrid((shape[0], shape[1]), np.arange(shape[0] * shape[1]), (of_map[0], of_map[1]))
    units = str(file.attribute(path, "units") or "")
    return MainDataset(
        file=file,
        path=path,
        format="NSID",
        shape=(grid.pixels, indices.shape[1]),
        dtype=read_type(data.dtype),
        quantity=str(file.attribute(path, "quantity") or ""),
        units=units if is_unit(units) else "",
        grid=grid,
        spectroscopic=spectroscopic,
        spectroscopic_indices=indices.astype(np.int64),
        spectroscopic_values=np.array(
            [axis.values[row] for axis, row in zip(spectroscopic, indices, strict=True)], dtype=np.float64
        ).reshape(indices.shape),
        reader=AxesReader(rows, columns, tuple(spectral)),
    )


def _axis(file: HDF5File, data: h5py.Dataset, number: int) -> Dimension:
    """Return what is known of one axis: its label, and the values, units and type of its scale."""
    with file.reading(f"axis {number} of {data.name}"):
        axis = data.dims[number]
        label, scale = str(axis.label), (axis[0].name if len(axis) else None)
    if scale is None:
        beside = f"{data.name.rpartition('/')[0]}/{label}"
        scale = beside if label and beside in file.datasets else None
    if scale is None:
        name = label or f"axis {number}"
        return Dimension(name, "", np.arange(float(data.shape[number])), kind=_kind(name, "", ""))
    values = file.values(scale, copies=SCALE_COPIES)
    if values.shape != (data.shape[number],) or values.dtype.kind not in "iufb":
        raise DataError(
            f"{file.path}: {scale} has the shape {values.shape} of {values.dtype}; expected {data.shape[number]} "
            f"numbers, as axis {number} of {data.name} has"
        )
    known = {key: str(file.attribute(scale, key) or "") for key in ("name", "units", "quantity", "dimension_type")}
    name = label or known["name"] or scale.rpartition("/")[2]
    unit = known["units"] if is_unit(known["units"]) else ""
    quantity = known["quantity"] if is_unit(known["quantity"]) else ""
    return Dimension(name, unit, values.astype(np.float64), quantity, _kind(name, unit, known["dimension_type"]))


def _kind(name: str, unit: str, declared: str) -> str:
    """Return the type of an axis as it is declared, such as SPECTRAL; where it is unknown, name and unit tell."""
    kind = declared.upper().rpartition(".")[2]
    if kind in {"SPATIAL", "SPECTRAL", "CHANNEL", "TEMPORAL", "RECIPROCAL", "FRAME", "TIME", "POINT_CLOUD"}:
        return kind
    is_place = re.match(r"(x|y|z|rows?|cols?|columns?)([^a-z]|$)", name.strip().lower()) is not None
    return "SPATIAL" if is_place and (not unit or unit_factor(unit, "µm") is not None) else "SPECTRAL"
