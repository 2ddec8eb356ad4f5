"""Files of arrays: .npy, .npz and HDF5."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from remanence.data.declared_size import check_fits
from remanence.errors import DataError, UserError
from remanence.foundation.first_line import first_line


def load_array(path: Path) -> NDArray[Any]:
    """Read the numbers of an .npy file.

    Raises:
        DataError: if the file is missing, is cut off, or holds anything but real numbers. Pickled objects are not read.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # its header is checked against the size of the file
    except Exception as error:  # numpy passes on what its header, zip and disk readers raise
        raise DataError(f"{path}: is not a whole .npy file of numbers: {first_line(error)}") from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path}: is not an .npy file but an archive of arrays")
    if array.dtype.kind not in "iuf":
        raise DataError(f"{path}: holds {array.dtype}; expected real numbers")
    check_fits(f"{path}: shape {array.shape} of {array.dtype},", array.nbytes)
    return np.array(array)


def member(archive: NpzFile, name: str, path: Path) -> NDArray[Any]:
    """Read one array of an .npz file.

    Raises:
        DataError: if the array would be larger than the free memory when it is unpacked.
        KeyError: if there is no array of that name.
    """
    assert archive.zip is not None  # it is open
    sizes = {packed.filename.removesuffix(".npy"): packed.file_size for packed in archive.zip.infolist()}
    check_fits(f"{path}: {name}", sizes.get(name, 0))
    values: NDArray[Any] = archive[name]
    return values


def array_names(path: Path) -> set[str]:
    """Return the names of the arrays in an .npz file.

    Raises:
        DataError: if the file is missing or not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as .npz: {first_line(error)}") from error


@dataclass(frozen=True)
class ArraySummary:
    """One array of a file."""

    name: str
    shape: tuple[int, ...]
    kind: str
    """Type of the numbers; for an array of records, the names of its fields."""
    span: str
    """Smallest and largest finite value; empty for records, complex numbers and texts."""

    @classmethod
    def of(cls, name: str, values: NDArray[Any]) -> Self:
        """Summarise ``values``."""
        kind = ", ".join(values.dtype.names) if values.dtype.names else str(values.dtype)
        finite = values[np.isfinite(values)] if values.dtype.kind in "iuf" else values[:0]
        return cls(name, values.shape, kind, f"{finite.min():.4g} to {finite.max():.4g}" if finite.size else "")


def summarise_arrays(path: Path) -> list[ArraySummary]:
    """Return a summary of every array in an .npy, .npz or HDF5 file.

    Raises:
        DataError: if the file cannot be read.
    """
    try:
        return [ArraySummary.of(name, values) for name, values in _arrays(path)]
    except UserError:
        raise
    except Exception as error:  # numpy and h5py pass on what their header, zip and disk readers raise
        raise DataError(f"{path}: cannot be read: {first_line(error)}") from error


def _arrays(path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    if path.suffix == ".npy":
        yield path.stem, load_array(path)
    elif path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            for name in archive.files:
                yield name, member(archive, name, path)
    else:
        from remanence.data.spectra.hdf5_file import HDF5File

        file = HDF5File(path)
        for name in file.datasets:
            yield name, file.values(name, copies=2)
