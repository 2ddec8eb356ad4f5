"""Band-excitation lines and images: one complex spectrum for each pixel, or one for each step of the drive."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.axis_units import is_unit
from remanence.data.spectra.band_excitation import CHUNK, is_band_excitation
from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.loop_selection import by_bins
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.plausibility import frequency_in_hertz
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError

BIAS, DRIVE = "DC_Offset", "AC_Amplitude"


class BandExcitationLine:
    """One spectrum of every pixel of a scan, read in chunks of pixels in map order; the object can be pickled.

    Args:
        path: path of an h5USID or NSID file.
        measurement: group to read, such as ``Measurement_000``; None takes the first with band excitation without bias.
        channel: group to read, such as ``Channel_000``; likewise.
        step: number of the spectrum of each pixel in the order in which they were measured, negative numbers from the
            end; None takes the only one, or the first at the largest amplitude of the drive.
        names: names of dimensions that are read to names in the file, such as ``{"Frequency": "bins"}``.
        units: units of dimensions, in place of those that the file declares.

    Raises:
        DataError: if the file, the dataset or the step is missing or not what it should be.
    """

    has_bias = False

    def __init__(
        self,
        path: str | Path,
        *,
        measurement: str | None = None,
        channel: str | None = None,
        step: int | None = None,
        names: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        self.file = SpectralFile(path)
        found = self.file.main(measurement=measurement, channel=channel, preferred=_is_line, names=names)
        self.main, guessed = standardised(found, units)
        self.file.check_written(self.file.dataset(self.main.path))
        if not self.main.spectroscopic:
            raise DataError(
                f"{self.main.where} is an {self.main.format} image without a spectral dimension; expected one "
                "band-excitation spectrum for each pixel"
            )
        self.main.indices("Frequency")  # raises an error that lists the dimensions if it is missing
        if self.main.dtype.kind != "c":
            raise DataError(f"{self.main.where} holds {self.main.dtype}; expected complex spectra")
        spectra = spectra_of(self.main)
        self.step, of_step = self._chosen(step, spectra)
        frequency = frequency_in_hertz(self.main, self.main.values("Frequency")[spectra[self.step]])
        rising = np.argsort(frequency.values, kind="stable")
        self.points: NDArray[np.int64] = spectra[self.step][rising]
        """Numbers of the spectral points, by rising frequency, shape (bins,)."""
        self._frequency = frequency._replace(values=frequency.values[rising])
        taken: tuple[str, ...] = ()
        if len(others := self.file.candidates(measurement, channel)) > 1:
            taken = (f"{self.main.path} is read, of {len(others)} datasets; data.measurement or data.channel chooses",)
        self.said = (*taken, *guessed, *self.main.grid.said, *of_step, *self._frequency.said)
        """What was guessed, chosen or recognised, a line for each."""

    @property
    def pixels(self) -> int:
        """Number of places of the map, holes included."""
        return self.main.shape[0]

    @property
    def measured(self) -> int:
        """Number of pixels, without the holes of the map."""
        return int((~self.main.grid.holes).sum())

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Frequencies of the bins in Hz, rising, shape (bins,)."""
        return self._frequency.values

    @property
    def voltage(self) -> NDArray[np.float64]:
        """Amplitude of the drive at the step that is read, shape (1,); NaN if the file does not tell it."""
        if self.main.dimension(DRIVE) is None:
            return np.full(1, np.nan)
        return self.main.values(DRIVE)[self.points[:1]]

    @property
    def signal(self) -> str:
        """Unit of the spectra."""
        return self.main.units if is_unit(self.main.units) else "arb. units"

    @property
    def units(self) -> dict[str, str]:
        """Units of ``signal`` and of the frequency, as it is read, if the file declares them."""
        declared = {"signal": self.main.units, "Frequency": self._frequency.unit}
        return {name: unit for name, unit in declared.items() if unit}

    def read(self, pixels: slice = slice(None)) -> NDArray[Any]:
        """Read the complex spectra of a slice of the pixels, shape (pixels, 1, bins); NaN at holes of the map."""
        first, last = int(self.points.min()), int(self.points.max())
        spectra = self.main.read(pixels, slice(first, last + 1))
        return spectra[:, None, self.points - first]

    def chunks(self, pixels: int | None = None) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield the spectra of all pixels, ``pixels`` at a time, each chunk with the slice of its pixels."""
        most = max(1, CHUNK // (len(self.points) * self.main.dtype.itemsize))
        size = min(pixels or most, most)
        for start in range(0, self.pixels, size):
            chunk = slice(start, min(start + size, self.pixels))
            yield chunk, self.read(chunk)

    def _chosen(self, step: int | None, spectra: NDArray[np.int64]) -> tuple[int, tuple[str, ...]]:
        """Return the number of the spectrum that is read of each pixel, and a line that says which, if it is one of."""
        number = len(spectra)
        varying = [known for known in self.main.spectroscopic if known.size > 1 and known.name != "Frequency"]
        if step is None and any(known.name == BIAS for known in varying):
            raise DataError(
                f"{self.main.where} has a bias, of {number} spectra for each pixel: experiment=beps/raw reads its "
                f"loops; data.step=<0 to {number - 1}> reads one spectrum of each"
            )
        if step is not None and not -number <= step < number:
            raise DataError(f"{self.main.where}: step {step} is not there; it has {number}, counted from 0")
        if number == 1:
            return 0, ()
        if step is None:
            drive = any(known.name == DRIVE for known in varying)
            step = int(np.argmax(self.main.values(DRIVE)[spectra[:, 0]])) if drive else 0
        at = spectra[step % number, 0]
        words = (f"{known.name} {self.main.values(known.name)[at]:.4g} {known.unit}".strip() for known in varying)
        said = f"{number} spectra for each pixel, of which step {step % number} is read ({', '.join(words)})"
        return step % number, (f"{said}; data.step chooses",)


def _is_line(main: MainDataset) -> bool:
    if not is_band_excitation(main):
        return False
    bias = standardised(main)[0].dimension(BIAS)
    return bias is None or bias.size < 2


def spectra_of(main: MainDataset) -> NDArray[np.int64]:
    """Return the points of every spectrum of a pixel in the order in which they were measured, shape (spectra, bins).

    The n-th points of all bins are one spectrum.

    Raises:
        DataError: if there is no dimension Frequency, or its values have different numbers of points.
    """
    spectra = by_bins(bins := main.indices("Frequency"))
    if spectra is None:
        counts = np.bincount(bins)
        found = f"between {counts.min()} and {counts.max()} points at each of its {len(counts)} frequencies"
        raise DataError(f"{main.where} has {found}; expected as many at each")
    return spectra[np.argsort(spectra.min(axis=1))]
