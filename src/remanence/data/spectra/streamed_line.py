"""The spectra of a band-excitation line or image of any size, chunk by chunk: fits are kept in a file."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.line import Line, turned
from remanence.data.spectra.plausibility import implausible_quality
from remanence.data.spectra.resonance_fit import fit_chunks, phase_sign, say, sense_of
from remanence.data.spectra.streamed_loops import FitStore


class StreamedLine:
    """The same spectra, to the last digit, as ``Line.read`` returns, without holding the scan in memory.

    ``fit`` fits every resonance, which gives the rotation and the bad pixels, and keeps the fits in a store. ``read``
    reads the spectra again.

    Args:
        line: the scan and the options of its fit; it need not be opened.

    Raises:
        DataError: if the scan is missing, or has no band-excitation spectra.
    """

    def __init__(self, line: Line) -> None:
        self.line, self.scan = line, line.scan()
        self.rotation = np.nan
        self.phase_sense = np.nan
        """1 or -1 once the fits are made, see ``phase_sign``."""

    def fit(self, store: FitStore) -> None:
        """Fit all resonances, keep the fits in the store, and print how many were bad.

        Args:
            store: where a dataset (pixels,) of each quantity is created.

        Raises:
            DataError: if no resonance can be fitted.
        """
        self.store = store
        line, scan, parts, bad = self.line, self.scan, None, 0
        quality: list[NDArray[np.float64]] = []
        sense = sense_of(scan)
        self.phase_sense = phase_sign(sense.conjugate)
        made = fit_chunks(scan, minimum_r2=line.minimum_r2, device=line.device, conjugate=sense.conjugate)
        for pixels, fitted, part in made:
            for name, values in fitted.items():
                if name not in store:
                    store.create_dataset(name, (scan.pixels,), values.dtype)
                store[name][pixels] = values[:, 0]
            good = ~fitted["bad"]
            bad += int((~good & ~scan.main.grid.holes[pixels, None]).sum())
            quality.append(fitted["quality_factor"][good][:: max(1, int(good.sum()) // 100)])
            parts = part if parts is None else parts + part
        if parts is None or bad == scan.measured:
            raise line.unusable(scan)
        self.rotation = float(parts.rotation) if line.rotation is None else line.rotation
        line.report(scan, sense, bad=bad, rotation=self.rotation)
        say(scan.main, implausible_quality(np.concatenate(quality)))

    def read(self, pixels: slice) -> NDArray[np.floating[Any]]:
        """Return the spectra of a slice of the pixels, shape (pixels, bins, 2); those without a good fit are NaN."""
        bad = np.asarray(self.store["bad"][pixels], dtype=bool)
        spectra = self.scan.read(pixels)[:, 0]
        return turned(spectra, bad, rotation=self.rotation, conjugate=self.phase_sense < 0)
