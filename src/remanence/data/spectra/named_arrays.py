"""The arrays of numbers in an .npy, .npz or .mat file, by their names."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.array_file import load_array, member
from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.spectra.hdf5_file import HDF5File
from remanence.data.spectra.main_dataset import as_read
from remanence.errors import DataError, UserError
from remanence.foundation.first_line import first_line

Arrays = dict[str, NDArray[Any]]
ENDINGS = (".npy", ".npz", ".mat")


def read_arrays(path: Path) -> Arrays:
    """Return every array of numbers in a file; records of a real and an imaginary part are complex numbers.

    Raises:
        DataError: if the file is missing, damaged, larger than the free memory, or holds no array of numbers.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        arrays = {".npy": _of_npy, ".npz": _of_npz, ".mat": _of_matlab}[path.suffix.lower()](path)
    except UserError:
        raise
    except Exception as error:  # numpy, zipfile and scipy raise whatever they meet in a damaged file
        raise DataError(f"{path}: cannot be read as {path.suffix}: {first_line(error)}") from error
    found = {name: as_read(values) for name, values in arrays.items()}
    found = {name: values for name, values in found.items() if values.dtype.kind in "iufc" and values.size}
    if not found:
        raise DataError(f"{path}: holds no array of numbers; it has: {', '.join(arrays) or 'nothing'}")
    return found


def _of_npy(path: Path) -> Arrays:
    with open(path, "rb") as file:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        _, _, dtype = header(file)
    if dtype.kind in "cV":
        values = np.load(path, mmap_mode="r", allow_pickle=False)
        check_fits(f"{path}: shape {values.shape} of {values.dtype},", values.nbytes)
        return {path.stem: np.array(values)}
    return {path.stem: load_array(path)}


def _of_npz(path: Path) -> Arrays:
    with zipfile.ZipFile(path):  # says of a file that is none what it is
        pass
    with np.load(path, allow_pickle=False) as archive:
        return {name: member(archive, name, path) for name in archive.files}


def _of_matlab(path: Path) -> Arrays:
    """Return the arrays of a MATLAB file; since version 7.3 it is an HDF5 file with the axes in reverse."""
    from scipy.io import loadmat, whosmat

    try:
        declared = whosmat(path)
    except NotImplementedError:  # HDF5
        file = HDF5File(path)
        return {name[1:]: as_read(file.values(name, copies=2)).T for name in file.datasets if "/#" not in name}
    for name, shape, _ in declared:
        check_fits(f"{path}: {name}, shape {shape},", bytes_of(shape, 16))
    read = loadmat(path, variable_names=[name for name, _, _ in declared])
    return {name: read[name] for name, _, _ in declared if isinstance(read.get(name), np.ndarray)}
