"""Writing of h5USID files chunk by chunk."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import DTypeLike, NDArray

from remanence.data.spectra.dimension import ANCILLARY, Dimension, tables_of
from remanence.data.spectra.new_hdf5 import new_hdf5


@contextmanager
def write_h5usid(path: str | Path) -> Iterator["H5UsidWriter"]:
    """Open a writer of a new h5USID file at ``path``; see ``new_hdf5``: it appears when it is complete."""
    with new_hdf5(path) as file:
        yield H5UsidWriter(file)


class H5UsidWriter:
    """Creates main datasets together with the ancillary tables that describe them."""

    def __init__(self, file: h5py.File) -> None:
        self.file = file

    def attributes(self, path: str, values: Mapping[str, Any]) -> None:
        """Set attributes of a group; a missing group is created."""
        self.file.require_group(path).attrs.update(values)

    def main(
        self,
        path: str,
        positions: Sequence[Dimension],
        spectroscopic: Sequence[Dimension],
        *,
        dtype: DTypeLike,
        quantity: str,
        units: str,
        chunks: tuple[int, int] | None = None,
    ) -> h5py.Dataset:
        """Create an empty main dataset of shape (positions, spectral points), to be filled row by row.

        All datasets of a measurement share its position tables; all datasets of a group share its spectroscopic tables.

        Args:
            path: path of the dataset, such as ``/Measurement_000/Channel_000/Raw_Data``.
            positions: dimensions of the positions, the fastest first.
            spectroscopic: dimensions of the spectral points, the fastest first.
            dtype: type of the values.
            quantity: name of the measured quantity.
            units: unit of the values.
            chunks: shape of the pieces in which it is stored; None stores it as a whole.
        """
        measurement, group = "/" + path.split("/")[1], path.rpartition("/")[0]
        described = {
            **self._tables(f"{measurement}/Position", positions, by_rows=True),
            **self._tables(f"{group}/Spectroscopic", spectroscopic, by_rows=False),
        }
        shape = (described["Position_Indices"].shape[0], described["Spectroscopic_Indices"].shape[1])
        data = self.file.create_dataset(path, shape, dtype, chunks=chunks)
        data.attrs.update({"quantity": quantity, "units": units})
        for name in ANCILLARY:
            data.attrs[name] = described[name].ref
        return data

    def array(self, path: str, values: NDArray[Any], **attributes: Any) -> None:
        """Write a small array at once."""
        self.file.create_dataset(path, data=values).attrs.update(attributes)

    def _tables(self, stem: str, dimensions: Sequence[Dimension], *, by_rows: bool) -> dict[str, h5py.Dataset]:
        kind = stem.rpartition("/")[2]
        if f"{stem}_Indices" not in self.file:
            for part, table in zip(("Indices", "Values"), tables_of(dimensions), strict=True):
                made = self.file.create_dataset(f"{stem}_{part}", data=table.T if by_rows else table)
                made.attrs["labels"] = np.array([dimension.name.encode() for dimension in dimensions])
                made.attrs["units"] = np.array([dimension.unit.encode() for dimension in dimensions])
        return {f"{kind}_{part}": self.file[f"{stem}_{part}"] for part in ("Indices", "Values")}
