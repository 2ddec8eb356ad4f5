"""A dataset of spectra of pixels, described without reading it, whatever the format of its file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.hdf5_file import HDF5File, shortened
from remanence.data.spectra.pixel_grid import PixelGrid
from remanence.errors import DataError


class PixelReader(Protocol):
    """How a format keeps the spectra of pixels."""

    def read(self, file: HDF5File, path: str, pixels: slice, points: slice) -> NDArray[Any]:
        """Read a slice of the pixels in map order and of the spectral points, shape (pixels, points)."""


@dataclass(frozen=True, eq=False)
class MainDataset:
    """A dataset of shape (pixels, spectral points), and the meaning of its pixels and points; it can be pickled.

    Pixels stand in the order of the map, row by row, whatever their order in the file.
    """

    file: HDF5File
    path: str
    format: str
    """h5USID or NSID."""
    shape: tuple[int, int]
    """Pixels, holes of the map included, and spectral points."""
    dtype: np.dtype[Any]
    """Type of the values as they are read: records of real and imaginary parts are read as complex numbers."""
    quantity: str
    units: str
    grid: PixelGrid
    spectroscopic: tuple[Dimension, ...]
    spectroscopic_indices: NDArray[np.int64]
    """Index of each spectral point along each spectroscopic dimension, shape (dimensions, spectral points)."""
    spectroscopic_values: NDArray[np.float64]
    """Value of each spectroscopic dimension at each spectral point, shape (dimensions, spectral points)."""
    reader: PixelReader

    @property
    def where(self) -> str:
        """File and path, as error messages begin."""
        return f"{self.file.path}: {self.path}"

    def read(self, pixels: slice = slice(None), points: slice = slice(None)) -> NDArray[Any]:
        """Read pixels in map order and a range of spectral points, shape (pixels, points); NaN at holes of the map."""
        return self.reader.read(self.file, self.path, pixels, points)

    def dimension(self, name: str) -> Dimension | None:
        """Return the spectroscopic dimension ``name``, or None if there is no such dimension."""
        return next((dimension for dimension in self.spectroscopic if dimension.name == name), None)

    def indices(self, name: str) -> NDArray[np.int64]:
        """Return the index of each spectral point along a spectroscopic dimension, counted from 0.

        Raises:
            DataError: if there is no dimension of that name.
        """
        return np.unique(self.spectroscopic_indices[self._number(name)], return_inverse=True)[1]

    def values(self, name: str) -> NDArray[np.float64]:
        """Return the value of a spectroscopic dimension at each spectral point; raises as ``indices`` does.

        They are those of the file's own table: one index may have another value in each cycle.
        """
        values: NDArray[np.float64] = self.spectroscopic_values[self._number(name)]
        return values

    def renamed(self, names: Mapping[str, str]) -> "MainDataset":
        """Return the dataset with other names of spectroscopic dimensions.

        Args:
            names: name that is wanted to the name in the file, such as ``{"DC_Offset": "Bias"}``. A dimension that has
                the wanted name already keeps it with ``_`` behind.

        Raises:
            DataError: if the file has no dimension of that name.
        """
        for wanted, given in names.items():
            if self.dimension(given) is None:
                reversed_ = f"; write data.names={{{given}: {wanted}}}" if self.dimension(wanted) else ""
                raise DataError(
                    f"{self.where}: data.names: it has no dimension '{given}' to be {wanted}; it has: "
                    f"{self._names()}{reversed_}"
                )
        new = {given: wanted for wanted, given in names.items()}
        kept = {name: f"{name}_" for name in names if name not in new}
        renamed = [
            replace(known, name=new.get(known.name) or kept.get(known.name) or known.name)
            for known in self.spectroscopic
        ]
        return replace(self, spectroscopic=tuple(renamed))

    def with_units(self, units: Mapping[str, str]) -> "MainDataset":
        """Return the dataset with other units of spectroscopic dimensions, or of the values, called ``signal``.

        Raises:
            DataError: if the file has no dimension of that name.
        """
        for name in units:
            if name != "signal" and self.dimension(name) is None:
                raise DataError(f"{self.where}: data.units: it has no dimension '{name}'; it has: {self._names()}")
        changed = tuple(replace(known, unit=units.get(known.name, known.unit)) for known in self.spectroscopic)
        return replace(self, spectroscopic=changed, units=units.get("signal", self.units))

    def _number(self, name: str) -> int:
        names = [dimension.name for dimension in self.spectroscopic]
        if name not in names:
            raise DataError(f"{self.where} has no dimension '{name}'; it has: {shortened(names)}")
        return names.index(name)

    def _names(self) -> str:
        return shortened([dimension.name for dimension in self.spectroscopic])


PARTS = ({"real", "imag"}, {"re", "im"}, {"r", "i"})
"""Names of the fields of records that are complex numbers, in small letters."""


def read_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that values are read as: complex for records of a real and an imaginary part.

    >>> str(read_type(np.dtype([("Real", np.float32), ("Imag", np.float32)])))
    'complex64'
    """
    if not _is_complex_record(dtype):
        return dtype
    return np.result_type(*(dtype[name] for name in dtype.names or ()), np.complex64)


def as_read(values: NDArray[Any]) -> NDArray[Any]:
    """Return values in the type of ``read_type``."""
    if not _is_complex_record(values.dtype):
        return values
    real, imag = sorted(values.dtype.names or (), key=lambda name: "ri".index(name[0].lower()))
    out = np.empty(values.shape, dtype=read_type(values.dtype))
    out.real, out.imag = values[real], values[imag]
    return out


def _is_complex_record(dtype: np.dtype[Any]) -> bool:
    names = dtype.names or ()
    return {name.lower() for name in names} in PARTS and all(dtype[name].kind in "iuf" for name in names)
