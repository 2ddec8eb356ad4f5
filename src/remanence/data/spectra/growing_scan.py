"""A raw scan that another process is still writing: which of its pixels are there, and their loops."""

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.hdf5_file import viewing
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.resonance_fit import by_name
from remanence.errors import DataError

ENDED = "scan_ended"
"""Attribute of the file, with which its writer says that no pixel will follow; any value but 0 counts."""
AHEAD = 256
"""Pixels that are looked at behind one that is not there, to tell whether the writer has passed it over."""


class GrowingScan:
    """Pixels of a raw scan in the order of the file, read while they are written; a context manager.

    The file may be allocated as a whole beforehand, so that unwritten pixels hold its fill value, or grow. Its table
    of positions has to be complete. A writer in SWMR mode may stay open; one that opens and closes the file may come
    and go, because a viewer takes no lock.

    Args:
        raw: the scan and the options of its fit.

    Raises:
        DataError: if the file is missing, or has no band-excitation spectra or no such loop.
    """

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        with viewing():
            self.scan = raw.scan()
        self.file, self.path = self.scan.file, self.scan.main.path
        rows = self.scan.main.grid.rows_of_file
        places = np.flatnonzero(rows >= 0)
        self.places: NDArray[np.intp] = places[np.argsort(rows[places])]
        """Place in the map of each pixel of the file, shape (pixels of the file,)."""
        self._data = self.file.dataset(self.path)
        self._fill = self._data.fillvalue if self.scan.main.dtype.names is None else 0

    def refresh(self) -> None:
        """Look at the file as it is now; one that its writer has closed and opened again is opened again, too."""
        try:
            self._data.refresh()
        except Exception:  # a viewer of a file whose writer has just come meets whatever h5py finds
            self.reopen()

    def reopen(self) -> None:
        """Open the file again."""
        self.file.close()
        self._data = self.file.dataset(self.path)

    @property
    def ended(self) -> bool:
        """Whether the writer has said that no pixel will follow."""
        with self.file.reading(f"attribute {ENDED}"):
            return bool(self.file.handle.attrs.get(ENDED, False))

    def writer_has_closed(self) -> bool:
        """Return whether no process has the file open for writing, as far as the file says."""
        self.file.close()  # as long as it is open here, HDF5 does not look at the file again
        try:
            with h5py.File(self.file.path, "r", locking=False):
                return True
        except OSError:
            return False
        finally:
            self.reopen()

    def read(self, pixels: slice) -> NDArray[Any]:
        """Return the spectra of a slice of the pixels of the file, as far as they are there.

        Returns:
            complex spectra (pixels, bias steps, bins) of the chosen loops.
        """
        stop = min(pixels.stop, self._there())
        places = self.places[pixels.start : max(stop, pixels.start)]
        parts = [self.scan.read(run) for run in _runs(places)]
        return np.concatenate(parts) if parts else np.empty((0, *self.scan.points.shape), np.complex64)

    def last_is_there(self, pixel: int) -> bool:
        """Return whether the last spectrum of a pixel of the file has been written: quick, and asked often."""
        if pixel >= self._there():
            return False
        place, points = int(self.places[pixel]), self.scan.points[-1]
        part = self.scan.main.read(slice(place, place + 1), slice(int(points.min()), int(points.max()) + 1))
        return bool(self.measured(part[:, None]).any())

    def measured(self, spectra: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which spectra (pixels, bias steps, bins) have been written, shape (pixels, bias steps)."""
        there: NDArray[np.bool_] = (np.isfinite(spectra) & (spectra != 0) & (spectra != self._fill)).any(axis=2)
        return there

    def passed_over(self, pixel: int) -> bool:
        """Return whether one of the pixels behind a pixel of the file is there."""
        last = min(self._there(), pixel + 1 + AHEAD)
        return any(self.measured(self.read(slice(at, at + 1))).any() for at in range(last - 1, pixel, -1))

    def loops(
        self, spectra: NDArray[Any], *, rotation: float, conjugate: bool
    ) -> tuple[NDArray[np.float64], dict[str, NDArray[Any]]]:
        """Fit spectra of some pixels.

        Args:
            spectra: complex spectra (pixels, bias steps, bins).
            rotation: angle θ of P = A·cos(φ + θ), rad; a scan that is not complete does not tell its own.
            conjugate: whether the instrument has the opposite sense of phase.

        Returns:
            loops (pixels, steps, channels), NaN where a pixel is masked; the fitted quantities by name, each (pixels,
            bias steps).
        """
        from remanence.science.band_excitation.sho_fit import fit_sho  # torch: not before the file is known

        _, steps, bins = spectra.shape
        flat = spectra.reshape(-1, bins)
        fit = fit_sho(flat, self.scan.frequency, minimum_r2=self.raw.minimum_r2, conjugate=conjugate)
        fitted = by_name(fit, steps)
        parts = [fitted[name] for name in ("amplitude", "phase", "frequency", "bad")]
        return self.raw.loops(*parts, rotation=rotation, number=len(self.scan.loops.points)), fitted

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __enter__(self) -> "GrowingScan":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _there(self) -> int:
        """Return the number of pixels for which the file has room now."""
        if self._data.ndim != 2:  # NSID is never extended
            return len(self.places)
        if self._data.shape[0] > len(self.places):
            raise DataError(
                f"{self.file.path}: {self.path} has grown to {self._data.shape[0]} pixels, and the table of positions "
                f"has {len(self.places)}"
            )
        return int(self._data.shape[0])


def _runs(places: NDArray[np.intp]) -> Iterator[slice]:
    """Yield places as slices, in their order: one for those that follow each other."""
    for run in np.split(places, np.flatnonzero(np.diff(places) != 1) + 1):
        if len(run):
            yield slice(int(run[0]), int(run[-1]) + 1)
