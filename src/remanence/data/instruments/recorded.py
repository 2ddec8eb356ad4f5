"""One quantity that an instrument recorded, and the axes of its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.spectra.nsid_writer import Axis
from remanence.errors import DataError


@dataclass(frozen=True, eq=False)
class Recorded:
    """One channel of a file."""

    name: str
    values: NDArray[Any]
    """Shape: the sizes of the axes; NaN where nothing was recorded."""
    axes: Sequence[Axis]
    """Axes of the values, rows of the map first."""
    units: str = ""

    @property
    def missing(self) -> int:
        """Number of values that were never recorded."""
        return int(np.isnan(self.values).sum()) if self.values.dtype.kind in "fc" else 0


def numbers(path: Path, start: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Read big-endian numbers of 32 bits, shape ``shape``, from a place of a file; what the file lacks is NaN.

    Raises:
        DataError: if the file holds none of them, or declares more than there is memory for.
    """
    size = int(np.prod(shape, dtype=np.int64))
    check_fits(f"{path}: values of shape {shape}", bytes_of(shape, 4) * 2)
    found = np.fromfile(path, dtype=">f4", count=size, offset=start)
    if not found.size:
        raise DataError(f"{path}: its header declares values of shape {shape}, and none follows")
    values = np.full(size, np.nan, dtype=np.float32)
    values[: found.size] = found
    return values.reshape(shape)


def axis_of_map(name: str, size: int, extent: float, centre: float = 0.0) -> Axis:
    """Return the axis of ``size`` pixels that fill ``extent`` (m); each value is the middle of a pixel."""
    return Axis(name, centre + ((np.arange(size) + 0.5) / size - 0.5) * extent, "m", "Length", "SPATIAL")


def quantity_and_unit(label: str) -> tuple[str, str]:
    """Split a label such as ``Current [bwd] (A)``.

    >>> quantity_and_unit("Current [bwd] (A)")
    ('Current [bwd]', 'A')
    """
    name, bracket, unit = label.strip().rpartition("(")
    return (name.strip(), unit.rstrip(") ").strip()) if bracket and name else (label.strip(), "")
