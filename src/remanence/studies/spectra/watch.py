"""Encoding the pixels of a scan while an instrument writes them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.growing_scan import GrowingScan
from remanence.foundation.terminal import console
from remanence.studies.spectra.logged_model import SpectralModel
from remanence.studies.spectra.predicted_scan import with_masked
from remanence.studies.spectra.watched_file import WatchedFile

PAUSE = 0.002
"""Seconds between two looks at a scan that is being written: a small part of the time that a pixel takes."""
RESTING = 0.2
"""The same for a scan that rests."""
PATIENCE = 1.0
"""Seconds without a new pixel after which the file is opened again, and passed-over pixels are looked for."""
SILENCE = 30.0
"""Seconds without a new pixel after which a line says so."""
MOST = 64
"""Pixels that are encoded at a time, where so many wait."""
NOVEL = 0.99
"""Novelty of a pixel that is flagged: of pixels like those that the run held out, at most one in a hundred is."""
TOLD = 20
"""Novel pixels of which each gets a line; more would bury the rest."""


@dataclass
class Watch:
    """The pixels of a growing scan, encoded in the order of the file.

    Args:
        scan: the scan.
        model: the model of a run.
        columns: numbers of the channels of the scan's loops that the model takes.
        output: where the latents are written.
        rotation: angle θ of P = A·cos(φ + θ) of the run's own data, rad.
        conjugate: whether the run's own data had the opposite sense of phase.
        novel: novelty from which a pixel is flagged.
        clock: what tells the seconds that pass.
        sleep: what lets them pass.
    """

    scan: GrowingScan
    model: SpectralModel
    columns: list[int]
    output: WatchedFile
    rotation: float
    conjugate: bool
    novel: float = NOVEL
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    masked: int = 0
    flagged: int = 0
    waiting: list[int] = field(default_factory=list)
    """Pixels of the file that the writer has passed over."""

    def run(self) -> str:
        """Encode until the scan has ended, and return how it ended, in words.

        Raises:
            DataError: if the scan or the output can no longer be read or written.
        """
        number, places = len(self.scan.places), self.scan.places
        pending = np.flatnonzero(~self.output.done[places])
        at = int(pending[0]) if len(pending) else number
        take, last, told = 1, self.clock(), False
        while at < number or self.waiting:
            self.scan.refresh()
            new = self._encode(at, min(at + take, number)) if at < number else 0
            at += new
            while at < number and self.output.done[places[at]]:
                at += 1
            if new:
                take, last, told = (min(2 * take, MOST) if new == take else 1), self.clock(), False
                continue
            take, idle = 1, self.clock() - last
            if idle >= PATIENCE:
                self.output.flush()
                self.scan.reopen()
                if self._encode_passed_over():
                    last = self.clock()
                    continue
                if self.scan.ended and self.scan.writer_has_closed():
                    return self._last_pixels(at)
                if at < number and self.scan.passed_over(at):
                    at += self._pass_over(at)
                    continue
            if idle >= SILENCE and not told:
                console.print(
                    f"{self._name}: no new pixel for {SILENCE:g} s, {self._count} of {number} are there; still waiting "
                    "(the scan rests, or its writer died); Ctrl-C ends and keeps the output"
                )
                told = True
            self.pause(PAUSE if idle < PATIENCE else RESTING)
        return "all of its pixels are there"

    def pause(self, seconds: float) -> None:
        """Let some time pass."""
        self.sleep(seconds)

    @property
    def _name(self) -> str:
        return self.scan.file.path.name

    @property
    def _count(self) -> int:
        return int(self.output.done[self.scan.places].sum())

    def _encode(self, start: int, stop: int) -> int:
        """Encode those of a range of the pixels of the file that are complete, up to the first that is not."""
        if stop - start == 1 and not self.scan.last_is_there(start):
            return 0
        spectra = self.scan.read(slice(start, stop))
        complete = np.asarray(self.scan.measured(spectra).all(axis=1))
        ready = len(complete) if complete.all() else int(complete.argmin())
        if ready:
            self._write(start, spectra[:ready])
        return ready

    def _write(self, start: int, spectra: NDArray[np.complexfloating]) -> None:
        loops, fitted = self.scan.loops(spectra, rotation=self.rotation, conjugate=self.conjugate)
        loops = loops[..., self.columns]
        valid = self.model.usable(loops)
        found = self.model.predict(loops[valid]) if valid.any() else {}
        outputs = with_masked(found, valid) | {"measured": loops, "valid": valid}
        if "novelty" in outputs:
            outputs["novel"] = outputs["novelty"] >= self.novel
        self.masked += int((~valid).sum())
        places = self.scan.places[start : start + len(spectra)]
        new = np.flatnonzero(~self.output.done[places])
        for run in np.split(new, np.flatnonzero((np.diff(places[new]) != 1) | (np.diff(new) != 1)) + 1):
            if not len(run):
                continue
            part, first = slice(int(run[0]), int(run[-1]) + 1), int(places[run[0]])
            self.output.write(
                slice(first, first + len(run)),
                {name: values[part] for name, values in outputs.items()},
                {name: values[part] for name, values in fitted.items()},
            )
        if "novel" in outputs:
            for at in new[outputs["novel"][new]]:
                self._tell(int(places[at]), float(outputs["novelty"][at]))

    def _tell(self, place: int, novelty: float) -> None:
        self.flagged += 1
        row, column = divmod(place, self.scan.scan.map_shape[1])
        if self.flagged <= TOLD:
            console.print(f"{self._name}: row {row}, column {column} is novel ({novelty:.3f})")
        if self.flagged == TOLD:
            console.print("further novel pixels are counted, and flagged in the output")

    def _encode_passed_over(self) -> int:
        before = len(self.waiting)
        self.waiting = [pixel for pixel in self.waiting if not self._encode(pixel, pixel + 1)]
        return before - len(self.waiting)

    def _pass_over(self, at: int) -> int:
        """Take a pixel as it is, because the writer went on; one of which nothing is there may still come."""
        spectra = self.scan.read(slice(at, at + 1))
        if self.scan.measured(spectra).any():
            self._write(at, spectra)
        else:
            self.waiting.append(at)
        return 1

    def _last_pixels(self, at: int) -> str:
        """Take what is there of the pixels that are left, because nothing will follow."""
        for pixel in (*self.waiting, *range(at, len(self.scan.places))):
            spectra = self.scan.read(slice(pixel, pixel + 1))
            if len(spectra) and self.scan.measured(spectra).any():
                self._write(pixel, spectra)
        self.waiting = []
        return f"its writer has ended it with {self._count} of {len(self.scan.places)} pixels"
