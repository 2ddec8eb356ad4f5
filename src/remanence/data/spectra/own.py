"""Spectra of one's own: any pixels × axis, with any number of channels, from a file of any format that is known."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pydantic

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.source import Source
from remanence.data.spectra.array_spectra import Axis, spectra_of_arrays
from remanence.data.spectra.hdf5_file import shortened
from remanence.data.spectra.hdf5_spectra import has_spectra, spectra_of
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.measurement import Measurement
from remanence.data.spectra.named_arrays import ENDINGS
from remanence.data.spectra.new_hdf5 import SUFFIXES
from remanence.data.spectra.pixel_spectra import PixelSpectra
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.data.spectra.table_spectra import spectra_of_table
from remanence.data.table_file import READERS
from remanence.errors import DataError
from remanence.foundation.constraints import Count, FileName, Positive
from remanence.foundation.terminal import console

HDF5 = (*SUFFIXES, ".hf5")
Names = Annotated[Sequence[str], pydantic.Field(min_length=1)]
Shape = Annotated[Sequence[Count], pydantic.Field(min_length=2, max_length=2)]
Numbers = Annotated[Sequence[float], pydantic.Field(min_length=2)]


class OwnSpectra(Spectra):
    """Spectra of pixels from an NSID or h5USID file, arrays (.npy, .npz, .mat) or a table (CSV, Excel, Parquet).

    Args:
        path: path of the file.
        dataset: path of the dataset in an HDF5 file; None takes the first with spectra.
        measurement: group of an HDF5 file to search in, such as ``Measurement_000``.
        channel: group of an HDF5 file to search in, such as ``Channel_000``.
        axis: what the axis is: a dimension of an HDF5 dataset, an array or column of the file, the path of a file
            with its values, its first and last value, or all values; None takes the longest dimension, or what fits.
        axis_label: name and unit of the axis; None takes those of the file.
        channels: arrays or columns that are the channels, or names of the channels.
        shape: rows and columns of the map, for files that only number their pixels.
        side: width of the map, µm; None takes that of the file.
        names: name of a dimension to its name in the file, see ``MainDataset.renamed``.
        units: units of dimensions, where the file has none or wrong ones, see ``MainDataset.with_units``.
        **spectra: further arguments of ``Spectra``.
    """

    file_key: ClassVar[str | None] = "path"
    experiment: ClassVar[str] = "spectra/own"

    def __init__(
        self,
        *,
        path: FileName | None = None,
        dataset: str | None = None,
        measurement: str | None = None,
        channel: str | None = None,
        axis: str | Numbers | None = None,
        axis_label: str | None = None,
        channels: Names | None = None,
        shape: Shape | None = None,
        side: Positive | None = None,
        names: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
        **spectra: Any,
    ) -> None:
        super().__init__(**spectra)
        self.path = None if path is None else Path(path)
        self.dataset, self.measurement, self.channel = dataset, measurement, channel
        self.axis: Axis = axis
        self.axis_label, self.channels, self.side = axis_label, channels, side
        self.shape = None if shape is None else (shape[0], shape[1])
        self.names, self.units = dict(names or {}), dict(units or {})

    def read(self) -> Measurement:
        """Read the spectra as the file has them."""
        found = self.find()
        for line in found.said:
            console.print(f"{self.file.name}: {line}")
        return self.measurement_of(found)

    @property
    def file(self) -> Path:
        """Path of the file.

        Raises:
            DataError: if none is given.
        """
        if self.path is None:
            raise DataError(
                f"data.path: no file given; add data.path=<NSID, h5USID, .npy, .npz, .mat or a table> to "
                f"experiment={self.experiment}"
            )
        return self.path

    def find(self) -> PixelSpectra:
        """Read the spectra of the file, whatever its format.

        Raises:
            DataError: if the file is missing, of no known format, or holds no spectra of pixels.
        """
        return reader_of(
            self.file, {HDF5: self.from_hdf5, ENDINGS: self.from_arrays, tuple(READERS): self.from_table}
        )()

    def from_hdf5(self) -> PixelSpectra:
        """Read spectra from an HDF5 file."""
        return spectra_of(self.main(SpectralFile(self.file), has_spectra, self.units), axis=self._axis_name())

    def main(
        self, file: SpectralFile, preferred: Callable[[MainDataset], bool], units: Mapping[str, str] | None = None
    ) -> MainDataset:
        """Describe the dataset of a file that is meant, or the first that ``preferred`` accepts.

        Raises:
            DataError: if there is no such dataset.
        """
        return file.main(
            self.dataset,
            measurement=self.measurement,
            channel=self.channel,
            preferred=preferred,
            names=self.names,
            units=units,
        )

    def from_arrays(self) -> PixelSpectra:
        """Read spectra from arrays."""
        return spectra_of_arrays(self.file, axis=self.axis, channels=self.channels, shape=self.shape)

    def from_table(self) -> PixelSpectra:
        """Read spectra from a table."""
        return spectra_of_table(self.file, axis=self._axis_name(), channels=self.channels, shape=self.shape)

    def measurement_of(self, found: PixelSpectra) -> Measurement:
        """Return what is trained on, as a Measurement."""
        check_fits(f"{self.file}: spectra of shape {found.values.shape}", bytes_of(found.values.shape, 8))
        if found.values.shape[1] < 2:
            raise DataError(f"{self.file}: its spectra have {found.values.shape[1]} step; expected at least 2")
        channels = found.channels
        if self.channels and len(self.channels) == len(channels):
            channels = tuple(self.channels)
        if len(set(channels)) < len(channels):
            raise DataError(f"{self.file}: two channels have one name: {shortened(channels)}; data.channels names them")
        return Measurement(
            values=np.asarray(found.values, dtype=np.float64),
            axis=found.axis,
            axis_label=self.axis_label or found.axis_label,
            channels=channels,
            sources=(Source.of_file(self.file),),
            scene=found.scene(self.side) if min(found.shape) > 1 else None,
            units={name: unit for name, unit in {found.axis_name: found.axis_unit}.items() if unit},
        )

    def _axis_name(self) -> str | None:
        if self.axis is None or isinstance(self.axis, str):
            return self.axis
        raise DataError(
            f"{self.file}: data.axis: expected the name of a dimension or column, got {list(self.axis)[:4]}"
        )


def reader_of(path: Path, readers: Mapping[tuple[str, ...], Callable[[], PixelSpectra]]) -> Callable[[], PixelSpectra]:
    """Return the reader for the ending of a file; of an HDF5 file of any ending, that of HDF5.

    Raises:
        DataError: if the file is missing, or of no known format.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    with open(path, "rb") as file:
        is_hdf5 = file.read(8) == b"\x89HDF\r\n\x1a\n"
    ending = ".h5" if is_hdf5 and path.suffix.lower() != ".mat" else path.suffix.lower()
    for endings, read in readers.items():
        if ending in endings:
            return read
    known = ", ".join(sorted({ending for endings in readers for ending in endings}))
    raise DataError(
        f"{path}: is no format that is read ({ending or 'no ending'}); expected {known}; an instrument's own file: "
        "remanence data convert"
    )
