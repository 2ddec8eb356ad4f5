"""A dataset of a map whose pixels are written and read by their numbers, row by row."""

from collections.abc import Iterator
from typing import Any, Protocol

import h5py
import numpy as np
from numpy.typing import NDArray


class Pixelwise(Protocol):
    """What is written and read by slices of the pixels; an HDF5 dataset whose first axis is the pixel is that, too."""

    def __getitem__(self, pixels: slice, /) -> NDArray[Any]:
        """Return the values of a slice of the pixels, shape (pixels, …)."""

    def __setitem__(self, pixels: slice, values: NDArray[Any], /) -> None:
        """Write the values of a slice of the pixels, shape (pixels, …)."""


class PixelDataset:
    """A dataset (rows, columns, …) as one of (pixels, …), pixels counted row by row.

    Args:
        data: the dataset.
        spatial: how many of its first axes are those of the map: 2, or 1 for a list of pixels.

    >>> with h5py.File.in_memory() as file:
    ...     maps = PixelDataset(file.create_dataset("map", (2, 3), "f8"), spatial=2)
    ...     maps[1:5] = np.array([1.0, 2.0, 3.0, 4.0])
    ...     maps.data[...].tolist(), maps[2:4].tolist()
    ([[0.0, 1.0, 2.0], [3.0, 4.0, 0.0]], [2.0, 3.0])
    """

    def __init__(self, data: h5py.Dataset, spatial: int) -> None:
        self.data, self.spatial = data, spatial

    def __getitem__(self, pixels: slice, /) -> NDArray[Any]:
        if self.spatial == 1:
            return np.asarray(self.data[pixels])
        tail = self.data.shape[2:]
        parts = [self.data[rows, columns].reshape(-1, *tail) for rows, columns, _ in self._blocks(pixels)]
        return np.concatenate(parts) if parts else np.empty((0, *tail), self.data.dtype)

    def __setitem__(self, pixels: slice, values: NDArray[Any], /) -> None:
        if self.spatial == 1:
            self.data[pixels] = values
            return
        for rows, columns, part in self._blocks(pixels):
            block = rows.stop - rows.start, columns.stop - columns.start
            self.data[rows, columns] = values[part].reshape(*block, *values.shape[1:])

    def _blocks(self, pixels: slice) -> Iterator[tuple[slice, slice, slice]]:
        """Yield rectangles that together are the pixels: rows, columns, and the part of the slice that they are."""
        width, at = self.data.shape[1], pixels.start
        while at < pixels.stop:
            row, column = divmod(at, width)
            whole = (pixels.stop - at) // width if column == 0 else 0
            rows = slice(row, row + max(whole, 1))
            columns = slice(column, width) if whole else slice(column, min(width, column + pixels.stop - at))
            size = (rows.stop - rows.start) * (columns.stop - columns.start)
            yield rows, columns, slice(at - pixels.start, at - pixels.start + size)
            at += size
