"""Dimensions of a main dataset: the quantities that vary along its pixels and along its spectral points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ANCILLARY = ("Position_Indices", "Position_Values", "Spectroscopic_Indices", "Spectroscopic_Values")
"""Names of the four ancillary datasets, which describe a main dataset of h5USID."""


@dataclass(frozen=True, eq=False)
class Dimension:
    """One dimension: X or Y of the positions; Frequency, DC_Offset, Field or Cycle of the spectral points."""

    name: str
    unit: str
    """Unit as the file declares it; empty if it declares none."""
    values: NDArray[np.float64]
    """Value at each index, where the index occurs first; values may repeat, as those of a bias waveform do."""
    quantity: str = ""
    """What the values are, such as Bias, if the file says so."""
    kind: str = ""
    """What NSID calls the type of a dimension, such as SPECTRAL or CHANNEL; empty in h5USID."""

    @property
    def size(self) -> int:
        """Number of indices."""
        return self.values.size


def dimensions_from(
    names: Sequence[str], units: Sequence[str], indices: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[Dimension, ...]:
    """Return the dimensions described by a table of indices and one of values, both (dimensions, points)."""
    firsts = [np.unique(row, return_index=True)[1] for row in indices]
    return tuple(Dimension(*described) for described in zip(names, units, map(_at, values, firsts), strict=True))


def tables_of(dimensions: Sequence[Dimension]) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Return the tables of indices and values of a full grid, both (dimensions, points); the first varies fastest.

    >>> indices, _ = tables_of([Dimension("X", "m", np.zeros(2)), Dimension("Y", "m", np.zeros(3))])
    >>> indices.tolist()
    [[0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 2, 2]]
    """
    grid = np.indices([dimension.size for dimension in reversed(dimensions)])
    indices = grid.reshape(len(dimensions), -1)[::-1].astype(np.uint32)
    values = [dimension.values[row] for dimension, row in zip(dimensions, indices, strict=True)]
    return indices, np.array(values, dtype=np.float32)


def _at(values: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    return values[first]
