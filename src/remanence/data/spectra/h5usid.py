"""h5USID files: main datasets (positions, spectral points), described without reading their spectra."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.dimension import ANCILLARY, Dimension, dimensions_from
from remanence.data.spectra.hdf5_file import HDF5File, shortened
from remanence.errors import DataError

TABLE_COPIES = 10
"""Copies of a table of indices or values in memory: as read, in 64 bits, and sorted for its different values."""


@dataclass(frozen=True, eq=False)
class MainDataset:
    """A dataset of shape (positions, spectral points), and the meaning of its rows and columns."""

    file: "H5UsidFile"
    path: str
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    quantity: str
    units: str
    positions: tuple[Dimension, ...]
    position_indices: NDArray[np.int64]
    """Index of each position along each position dimension, shape (dimensions, positions)."""
    spectroscopic: tuple[Dimension, ...]
    spectroscopic_indices: NDArray[np.int64]
    """Index of each spectral point along each spectroscopic dimension, shape (dimensions, spectral points)."""

    def read(self, positions: slice = slice(None), points: slice = slice(None)) -> NDArray[Any]:
        """Read a slice of the rows and columns, shape (positions, spectral points)."""
        return self.file.values(self.path, (positions, points))

    def dimension(self, name: str) -> Dimension | None:
        """Return the spectroscopic dimension ``name``, or None if there is no such dimension."""
        return next((dimension for dimension in self.spectroscopic if dimension.name == name), None)

    def indices(self, name: str) -> NDArray[np.int64]:
        """Return the index of each spectral point along a spectroscopic dimension, counted from 0.

        Raises:
            DataError: if there is no dimension of that name.
        """
        names = [dimension.name for dimension in self.spectroscopic]
        if name not in names:
            raise DataError(f"{self.file.path}: {self.path} has no dimension '{name}'; it has: {shortened(names)}")
        return np.unique(self.spectroscopic_indices[names.index(name)], return_inverse=True)[1]

    def values(self, name: str) -> NDArray[np.float64]:
        """Return the value of a spectroscopic dimension at each spectral point; raises as ``indices`` does."""
        indices = self.indices(name)
        dimension = self.dimension(name)
        assert dimension is not None
        return dimension.values[indices]


class H5UsidFile(HDF5File):
    """A file in the h5USID layout (Universal Spectroscopic and Imaging Data).

    Source: pycroscopy.github.io/USID; Somnath et al., arXiv:1903.09515.
    """

    @property
    def main_datasets(self) -> list[str]:
        """Paths of the datasets that are named Raw_Data or refer to all four ancillary datasets; Raw_Data is first."""
        found = [path for path in self.datasets if self._is_main(path)]
        return sorted(found, key=lambda path: not path.endswith("/Raw_Data"))

    def main(
        self,
        path: str | None = None,
        *,
        measurement: str | None = None,
        channel: str | None = None,
        preferred: Callable[[MainDataset], bool] = lambda main: True,
    ) -> MainDataset:
        """Describe one main dataset.

        Args:
            path: path of the dataset; None searches for one.
            measurement: measurement to search in, such as ``Measurement_000``; None searches in all.
            channel: channel to search in, such as ``Channel_000``; None searches in all.
            preferred: function that accepts or rejects a dataset; the first accepted dataset is taken, else the first.

        Raises:
            DataError: if there is no such dataset, it is empty, or its shape does not match its ancillary datasets.
        """
        if path is not None:
            return self._describe(path)
        groups = {group for group in (measurement, channel) if group is not None}
        found = [path for path in self.main_datasets if groups <= set(path.split("/")[:-1])]
        if not found:
            wanted = f"/{measurement or 'Measurement_*'}/{channel or 'Channel_*'}/Raw_Data"
            have = shortened(self.main_datasets or self.datasets)
            raise DataError(f"{self.path}: no main dataset {wanted}; the file has: {have}")
        first = self._describe(found[0])
        if preferred(first):
            return first
        return next(filter(preferred, map(self._describe, found[1:])), first)

    def check_written(self, data: h5py.Dataset) -> None:
        """Raise DataError for a dataset of which only the shape was written: all its values would be zero."""
        with self.reading(data.name):
            is_written = data.id.get_storage_size() > 0
        if not is_written:
            raise DataError(f"{self.path}: {data.name} declares the shape {data.shape}, but no value was ever written")

    def _is_main(self, path: str) -> bool:
        with self.reading(path):
            attributes = self.handle[path].attrs
            return path.endswith("/Raw_Data") or all(name in attributes for name in ANCILLARY)

    def _describe(self, path: str) -> MainDataset:
        data = self.dataset(path)
        if data.ndim != 2:
            raise DataError(f"{self.path}: {path} has the shape {data.shape}; expected (positions, spectral points)")
        if data.dtype.kind not in "iufcbV":
            raise DataError(f"{self.path}: {path} holds {data.dtype}; expected numbers")
        for length, what in zip(data.shape, ("pixels", "spectral points"), strict=True):
            if length == 0:
                raise DataError(f"{self.path}: {path} has 0 {what}: shape {data.shape}")
        positions, position_indices = self._dimensions(data, "Position", axis=0)
        spectroscopic, spectroscopic_indices = self._dimensions(data, "Spectroscopic", axis=1)
        return MainDataset(
            file=self,
            path=path,
            shape=data.shape,
            dtype=data.dtype,
            quantity=str(self.attribute(path, "quantity") or ""),
            units=str(self.attribute(path, "units") or ""),
            positions=positions,
            position_indices=position_indices,
            spectroscopic=spectroscopic,
            spectroscopic_indices=spectroscopic_indices,
        )

    def _dimensions(self, data: h5py.Dataset, kind: str, axis: int) -> tuple[tuple[Dimension, ...], NDArray[np.int64]]:
        """Return the dimensions along one axis, and the table of their indices, shape (dimensions, points)."""
        tables = []
        for name in (f"{kind}_Indices", f"{kind}_Values"):
            table = self._ancillary(data, name)
            if table.ndim != 2 or table.shape[axis] != data.shape[axis] or table.dtype.kind not in "iuf":
                have = f"{table.name} has the shape {table.shape}"
                raise DataError(
                    f"{self.path}: {data.name} has the shape {data.shape}, but {have}; axis {axis} must match"
                )
            self.check_written(table)
            values = self.values(table.name, copies=TABLE_COPIES)
            tables.append(values.T if axis == 0 else values)
        names, units = self.texts(table, "labels"), self.texts(table, "units")
        if not len(tables[0]) == len(tables[1]) == len(names) == len(units):
            counts = f"{len(tables[0])} rows of indices, {len(tables[1])} of values, {len(names)} labels"
            raise DataError(f"{self.path}: {table.name}: {counts}, {len(units)} units; expected as many of each")
        indices = tables[0].astype(np.int64)
        return dimensions_from(names, units, indices, tables[1].astype(np.float64)), indices

    def _ancillary(self, data: h5py.Dataset, name: str) -> h5py.Dataset:
        """Find an ancillary dataset: by the reference in an attribute, else beside the data or in a parent group."""
        with self.reading(f"attribute {name} of {data.name}"):
            reference = data.attrs.get(name)
            target = self.handle[reference].name if isinstance(reference, h5py.Reference) else ""
        if target is None:
            raise DataError(f"{self.path}: attribute {name} of {data.name} refers to a dataset that is gone")
        if target:
            return self.dataset(target)
        candidates = [str(group / name) for group in PurePosixPath(data.name).parents]
        return self.dataset(next((path for path in candidates if path in self.datasets), candidates[0]))
