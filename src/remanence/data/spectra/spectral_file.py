"""HDF5 files of spectra of pixels: whatever the format, their main datasets, and the one that is meant."""

from collections.abc import Callable, Mapping
from functools import cached_property

from remanence.data.spectra.dimension_names import needed_names
from remanence.data.spectra.h5usid import describe_h5usid, is_h5usid
from remanence.data.spectra.hdf5_file import HDF5File, shortened
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.nsid import describe_nsid, is_nsid
from remanence.errors import DataError


class SpectralFile(HDF5File):
    """A file in the format h5USID or NSID; each of its datasets is told by itself."""

    @cached_property
    def formats(self) -> dict[str, str]:
        """Path of each main dataset to its format, h5USID or NSID; those named Raw_Data are first."""
        found = {path: "h5USID" for path in self.datasets if is_h5usid(self, path)}
        found |= {path: "NSID" for path in self.datasets if path not in found and is_nsid(self, path)}
        return dict(sorted(found.items(), key=lambda item: not item[0].endswith("/Raw_Data")))

    @property
    def main_datasets(self) -> list[str]:
        """Paths of the main datasets."""
        return list(self.formats)

    def describe(self, path: str) -> MainDataset:
        """Describe one dataset, without reading it.

        Raises:
            DataError: if there is no such dataset, or it is not what its format wants.
        """
        return describe_nsid(self, path) if self.formats.get(path) == "NSID" else describe_h5usid(self, path)

    def main(
        self,
        path: str | None = None,
        *,
        measurement: str | None = None,
        channel: str | None = None,
        preferred: Callable[[MainDataset], bool] = lambda main: True,
        names: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> MainDataset:
        """Describe the main dataset that is meant.

        Args:
            path: path of the dataset; None searches for one.
            measurement: group to search in, such as ``Measurement_000``; None searches in all.
            channel: group to search in, such as ``Channel_000``, or name of the dataset; None searches in all.
            preferred: whether a dataset can be what was asked; the first that can is taken, else the first.
            names: names of dimensions, see ``MainDataset.renamed``; a dimension that has its name already keeps it.
            units: units of dimensions, see ``MainDataset.with_units``.

        Raises:
            DataError: if there is no such dataset, it is empty, or its shape does not match its description.
        """
        paths = [path] if path is not None else self.candidates(measurement, channel)
        described, failed = [], None
        for each in paths:
            try:
                main = self.describe(each)
                main = main.renamed(needed_names(main, names or {})).with_units(units or {})
            except DataError as error:
                failed = failed or error
                continue
            described.append(main)
            if preferred(main):
                return main
        if failed is not None or not described:
            raise failed or DataError(f"{self.path}: no main dataset")
        return described[0]

    def candidates(self, measurement: str | None = None, channel: str | None = None) -> list[str]:
        """Return the paths of the main datasets of a measurement and a channel, see ``main``.

        Raises:
            DataError: if there are none.
        """
        groups = {group for group in (measurement, channel) if group is not None}
        found = [path for path in self.main_datasets if groups <= set(path.split("/"))]
        if not found:
            wanted = f"/{measurement or 'Measurement_*'}/{channel or 'Channel_*'}/Raw_Data"
            have = shortened(self.main_datasets or self.datasets)
            raise DataError(f"{self.path}: no main dataset {wanted}; the file has: {have}")
        return found
