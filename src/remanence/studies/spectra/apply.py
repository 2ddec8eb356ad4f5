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
from remanence.data.spectra.streamed_loops import FitStore
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.progress_bar import advancing
from remanence.foundation.terminal import console
from remanence.studies.known_rows import ROWS, known_rows
from remanence.studies.own_data import open_own_data, refuse_second_file
from remanence.studies.row_scores import say
from remanence.studies.spectra.earlier_names import add_earlier_names
from remanence.studies.spectra.logged_model import SpectralModel
from remanence.studies.spectra.pixel_errors import PixelErrors, pixels_of_fit
from remanence.studies.spectra.predicted_scan import PredictedScan, with_masked
from remanence.studies.spectra.scan import Scan, open_scan
from remanence.studies.spectra.watch_scan import watch_scan
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
            measured = data.as_read.values[data.fold.test]
            errors.add(measured, self.model.predict(measured))
        else:
            with scratch_hdf5() as store:
                scan = open_scan(self.run.config, path, changes)
                for _, measured, valid, predicted in _apply(self.model, scan, store):
                    if valid.any():
                        errors.add(measured[valid], predicted)
        say(errors.told())
        return errors.metrics()

    def predict(self, given: pd.DataFrame | NDArray[Any] | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return one row per spectrum, with the columns below.

        ``valid``, ``mse``, position in the map, ``distance``, ``novelty``, the latents ``latent_1``, ``latent_2``, …,
        and the standard deviations ``sd_1``, ``sd_2``, … of their posterior. ``mse`` is the mean squared error in
        z-scores, as in the run's table of latents; ``distance`` is its root, and ``novelty`` the rank of that among
        held-out pixels, see ``SpectralModel.predict``, which also says which models have no ``novelty`` or no
        posterior. A spectrum with values that are not finite is not ``valid``; its other numbers are NaN.

        Args:
            given: spectra (n, steps, channels) in physical units, or the path of a scan.
            changes: overrides of ``data`` for reading the scan.

        Raises:
            DataError: if the spectra do not match the instrument of the model, or none of them can be used.
        """
        _check_changes("predict", changes, has_file=isinstance(given, str | Path))
        if isinstance(given, str | Path):
            with scratch_hdf5() as store:
                scan = open_scan(self.run.config, str(given), changes)
                parts = [_latent_rows(self.model, *part) for part in _apply(self.model, scan, store)]
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
        """Write what the model finds in the pixels of one scan, see ``predict_files``."""
        return self.predict_files([source], output, changes)

    def predict_files(self, sources: Sequence[str], output: str, changes: Sequence[str]) -> int:
        """Write latents and reconstructions of all pixels of scans as an NSID file, and return the number of pixels.

        Each scan has a group, which bears the name of its file. In it are the outputs of the model (``latents``, and
        those of which ``SpectralModel.predict`` tells), ``valid``, and of each channel ``measured_…`` and
        ``reconstruction_…``, as maps with positions and units; masked pixels hold NaN. Of a raw scan, the group
        ``resonances`` holds the fits. A file of a single scan also has the names of earlier releases, see
        ``earlier_names``.

        Raises:
            DataError: if a scan cannot be read, does not match the instrument of the model, or the file cannot be
                written; then no scan is.
        """
        _check_changes("predict", changes, has_file=True)
        if not len(self.model.calibration):
            console.print(f"run {self.run.id}: no held-out pixels stand in its model, so that nothing tells novel ones")
        total = 0
        with new_hdf5(output) as file:
            for source, group in zip(sources, _groups(sources), strict=True):
                scan = open_scan(self.run.config, source, changes)
                predicted = self._written(file, group, scan)
                total += scan.pixels
                if len(sources) == 1:
                    add_earlier_names(predicted, scan.axis_label)
        return total

    def watch(self, source: str, output: str, changes: Sequence[str], *, rotation: float | None = None) -> str:
        """Encode the pixels of a raw scan while it is written, and return how the scan ended, in words.

        Args:
            source: the scan.
            output: what is written, see ``WatchedFile``; what an earlier watch has begun is gone on with.
            changes: overrides of ``data`` for reading the scan.
            rotation: angle θ of P = A·cos(φ + θ), rad; None takes that of the data of the run.

        Raises:
            ConfigurationError: if the run does not know the angle.
            DataError: if the scan is none of this instrument, or the output is of something else.
        """
        return watch_scan(self.model, self.run, source, output, changes, rotation=rotation)

    def _written(self, file: h5py.File, group: str, scan: Scan) -> PredictedScan:
        """Write what the model finds in one scan as a group of a file."""
        facts = {"scan": scan.name, "run": self.run.id}
        channels, signal = tuple(self.model.instrument.channels), scan.units.get("signal", "")
        axis = scan.axis, scan.axis_label
        predicted = PredictedScan(
            file, group, scan.positions, axis, channels, bias=scan.bias, signal=signal, facts=facts
        )
        for pixels, measured, valid, outputs in _apply(self.model, scan, predicted.resonances):
            predicted.add(pixels, with_masked(outputs, valid) | {"measured": measured, "valid": valid})
        return predicted

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


def _groups(sources: Sequence[str]) -> list[str]:
    """Return a name for the group of each scan: that of its file, with a number where there are several alike."""
    groups: list[str] = []
    for source in sources:
        name = Path(source).stem or "scan"
        alike = sum(group == name or group.startswith(f"{name}_#") for group in groups)
        groups.append(f"{name}_#{alike + 1}" if alike else name)
    return groups


def _apply(loaded: SpectralModel, scan: Scan, store: FitStore) -> Iterator[Predicted]:
    """Yield, chunk by chunk: pixels, their spectra, which spectra are usable, and the predictions for usable ones."""
    usable = 0
    with advancing(scan.name, scan.pixels, "pixels") as advance:
        for pixels, measured in scan.chunks(loaded.instrument, store):
            valid = loaded.usable(measured)
            usable += int(valid.sum())
            yield pixels, measured, valid, loaded.predict(measured[valid]) if valid.any() else {}
            advance(len(measured))
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
        full = with_masked(predicted, valid)
        rows["mse"] = full["distance"] ** 2
        for name in ("distance", "novelty"):
            if name in full:
                rows[name] = full[name]
        for name, column in (("embedding", "latent"), ("sd", "sd")):
            if name in full:
                rows[[f"{column}_{number + 1}" for number in range(full[name].shape[1])]] = full[name]
    return rows


def _in_map(rows: pd.DataFrame, shape: tuple[int, int] | None) -> pd.DataFrame:
    """Return the rows with the position of each pixel in a map of ``shape``, if there is a map."""
    if shape is not None and shape[0] * shape[1] == len(rows):
        row, column = np.divmod(np.arange(len(rows)), shape[1])
        rows.insert(2, "row", row)
        rows.insert(3, "column", column)
    return rows
