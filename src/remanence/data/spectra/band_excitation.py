"""Band-excitation scans in h5USID and NSID files: complex spectra of each pixel and step, of one loop or several."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.loop_selection import (
    AXES,
    STEP,
    Fields,
    Selection,
    Which,
    common_steps,
    cycles_of,
    fields_of,
    select_loops,
)
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.plausibility import bias_in_volts, common_bins, frequency_in_hertz
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError
from remanence.science.band_excitation.switching import Field

CHUNK = 2**25
"""Largest number of bytes of spectra that are read at a time."""

OF_LOOPS = {"DC_Offset", "Field", "Cycle", "FORC", "Read_Bias"}
"""Dimensions of loops whose resonances are fitted."""


class BandExcitation:
    """The chosen loops of every pixel of a scan, read in chunks of pixels in map order; the object can be pickled.

    Args:
        path: path of an h5USID or NSID file.
        measurement: group to read, such as ``Measurement_000``; None takes the first with band excitation and a bias.
        channel: group to read, such as ``Channel_000``; None takes the first with band excitation and a bias.
        field: whether to read the ``off`` or the ``on`` field, or ``both``.
        cycle: cycle of the bias, counted from 0; negative numbers count from the end, -1 is the last cycle; or ``all``.
        forc: number of the FORC loop, likewise.
        read: number of the read step after each step of the bias, likewise.
        names: names of dimensions that are read to names in the file, such as ``{"DC_Offset": "Bias"}``.
        units: units of dimensions, in place of those that the file declares.

    Raises:
        DataError: if the file, the dataset or the loop is missing or not what it should be.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        measurement: str | None = None,
        channel: str | None = None,
        field: Fields = "off",
        cycle: Which = -1,
        forc: Which = -1,
        read: Which = "all",
        names: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        self.file = SpectralFile(path)
        found = self.file.main(measurement=measurement, channel=channel, preferred=is_loop, names=names)
        self.main, guessed = standardised(found, units)
        self.file.check_written(self.file.dataset(self.main.path))
        if not self.main.spectroscopic:
            raise DataError(
                f"{self.main.where} is an {self.main.format} image without a spectral dimension; expected spectra with "
                "the dimensions Frequency and DC_Offset"
            )
        varying = [known.name for known in self.main.spectroscopic if known.size > 1]
        if self.main.dtype.kind == "c" and varying == ["Frequency"]:
            raise DataError(
                f"{self.main.where} is a band-excitation line or image, one spectrum for each pixel: it has no "
                f"dimension 'DC_Offset', the bias of a loop; experiment=beps/line data.path={path} reads it"
            )
        if self.main.dtype.kind == "f" and varying and set(varying) <= OF_LOOPS:
            raise DataError(
                f"{self.main.where} holds loops that somebody has fitted ({', '.join(varying)}), no spectra along a "
                f"Frequency; experiment=beps/loops data.path={self.file.path} reads them"
            )
        self.main.indices("Frequency")  # raises an error that lists the dimensions if it is missing
        if self.main.dtype.kind != "c":
            raise DataError(f"{self.main.where} holds {self.main.dtype}; expected complex spectra")
        self.loops = select_loops(self.main, Selection(field, cycle, forc, read))
        self.points = self.loops.points.reshape(-1, self.loops.points.shape[-1])
        """Numbers of the spectral points, one loop after the other, shape (loops · steps, bins)."""
        self._frequency = frequency_in_hertz(self.main, common_bins(self.main, self.points))
        self._bias = bias_in_volts(self.main, self._along_the_axis)
        of_bias = self._bias.said if self.has_bias else ()
        others = self.file.candidates(measurement, channel)
        chosen = _choice(self.file, self.main, others, names)
        self.said = (*chosen, *guessed, *self.main.grid.said, *self.loops.said, *self._frequency.said, *of_bias)
        """What was guessed, chosen or recognised, a line for each."""

    @property
    def pixels(self) -> int:
        """Number of places of the map, holes included."""
        return self.main.shape[0]

    @property
    def map_shape(self) -> tuple[int, int]:
        """Rows and columns of the map; (1, pixels) for a line, or for a scan that is no grid."""
        return self.main.grid.shape

    @property
    def side(self) -> float | None:
        """Width of the map in µm, if the file tells it."""
        return self.main.grid.side

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Frequencies of the bins in Hz, shape (bins,)."""
        return self._frequency.values

    @property
    def has_bias(self) -> bool:
        """Whether the steps are those of a bias, not of the amplitude of the drive."""
        return self.loops.axis == AXES[0]

    @property
    def voltage(self) -> NDArray[np.float64]:
        """Bias in V of every step, one loop after the other, shape (loops · steps,); without one, the drive's."""
        return self._bias.values if self.has_bias else self._along_the_axis

    @property
    def axis(self) -> NDArray[np.float64]:
        """What the steps of all loops have in common, shape (steps,): the bias, or their number where it differs."""
        return self._common_steps[0]

    @property
    def axis_label(self) -> str:
        """Name and unit of ``axis``."""
        return self.voltage_label if self._common_steps[1] else STEP

    @property
    def voltage_label(self) -> str:
        """Name and unit of ``voltage``."""
        if self.has_bias:
            return "DC bias (V)"
        dimension = self.main.dimension(self.loops.axis)
        return f"AC amplitude ({dimension.unit})" if dimension is not None and dimension.unit else "AC amplitude"

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
        """Units of ``signal`` and of each dimension, as they are read, if the file declares them."""
        declared = {"signal": self.main.units, **{known.name: known.unit for known in self.main.spectroscopic}}
        converted = {"Frequency": self._frequency.unit, "DC_Offset": self._bias.unit}
        known = {**declared, **{name: unit for name, unit in converted.items() if name in declared}}
        return {name: unit for name, unit in known.items() if unit}

    def read(self, pixels: slice = slice(None)) -> NDArray[Any]:
        """Read the complex spectra of a slice of the pixels, shape (pixels, loops · steps, bins); NaN at holes."""
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

    @property
    def _common_steps(self) -> tuple[NDArray[np.float64], bool]:
        return common_steps(self.voltage.reshape(len(self.loops.points), -1))

    @property
    def _along_the_axis(self) -> NDArray[np.float64]:
        values: NDArray[np.float64] = self.main.values(self.loops.axis)[self.points[:, 0]]
        return values


