"""What a model finds in a scan that is still being written, as a file that is whole at any moment."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.growing_scan import GrowingScan
from remanence.data.spectra.new_hdf5 import new_hdf5
from remanence.errors import DataError
from remanence.studies.spectra.logged_model import Instrument
from remanence.studies.spectra.predicted_scan import PredictedScan
from remanence.studies.spectra.scan import positions_of

WRITTEN = "written_at"
"""Dataset with the time at which the latents of a pixel had been written, s since 1970; NaN: they have not."""


class WatchedFile:
    """An NSID file as ``predict`` writes it, which is filled pixel by pixel; a context manager.

    The first pixels create it with room for all, in their final place. Later ones overwrite the NaN there, and nothing
    else in the file changes: any program can read it at any moment, and whatever kills this process leaves it readable.
    A pixel counts once ``written_at`` has its time, which is written after everything else of the pixel.

    Args:
        path: path of the output.
        scan: the scan that is watched.
        instrument: instrument of the model.
        run: id of the run of the model.

    Raises:
        DataError: if there is a file at ``path`` that is not the beginning of the same.
    """

    def __init__(self, path: str | Path, scan: GrowingScan, instrument: Instrument, run: str) -> None:
        self.path, self.scan, self.run = Path(path), scan, run
        self.channels = tuple(instrument.channels)
        self.group = scan.file.path.stem or "scan"
        self.done: NDArray[np.bool_] = np.zeros(scan.scan.pixels, dtype=np.bool_)
        """Which places of the map are written, shape (places,)."""
        self._open: PredictedScan | None = None
        if self.path.exists():
            self._resume()

    def write(self, pixels: slice, outputs: Mapping[str, NDArray[Any]], fitted: Mapping[str, NDArray[Any]]) -> None:
        """Write some pixels.

        Args:
            pixels: slice of the pixels in map order.
            outputs: as ``PredictedScan.add`` takes them.
            fitted: fitted resonances by name, each (pixels, bias steps).

        Raises:
            DataError: if the file cannot be written.
        """
        if self._open is None:
            self._create(pixels, outputs, fitted)
        assert self._open is not None
        try:
            self._fill(self._open, pixels, outputs, fitted)
            self._open.file.flush()
            self._open.datasets[WRITTEN][pixels] = np.full(pixels.stop - pixels.start, time.time())
        except OSError as error:
            raise DataError(f"{self.path}: cannot be written: {error}") from error
        self.done[pixels] = True

    def flush(self) -> None:
        """Bring the times of the last pixels to the file."""
        if self._open is not None:
            self._open.file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._open is not None:
            self._open.file.close()
            self._open = None

    def __enter__(self) -> "WatchedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _create(self, pixels: slice, outputs: Mapping[str, NDArray[Any]], fitted: Mapping[str, NDArray[Any]]) -> None:
        facts = {"scan": str(self.scan.file.path), "run": self.run, "watched": self.scan.path}
        with new_hdf5(self.path) as file:
            predicted = self._predicted(file, facts | self._known_by(pixels.start))
            self._fill(predicted, pixels, outputs, fitted)
            predicted.create(WRITTEN, (), np.float64, units="s")
        self._reopen()

    def _fill(
        self,
        predicted: PredictedScan,
        pixels: slice,
        outputs: Mapping[str, NDArray[Any]],
        fitted: Mapping[str, NDArray[Any]],
    ) -> None:
        predicted.add(pixels, outputs)
        store = predicted.resonances
        for name, values in fitted.items():
            if name not in store:
                store.create_dataset(name, (predicted.pixels, values.shape[1]), values.dtype)
            store[name][pixels] = values

    def _predicted(self, file: h5py.File, facts: Mapping[str, Any]) -> PredictedScan:
        scan = self.scan.scan
        return PredictedScan(
            file,
            self.group,
            positions_of(scan.main.grid),
            (scan.axis, scan.axis_label),
            self.channels,
            bias=scan.voltage if len(scan.loops.points) > 1 else None,
            signal=scan.units.get("signal", ""),
            facts=facts,
            allocated=True,
        )

    def _known_by(self, place: int) -> dict[str, Any]:
        """Return a pixel and the digest of its spectra, by which the scan is known again."""
        spectra = self.scan.scan.read(slice(place, place + 1))
        return {"known_pixel": place, "known_by": hashlib.sha256(np.ascontiguousarray(spectra).tobytes()).hexdigest()}

    def _reopen(self) -> None:
        """Open the file to write values in their places; without a lock, others may read it meanwhile."""
        self._open = self._predicted(h5py.File(self.path, "r+", locking=False), {})
        self._open.adopt()

    def _resume(self) -> None:
        try:
            with h5py.File(self.path, "r", locking=False) as file:
                facts = dict(file[self.group].attrs) if self.group in file else {}
        except OSError as error:
            raise DataError(f"{self.path}: is there, and is not what this watch has begun: {error}") from error
        expected = {"run": self.run, "watched": self.scan.path}
        if any(facts.get(name) != value for name, value in expected.items()) or "known_pixel" not in facts:
            raise DataError(
                f"{self.path}: is there, and does not hold what run {self.run} found in {self.scan.file.path}; name "
                "another file"
            )
        if facts["known_by"] != self._known_by(int(facts["known_pixel"]))["known_by"]:
            raise DataError(f"{self.path}: holds latents of another scan than {self.scan.file.path}; name another file")
        self._reopen()
        assert self._open is not None
        written = self._open.datasets[WRITTEN][slice(0, self._open.pixels)]
        self.done = np.isfinite(written)
