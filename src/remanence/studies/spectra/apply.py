"""A logged model of spectra, applied: to the spectra of its own run, or to another scan of any size."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.spectra.new_hdf5 import new_hdf5, scratch_hdf5
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.terminal import console
from remanence.science.unmixing.error_statistics import pixel_mse
from remanence.studies.known_rows import ROWS, known_rows
from remanence.studies.own_data import open_own_data, refuse_second_file
from remanence.studies.row_scores import say
from remanence.studies.spectra.logged_model import SpectralModel
from remanence.studies.spectra.pixel_errors import PixelErrors, pixels_of_fit
from remanence.studies.spectra.scan import Scan, open_scan
from remanence.tracking.logged_model import saved_model_of
from remanence.tracking.run import Run

Predicted = tuple[slice, NDArray[np.floating[Any]], NDArray[np.bool_], dict[str, NDArray[np.float64]]]


class AppliedSpectra:
    """The model that a run on spectra has logged."""

    def __init__(self, run: Run, model: SpectralModel) -> None:
        self.run, self.model = run, model

    @classmethod
    def of(cls, run: Run) -> Self:
        """Load the model of a run."""
        return cls(run, saved_model_of(run.id, SpectralModel.load, run.folder))

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the errors on the run's own test pixels, or on all usable ones of other spectra.

        Pixels that the model was fitted to have errors of their own, ``train/mse`` and so on.

        Args:
            path: file or folder to read instead of the run's own; None takes the run's own test pixels.
            changes: overrides of ``data`` for reading ``path``.
        """
        _check_changes("evaluate", changes, has_file=path is not None)
        own_data = cache(self._own_data)  # to open a raw scan is to fit it
        known = known_rows(self.run, ROWS, lambda: pixels_of_fit(own_data()))
        errors = PixelErrors(self.model, known)
        if path is None:
            data = own_data()
            measured = data.measured.values[data.fold.test]
            errors.add(measured, self.model.predict(measured)["reconstruction"])
        else:
            with scratch_hdf5() as store:
                scan = open_scan(self.run.config, path, changes, store)
                for _, measured, valid, predicted in _apply(self.model, scan):
                    if valid.any():
                        errors.add(measured[valid], predicted["reconstruction"])
        say(errors.told())
        return errors.metrics()

    def predict(self, given: pd.DataFrame | NDArray[Any] | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return one row per spectrum: ``valid``, ``mse``, position in the map, ``latent_1``, ``latent_2``, ….

        ``mse`` is the mean squared error in z-scores, as in the run's table of latents. A spectrum with values that are
        not finite is not ``valid``; its ``mse`` and latents are NaN.

        Args:
            given: spectra (n, steps, channels) in physical units, or the path of a scan.
            changes: overrides of ``data`` for reading the scan.

        Raises:
            DataError: if the spectra do not match the instrument of the model, or none of them can be used.
        """
        _check_changes("predict", changes, has_file=isinstance(given, str | Path))
        if isinstance(given, str | Path):
            with scratch_hdf5() as store:
                scan = open_scan(self.run.config, str(given), changes, store)
                parts = [_latent_rows(self.model, *part) for part in _apply(self.model, scan)]
            return _in_map(pd.concat(parts, ignore_index=True), scan.shape)
        if isinstance(given, pd.DataFrame):
            raise ConfigurationError(
                "predict: expected spectra (n, steps, channels), or the path of a scan, got DataFrame; the run is on "
                "spectra"
            )
        measured = np.asarray(given, dtype=np.float64)
        valid = np.asarray(np.isfinite(measured).all(axis=tuple(range(1, measured.ndim))), dtype=np.bool_)
        return _latent_rows(self.model, slice(0, len(measured)), measured, valid, self.model.predict(measured[valid]))

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write latents and reconstructions of all pixels of a scan as HDF5, and return the number of pixels.

        The datasets are ``embedding`` (pixels, latents), ``measured`` and ``reconstruction`` (pixels, steps, channels),
        ``axis`` (steps,) and ``valid`` (pixels,); masked pixels hold NaN. The attribute ``shape`` has the rows and
        columns of the map. For a raw scan, the group ``resonances`` holds the fitted resonances, each (pixels, steps).

        Raises:
            DataError: if the scan cannot be read, does not match the instrument of the model, or the file cannot be
                written.
        """
        _check_changes("predict", changes, has_file=True)
        with new_hdf5(output) as file:
            scan = open_scan(self.run.config, source, changes, file.require_group("resonances"))
            for pixels, measured, valid, predicted in _apply(self.model, scan):
                for name, values in predicted.items():
                    full = np.full((len(valid), *values.shape[1:]), np.nan)
                    full[valid] = values
                    _write(file, name, full, pixels, scan.pixels)
                _write(file, "measured", measured, pixels, scan.pixels)
                _write(file, "valid", valid, pixels, scan.pixels)
            if not len(file["resonances"]):
                del file["resonances"]
            file["axis"] = scan.axis
            file["axis"].attrs["label"] = scan.axis_label
            file["measured"].attrs["channels"] = self.model.instrument.channels
            if scan.shape is not None:
                file.attrs["shape"] = scan.shape
        return scan.pixels

    def design(self, target: str, asked: Mapping[str, str]) -> pd.DataFrame:
        """Refuse inverse design, because a user cannot make a sample with given latents.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError(
            f"design: run {self.run.id} unmixes spectra; only models of tables have inputs to search"
        )

    def _own_data(self) -> OpenedSpectra:
        return open_own_data(self.run, OpenedSpectra)


def _check_changes(verb: str, changes: Sequence[str], *, has_file: bool) -> None:
    """Refuse overrides of ``data`` if no file is given, and overrides that name a second file."""
    refuse_second_file(verb, changes)
    if changes and not has_file:
        raise ConfigurationError(f"{verb}: {changes[0]}: say of which file, with data.path=…")


def _write(file: h5py.File, name: str, values: NDArray[Any], pixels: slice, total: int) -> None:
    """Write a slice of the pixels of a dataset; the first call creates it. Pixels that are never written hold NaN."""
    if name not in file:
        fill = np.nan if values.dtype.kind == "f" else None
        file.create_dataset(name, (total, *values.shape[1:]), values.dtype, fillvalue=fill)
    file[name][pixels] = values


def _apply(loaded: SpectralModel, scan: Scan) -> Iterator[Predicted]:
    """Yield, chunk by chunk: pixels, their spectra, which spectra are usable, and the predictions for usable ones."""
    usable = 0
    for pixels, measured in scan.chunks(loaded.instrument):
        valid = np.isfinite(measured).all(axis=(1, 2))
        usable += int(valid.sum())
        yield pixels, measured, valid, loaded.predict(measured[valid]) if valid.any() else {}
    if not usable:
        raise DataError(f"{scan.name}: none of its {scan.pixels} pixels holds a usable spectrum")
    if masked := scan.pixels - usable:
        console.print(f"{scan.name}: {masked} of {scan.pixels} pixels hold no usable spectrum; masked")


def _latent_rows(
    loaded: SpectralModel,
    pixels: slice,
    measured: NDArray[np.floating[Any]],
    valid: NDArray[np.bool_],
    predicted: Mapping[str, NDArray[np.float64]],
) -> pd.DataFrame:
    """Return one row per pixel of a slice, see ``AppliedSpectra.predict``."""
    rows = pd.DataFrame({"valid": valid, "mse": np.nan}, index=range(pixels.start, pixels.stop))
    rows.attrs["units"] = {}
    if valid.any():
        scale = loaded.scaling.scale
        rows.loc[valid, "mse"] = pixel_mse(scale(predicted["reconstruction"]), scale(measured[valid]))
        latents = np.full((len(valid), predicted["embedding"].shape[1]), np.nan)
        latents[valid] = predicted["embedding"]
        rows[[f"latent_{number + 1}" for number in range(latents.shape[1])]] = latents
    return rows


def _in_map(rows: pd.DataFrame, shape: tuple[int, int] | None) -> pd.DataFrame:
    """Return the rows with the position of each pixel in a map of ``shape``, if there is a map."""
    if shape is not None and shape[0] * shape[1] == len(rows):
        row, column = np.divmod(np.arange(len(rows)), shape[1])
        rows.insert(2, "row", row)
        rows.insert(3, "column", column)
    return rows