def is_unmeasured(spectra: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which pixels of ``spectra`` (pixels, bias steps, bins) hold no finite value other than zero."""
    values = spectra.reshape(len(spectra), -1)
    unmeasured: NDArray[np.bool_] = ~(np.isfinite(values) & (np.abs(values) > 0)).any(axis=1)
    return unmeasured


def is_band_excitation(main: MainDataset) -> bool:
    """Return whether a dataset holds complex spectra along a frequency, by whatever name."""
    return main.dtype.kind == "c" and standardised(main)[0].dimension("Frequency") is not None


def is_loop(main: MainDataset) -> bool:
    """Return whether a dataset holds such spectra at the steps of a bias, or of an amplitude of the drive."""
    known = standardised(main)[0]
    return is_band_excitation(main) and any(known.dimension(name) is not None for name in AXES)


def _choice(
    file: SpectralFile, taken: MainDataset, others: list[str], names: Mapping[str, str] | None
) -> tuple[str, ...]:
    """Return a line on which scan of a file was taken, if there are several, or one that it is not."""
    also, passed = [], []
    for path in others:
        if path == taken.path:
            continue
        try:
            main = file.main(path, names=names)
        except DataError:
            continue
        if is_loop(main):
            also.append(path)
        elif is_band_excitation(main):
            passed.append(path)
    if also:
        return (f"{len(also) + 1} scans are there, {taken.path} is read; data.measurement or data.channel chooses",)
    if passed:
        return (f"{taken.path} is read; {passed[0]} has no bias",)
    return ()
