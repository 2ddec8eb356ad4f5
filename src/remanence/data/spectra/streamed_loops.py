"""Loops of a raw scan of any size, chunk by chunk: the fits are kept in a file until the rotation is known."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.pixel_dataset import Pixelwise
from remanence.data.spectra.plausibility import implausible_quality
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.resonance_fit import phase_sign, say


class FitStore(Protocol):
    """Where fits are kept; a group of an HDF5 file is one."""

    def __contains__(self, name: str, /) -> bool:
        """Return whether there is a dataset of that name."""

    def create_dataset(self, name: str, shape: tuple[int, ...], dtype: Any) -> Any:
        """Create a dataset (pixels, steps), or (pixels,) where each pixel has one fit."""

    def __getitem__(self, name: str, /) -> Pixelwise:
        """Return a dataset."""


class StreamedLoops:
    """The same loops, to the last digit, as ``Raw.read`` returns, without holding the scan or its fits in memory.

    There are two passes, because the whole scan has one rotation θ, which is known only after all fits. ``fit`` fits
    every resonance and keeps the fits in a store, in about a tenth of the size of the raw spectra. ``read`` computes
    the loops from the stored fits.

    Args:
        raw: the scan and the options of its fit; it need not be opened.

    Raises:
        DataError: if the scan is missing, or has no band-excitation spectra or no such loop.
    """

    def __init__(self, raw: Raw) -> None:
        self.raw, self.scan = raw, raw.scan()
        self.rotation = np.nan
        self.phase_sense = np.nan
        """1 or -1 once the fits are made, see ``phase_sign``."""

    def fit(self, store: FitStore) -> None:
        """Fit all resonances, keep the fits in the store, and print how many were bad.

        Args:
            store: where a dataset (pixels, steps) of each quantity is created.

        Raises:
            DataError: if no resonance can be fitted.
        """
        self.store = store
        shape, parts = (self.scan.pixels, len(self.scan.voltage)), None
        bad = interpolated = masked = 0
        quality: list[NDArray[np.float64]] = []
        found = self.raw.resonances(self.scan)
        self.phase_sense = phase_sign(found.conjugate)
        for pixels, fitted, part in found.chunks:
            for name, values in fitted.items():
                if name not in store:
                    store.create_dataset(name, shape, values.dtype)
                store[name][pixels] = values
            is_masked, hole = self.raw.masked(fitted["bad"]), self.scan.main.grid.holes[pixels]
            bad += int(fitted["bad"][~hole].sum())
            interpolated += int(fitted["bad"][~is_masked].sum())
            masked += int((is_masked & ~hole).sum())
            good = ~fitted["bad"]
            quality.append(fitted["quality_factor"][good][:: max(1, int(good.sum()) // 100)])
            parts = part if parts is None else parts + part
        if parts is None or bad == self.raw.fits(self.scan):
            raise self.raw.unusable(self.scan)
        self.rotation = float(parts.rotation)
        self.raw.report(self.scan, found, bad=bad, interpolated=interpolated, masked=masked)
        say(self.scan.main, implausible_quality(np.concatenate(quality)))

    def read(self, pixels: slice) -> NDArray[np.float64]:
        """Return the loops of a slice of the pixels, shape (pixels, steps, channels); masked pixels are NaN."""
        fits = [self.store[name][pixels] for name in ("amplitude", "phase", "frequency", "bad")]
        return self.raw.loops(*fits, rotation=self.rotation, number=len(self.scan.loops.points))
