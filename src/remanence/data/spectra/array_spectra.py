"""Spectra of pixels in arrays: which axis of an array is what, and where the values of the axis stand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.array_axes import steps_axis
from remanence.data.spectra.named_arrays import ENDINGS, Arrays, read_arrays
from remanence.data.spectra.pixel_spectra import PixelSpectra, real_channels
from remanence.errors import DataError
from remanence.foundation.first_line import first_line

Axis = str | Sequence[float] | None


def spectra_of_arrays(
    path: Path, *, axis: Axis = None, channels: Sequence[str] | None = None, shape: tuple[int, int] | None = None
) -> PixelSpectra:
    """Read spectra from an .npy, .npz or .mat file.

    Args:
        path: path of the file.
        axis: name of the array with the axis, path of a file with it, its first and last value, or all its values;
            None takes the one array of one axis whose length fits, or else counts the steps.
        channels: names of the arrays that are the channels, or of the channels of the only array; None takes all
            arrays that have the shape of the largest.
        shape: rows and columns of the map, for arrays (pixels, steps).

    Raises:
        DataError: if there are no such arrays, or their shapes do not fit together.
    """
    arrays, said = read_arrays(path), []
    chosen, labels = _chosen(arrays, channels, path)
    given = _given_axis(axis, arrays, path)
    if given is None:
        beside = {name: values.ravel() for name, values in arrays.items() if name not in chosen and _is_vector(values)}
        fitting = [name for name, values in beside.items() if values.size in arrays[chosen[0]].shape]
        if len(fitting) > 1:
            raise DataError(f"{path}: data.axis: {', '.join(fitting)} could be the axis; name one")
        given = (fitting[0], beside[fitting[0]]) if fitting else None
    where = f"{path}: {', '.join(chosen)}"
    sizes = arrays[chosen[0]].shape
    steps, role = steps_axis(sizes, None if given is None else given[1].size, where)
    stacked = np.stack([_arranged(arrays[name], steps, role) for name in chosen], axis=-2)  # (…, steps, arrays, inner)
    pixels, number = stacked.shape[:-3], stacked.shape[-3]
    values = stacked.reshape(-1, number, stacked.shape[-2] * stacked.shape[-1])
    if labels is None or len(labels) != values.shape[2]:
        if labels is not None:
            raise DataError(f"{where}: data.channels has {len(labels)} names, the array has {values.shape[2]} channels")
        labels = _labels(chosen, stacked.shape[-1])
    if given is None:
        values_of_axis, name = np.arange(float(number)), "step"
        said.append(f"no axis is given: steps are counted from 0 to {number - 1}; data.axis= gives their values")
    else:
        name, values_of_axis = given[0], _axis_values(given[1], number, path)
    said.append(f"{' x '.join(map(str, sizes))} is read as ({role})")
    grid = shape or ((int(pixels[0]), int(pixels[1])) if len(pixels) == 2 else (1, len(values)))
    if grid[0] * grid[1] != len(values):
        raise DataError(f"{where}: data.shape is {grid[0]} x {grid[1]}, but there are {len(values)} pixels")
    if grid[0] == 1 and shape is None:
        said.append(f"the {len(values)} pixels are one line; data.shape=[rows,columns] makes them a map")
    real, names = real_channels(values, labels)
    return PixelSpectra(real, values_of_axis, name, "", names, grid, None, tuple(said))


def _chosen(arrays: Arrays, channels: Sequence[str] | None, path: Path) -> tuple[list[str], list[str] | None]:
    """Return the names of the arrays to read, and the names of the channels if the user gave them."""
    spectra = {name: values for name, values in arrays.items() if values.ndim > 1 and not _is_vector(values)}
    if channels and set(channels) <= set(arrays):
        chosen = list(channels)
        shapes = {arrays[name].shape for name in chosen}
        if len(shapes) > 1 or arrays[chosen[0]].ndim < 2:
            raise DataError(f"{path}: data.channels: the arrays have the shapes {', '.join(map(str, shapes))}")
        return chosen, None
    if not spectra:
        have = ", ".join(f"{name} {values.shape}" for name, values in arrays.items())
        raise DataError(f"{path}: holds {have}; expected spectra (pixels, steps) or (rows, columns, steps)")
    largest = max(spectra.values(), key=lambda values: values.size).shape
    chosen = [name for name, values in spectra.items() if values.shape == largest]
    if channels and len(chosen) > 1 and len(channels) != len(chosen):
        raise DataError(f"{path}: data.channels: no arrays {', '.join(channels)}; it has: {', '.join(arrays)}")
    return chosen, None if channels is None else list(channels)


def _given_axis(axis: Axis, arrays: Arrays, path: Path) -> tuple[str, NDArray[Any]] | None:
    if axis is None:
        return None
    if not isinstance(axis, str):
        return "axis", np.asarray(axis, dtype=np.float64)
    if axis in arrays:
        return axis, arrays[axis].ravel()
    file = Path(axis) if Path(axis).is_file() else path.parent / axis
    if file.suffix.lower() in ENDINGS:
        read = {name: values for name, values in read_arrays(file).items() if _is_vector(values) or values.ndim == 1}
        if len(read) != 1:
            raise DataError(f"{file}: data.axis: holds {', '.join(read) or 'no row of numbers'}; expected one axis")
        ((name, values),) = read.items()
        return name, values.ravel()
    if file.is_file():
        try:
            return file.stem, np.loadtxt(file, ndmin=1).ravel()
        except (ValueError, OSError) as error:
            raise DataError(f"{file}: data.axis: cannot be read as a row of numbers: {first_line(error)}") from error
    raise DataError(f"{path}: data.axis: no array or file '{axis}'; the arrays are: {', '.join(arrays)}")


def _axis_values(values: NDArray[Any], number: int, path: Path) -> NDArray[np.float64]:
    if values.size == 2 < number:
        values = np.linspace(float(values[0]), float(values[1]), number)
    if values.size != number:
        raise DataError(f"{path}: data.axis has {values.size} values, the spectra have {number} steps")
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise DataError(f"{path}: data.axis: expected finite real numbers")
    return values.astype(np.float64)


def _arranged(values: NDArray[Any], steps: int, role: str) -> NDArray[Any]:
    """Return an array as (pixels, steps, channels) or (rows, columns, steps, channels)."""
    names = role.split(", ")
    order = [names.index(name) for name in ("pixels", "rows", "columns", "steps", "channels") if name in names]
    arranged = values.transpose(order)
    return arranged if "channels" in names else arranged[..., None]


def _labels(chosen: Sequence[str], inner: int) -> list[str]:
    return [name if inner == 1 else f"{name} {number + 1}" for name in chosen for number in range(inner)]


def _is_vector(values: NDArray[Any]) -> bool:
    """Return whether an array is a row or a column of numbers; MATLAB knows no other vectors."""
    return bool(sum(size > 1 for size in values.shape) == 1)
