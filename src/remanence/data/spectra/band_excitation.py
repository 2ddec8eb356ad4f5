"""Band-excitation scans in h5USID files: complex spectra of each pixel and bias step, one loop at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.loop_selection import cycles_of, fields_of, select_loop
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError
from remanence.science.band_excitation.switching import Field

CHUNK = 2**25
"""Largest number of bytes of spectra that are read at a time."""


class BandExcitation:
    """One loop of every pixel of a scan, read in chunks of pixels; the object can be pickled.

    Args:
        path: path of an h5USID file.
        measurement: measurement to read, such as ``Measurement_000``; None takes the first with band excitation.
        channel: channel to read, such as ``Channel_000``; None takes the first with band excitation.
        field: whether to read the ``off`` or the ``on`` field.
        cycle: cycle of the bias, counted from 0; negative numbers count from the end, -1 is the last cycle.

    Raises:
        DataError: if the file, the dataset or the loop is missing or not what it should be.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        measurement: str | None = None,
        channel: str | None = None,
        field: Field = "off",
        cycle: int = -1,
    ) -> None:
        self.file = SpectralFile(path)
        self.main = self.file.main(measurement=measurement, channel=channel, preferred=_is_band_excitation)
        self.file.check_written(self.file.dataset(self.main.path))
        self.main.indices("Frequency")  # raises an error that lists the dimensions if it is missing
        if self.main.dtype.kind != "c":
            raise DataError(f"{path}: {self.main.path} holds {self.main.dtype}; expected complex spectra")
        self.field, self.cycle = field, cycle
        self.points = select_loop(self.main, field=field, cycle=cycle)
        """Numbers of the spectral points of the loop, shape (bias steps, bins)."""

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.main.shape[0]

    @property
    def map_shape(self) -> tuple[int, int]:
        """Rows and columns of the map; (1, pixels) for a line, or for a scan that is not a full grid."""
        return self.main.grid.shape

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Frequencies of the bins in Hz, shape (bins,)."""
        frequency: NDArray[np.float64] = self.main.values("Frequency")[self.points[0]]
        return frequency

    @property
    def voltage(self) -> NDArray[np.float64]:
        """Bias in V, shape (bias steps,)."""
        voltage: NDArray[np.float64] = self.main.values("DC_Offset")[self.points[:, 0]]
        return voltage

    @property
    def fields(self) -> list[Field]:
        """Fields that the scan was measured at."""
        return fields_of(self.main)

    @property
    def cycles(self) -> int:
        """Number of cycles of the bias that were measured."""
        return cycles_of(self.main)

    @property
    def units(self) -> dict[str, str]:
        """Units that the file declares: the unit of ``signal`` and the unit of each dimension."""
        declared = {"signal": self.main.units, **{known.name: known.unit for known in self.main.spectroscopic}}
        return {name: unit for name, unit in declared.items() if unit}

    def read(self, pixels: slice = slice(None)) -> NDArray[Any]:
        """Read the complex spectra of a slice of the pixels, shape (pixels, bias steps, bins)."""
        first, last = self.points.min(), self.points.max()
        # read one contiguous range and select points in memory: HDF5 is slow at reading single points
        spectra = self.main.read(pixels, slice(int(first), int(last) + 1))
        return spectra[:, self.points - first]

    def chunks(self, pixels: int | None = None) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield the spectra of all pixels, ``pixels`` at a time, each chunk with the slice of its pixels."""
        size = pixels or max(1, CHUNK // (self.main.shape[1] * self.main.dtype.itemsize))
        for start in range(0, self.pixels, size):
            chunk = slice(start, min(start + size, self.pixels))
            yield chunk, self.read(chunk)

    def unmeasured(self) -> NDArray[np.bool_]:
        """Return which pixels hold only NaN, or only the zeros that an interrupted scan leaves, shape (pixels,)."""
        return np.concatenate([is_unmeasured(spectra) for _, spectra in self.chunks()])


def is_unmeasured(spectra: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which pixels of ``spectra`` (pixels, bias steps, bins) hold no finite value other than zero."""
    values = spectra.reshape(len(spectra), -1)
    unmeasured: NDArray[np.bool_] = ~(np.isfinite(values) & (np.abs(values) > 0)).any(axis=1)
    return unmeasured


def _is_band_excitation(main: MainDataset) -> bool:
    return main.dtype.kind == "c" and main.dimension("Frequency") is not None
