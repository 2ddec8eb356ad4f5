"""Spectra of pixels as a file holds them: values, axis, channels and map, before anything is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.measurement import Scene


@dataclass(frozen=True, eq=False)
class PixelSpectra:
    """Spectra of pixels in the order of the map, row by row."""

    values: NDArray[Any]
    """Shape (pixels, steps, channels); NaN where nothing was measured."""
    axis: NDArray[np.float64]
    """Value of each step, shape (steps,)."""
    axis_name: str
    axis_unit: str
    channels: tuple[str, ...]
    """Name and unit of each channel, such as ``current (nA)``."""
    shape: tuple[int, int]
    """Rows and columns of the map; one row where no map is known."""
    side: float | None = None
    """Width of the map, µm; None if it is not known."""
    said: tuple[str, ...] = ()
    """What was guessed or left out, a line for each."""
    axes: tuple[Dimension, Dimension] | None = None
    """Coordinates of rows and columns; None if the file has none."""

    @property
    def axis_label(self) -> str:
        """Name and unit of the axis."""
        return labelled(self.axis_name, self.axis_unit)

    def scene(self, side: float | None = None) -> Scene:
        """Return the map of all pixels; ``side`` is its width in µm, if the user knows better than the file."""
        return Scene("map", np.arange(len(self.values)), self.shape, side or self.side, None if side else self.axes)


def labelled(name: str, unit: str) -> str:
    """Return a name with its unit behind it, unless the name has it already or there is none.

    >>> labelled("current", "nA"), labelled("bias (V)", "V"), labelled("counts", "")
    ('current (nA)', 'bias (V)', 'counts')
    """
    return name if not unit or name.endswith(")") else f"{name} ({unit})"


def real_channels(values: NDArray[Any], channels: Sequence[str]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return values (..., channels) as real numbers; a complex channel becomes its real and its imaginary part."""
    if values.dtype.kind != "c":
        return values.astype(np.float64, copy=False), tuple(channels)
    parts = np.stack([values.real, values.imag], axis=-1).reshape(*values.shape[:-1], -1).astype(np.float64)
    return parts, tuple(f"{part} part of {channel}" for channel in channels for part in ("real", "imaginary"))
