"""h5USID files (Universal Spectroscopic and Imaging Data): main datasets (positions, spectral points) and their tables.

Source: pycroscopy.github.io/USID; Somnath et al., arXiv:1903.09515.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.spectra.dimension import ANCILLARY, Dimension, dimensions_from
from remanence.data.spectra.hdf5_file import HDF5File
from remanence.data.spectra.main_dataset import MainDataset, as_read, read_type
from remanence.data.spectra.pixel_grid import HOLE, grid_of_positions
from remanence.errors import DataError

TABLE_COPIES = 10
"""Copies of a table of indices or values in memory: as read, in 64 bits, and sorted for its different values."""
AT_ONCE = 2**25
"""Bytes of neighbouring rows that are read at once although only some of them are wanted."""


@dataclass(frozen=True, eq=False)
class RowReader:
    """Reads a table whose rows are pixels, in the order of the map."""

    rows_of_file: NDArray[np.intp]
    """Row of the table at each place of the map, -1 where there is none."""

    def read(self, file: HDF5File, path: str, pixels: slice, points: slice) -> NDArray[Any]:
        """See ``PixelReader``."""
        rows = self.rows_of_file[pixels]
        known = np.flatnonzero(rows != HOLE)
        if not known.size:
            values = as_read(file.values(path, (slice(0, 0), points)))
            return _of_holes((len(rows), values.shape[1]), values.dtype)
        first, stop = int(rows[known].min()), int(rows[known].max()) + 1
        if len(known) == len(rows) == stop - first and (np.diff(rows) == 1).all():
            return as_read(file.values(path, (slice(first, stop), points)))
        runs = [slice(first, stop)]
        data = file.dataset(path)
        width = len(range(*points.indices(data.shape[1])))
        itemsize = data.dtype.itemsize
        check_fits(f"{file.path}: {path}, {len(rows)} of its pixels,", bytes_of((len(rows), width), 2 * itemsize))
        if (stop - first) * width * itemsize > AT_ONCE:  # the rows stand far apart, as those of a turned map do
            ordered = np.sort(rows[known])
            breaks = np.flatnonzero(np.diff(ordered) != 1) + 1
            runs = [slice(int(run[0]), int(run[-1]) + 1) for run in np.split(ordered, breaks)]
        out: NDArray[Any] | None = None
        for run in runs:
            values = as_read(file.values(path, (run, points)))
            if out is None:
                full = len(known) == len(rows)
                out = (
                    np.empty((len(rows), width), values.dtype) if full else _of_holes((len(rows), width), values.dtype)
                )
            wanted = known[(rows[known] >= run.start) & (rows[known] < run.stop)]
            out[wanted] = values[rows[wanted] - run.start]
        assert out is not None
        return out


def is_h5usid(file: HDF5File, path: str) -> bool:
    """Return whether a dataset is a main dataset: it is named Raw_Data, or refers to all four ancillary datasets."""
    with file.reading(path):
        attributes = file.handle[path].attrs
        return path.endswith("/Raw_Data") or all(name in attributes for name in ANCILLARY)


def describe_h5usid(file: HDF5File, path: str) -> MainDataset:
    """Describe a main dataset.

    Raises:
        DataError: if there is no such dataset, it is empty, or its shape does not match its ancillary datasets.
    """
    data = file.dataset(path)
    if data.ndim != 2:
        raise DataError(f"{file.path}: {path} has the shape {data.shape}; expected (positions, spectral points)")
    if data.dtype.kind not in "iufcbV":
        raise DataError(f"{file.path}: {path} holds {data.dtype}; expected numbers")
    for length, what in zip(data.shape, ("pixels", "spectral points"), strict=True):
        if length == 0 and not (file.is_viewer and what == "pixels"):  # a scan that grows has none at first
            raise DataError(f"{file.path}: {path} has 0 {what}: shape {data.shape}")
    grid = grid_of_positions(*_dimensions(file, data, "Position", axis=0))
    spectroscopic, indices, values = _dimensions(file, data, "Spectroscopic", axis=1)
    return MainDataset(
        file=file,
        path=path,
        format="h5USID",
        shape=(grid.pixels, data.shape[1]),
        dtype=read_type(data.dtype),
        quantity=str(file.attribute(path, "quantity") or ""),
        units=str(file.attribute(path, "units") or ""),
        grid=grid,
        spectroscopic=spectroscopic,
        spectroscopic_indices=indices,
        spectroscopic_values=values,
        reader=RowReader(grid.rows_of_file),
    )


def _dimensions(
    file: HDF5File, data: h5py.Dataset, kind: str, axis: int
) -> tuple[tuple[Dimension, ...], NDArray[np.int64], NDArray[np.float64]]:
    """Return the dimensions along one axis, and the tables of their indices and values, both (dimensions, points)."""
    found, tables = [], []
    for name in (f"{kind}_Indices", f"{kind}_Values"):
        table = _ancillary(file, data, name)
        planned = file.is_viewer and axis == 0 and table.ndim == 2 and table.shape[0] > data.shape[0]
        fits = table.ndim == 2 and (table.shape[axis] == data.shape[axis] or planned)  # the rows of a scan that grows
        if not fits or table.dtype.kind not in "iuf":
            have = f"{table.name} has the shape {table.shape}"
            raise DataError(f"{file.path}: {data.name} has the shape {data.shape}, but {have}; axis {axis} must match")
        file.check_written(table)
        values = file.values(table.name, copies=TABLE_COPIES)
        found.append(table)
        tables.append(values.T if axis == 0 else values)
    names = _texts(file, found, "labels")
    units = _texts(file, found, "units", missing=[""] * len(names))
    if not len(tables[0]) == len(tables[1]) == len(names) == len(units):
        counts = f"{len(tables[0])} rows of indices, {len(tables[1])} of values, {len(names)} labels"
        raise DataError(f"{file.path}: {found[1].name}: {counts}, {len(units)} units; expected as many of each")
    indices, values = tables[0].astype(np.int64), tables[1].astype(np.float64)
    return dimensions_from(names, units, indices, values), indices, values


def _texts(file: HDF5File, tables: list[h5py.Dataset], attribute: str, missing: list[str] | None = None) -> list[str]:
    """Return the texts of an attribute of the values, or of the indices where only those have it."""
    for table in reversed(tables):
        with file.reading(f"attribute {attribute} of {table.name}"):
            is_there = attribute in table.attrs
        if is_there:
            return file.texts(table, attribute)
    return file.texts(tables[1], attribute) if missing is None else missing


def _ancillary(file: HDF5File, data: h5py.Dataset, name: str) -> h5py.Dataset:
    """Find an ancillary dataset: by the reference in an attribute, else beside the data or in a parent group."""
    with file.reading(f"attribute {name} of {data.name}"):
        reference = data.attrs.get(name)
        target = file.handle[reference].name if isinstance(reference, h5py.Reference) else ""
    if target is None:
        raise DataError(f"{file.path}: attribute {name} of {data.name} refers to a dataset that is gone")
    if target:
        return file.dataset(target)
    candidates = [str(group / name) for group in PurePosixPath(data.name).parents]
    return file.dataset(next((path for path in candidates if path in file.datasets), candidates[0]))


def _of_holes(shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return values of nothing but NaN, in a type that has it, for records in each of their fields."""
    if dtype.names:
        out = np.zeros(shape, dtype=dtype)
        for name in dtype.names:
            if dtype[name].kind in "fc":
                out[name] = np.nan
        return out
    return np.full(shape, np.nan, dtype=dtype if dtype.kind in "fc" else np.float64)
