"""What arrays in .npy, .npz and .mat files could be: spectra of pixels, and the axis beside them."""

import shlex
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from remanence.data.spectra.array_axes import steps_axis
from remanence.data.spectra.sho_results import CONTACT_KELVIN_PROBE
from remanence.errors import DataError
from remanence.foundation.first_line import first_line

Header = tuple[str, tuple[int, ...], str]
"""Name, shape and type of an array."""


@dataclass(frozen=True)
class _Array:
    name: str
    shape: tuple[int, ...]
    kind: str

    @property
    def is_axis(self) -> bool:
        """Whether it is a row or a column of numbers; MATLAB knows no other vectors."""
        return sum(size > 1 for size in self.shape) == 1


def described_arrays(path: Path) -> Iterator[str]:
    """Yield a line for each array, what it looks like, and the command that trains on it.

    Raises:
        DataError: if the file cannot be read, or holds no array.
    """
    try:
        arrays = [_Array(*each) for each in READERS[path.suffix.lower()](path)]
    except Exception as error:  # numpy, zipfile and scipy raise whatever they meet in a damaged file
        raise DataError(f"{path}: cannot be read as {path.suffix}: {first_line(error)}") from error
    if not arrays:
        raise DataError(f"{path}: holds no array")
    yield f"{path}: {len(arrays)} array{'s' if len(arrays) > 1 else ''}"
    for each in arrays:
        yield f"  {each.name:13} {' x '.join(map(str, each.shape))} {each.kind}"
    if {each.name for each in arrays} >= CONTACT_KELVIN_PROBE:
        yield "  looks like   fits of a contact Kelvin probe scan (cKPFM), a loop for each read bias"
        yield f"  train        remanence train experiment=beps/loops {shlex.quote(f'data.path={path}')}"
        return
    spectra = [each for each in arrays if len(each.shape) > 1 and not each.is_axis]
    if not spectra:
        yield "  looks like   no spectra of pixels: expected an array (pixels, points) or (rows, columns, points)"
        return
    yield from _looks_like(path, spectra, arrays)


def _looks_like(path: Path, spectra: Sequence[_Array], arrays: Sequence[_Array]) -> Iterator[str]:
    shape = max(spectra, key=lambda each: prod(each.shape)).shape
    lengths = {each.name: max(each.shape) for each in arrays if each.is_axis}
    axes = [name for name, length in lengths.items() if length in shape]
    try:
        _, role = steps_axis(shape, lengths[axes[0]] if axes else None, str(path))
    except DataError as error:
        yield f"  looks like   no spectra of pixels: {error}"
        return
    sizes = dict(zip(role.split(", "), shape, strict=True))
    pixels = f"{sizes['rows']} x {sizes['columns']} pixels" if "rows" in sizes else f"{sizes['pixels']} pixels"
    channels = f", {sizes['channels']} channels" if "channels" in sizes else ""
    along = f" along {axes[0]}" if axes else "; no axis is in the file"
    yield f"  looks like   {pixels} of {sizes['steps']} points{along}{channels}"
    keys = [f"data.path={path}", *([f"data.axis={axes[0]}"] if len(axes) > 1 else [])]
    yield f"  train        remanence train experiment=spectra/own {shlex.join(keys)}"
    yield "               experiment=beps/loops reads them as loops of a bias"
    if not axes:
        yield "               data.axis may be a file with the values of the axis, or its first and last value"
    if len(axes) > 1:
        yield f"               data.axis is one of {', '.join(axes)}; what is along another axis is a channel"


def _of_numpy(path: Path) -> Iterator[Header]:
    """Yield what the headers of an .npy or .npz file say."""
    if path.suffix.lower() == ".npy":
        values = np.load(path, mmap_mode="r", allow_pickle=False)
        yield path.stem, values.shape, str(values.dtype)
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                reader = {1: npy.read_array_header_1_0, 2: npy.read_array_header_2_0}[npy.read_magic(member)[0]]
                shape, _, dtype = reader(member)
            yield (
                name.removesuffix(".npy"),
                shape,
                str(dtype) if not dtype.names else f"records of {', '.join(dtype.names)}",
            )


def _of_matlab(path: Path) -> Iterator[Header]:
    from scipy.io import whosmat

    yield from whosmat(path)


READERS: dict[str, Callable[[Path], Iterator[Header]]] = {".npy": _of_numpy, ".npz": _of_numpy, ".mat": _of_matlab}
ARRAYS = tuple(READERS)
"""Endings of the files."""
