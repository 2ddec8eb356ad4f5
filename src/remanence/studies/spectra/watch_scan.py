"""Watching a scan with the model of a run: what the two have to agree on, then pixel by pixel until the scan ends."""

import gc
from collections.abc import Sequence

import numpy as np

from remanence.data.spectra.fitted_loops import channel_names
from remanence.data.spectra.growing_scan import GrowingScan
from remanence.data.spectra.raw import Raw
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.studies.spectra.logged_model import SpectralModel
from remanence.studies.spectra.other_spectra import reader_of
from remanence.studies.spectra.watch import NOVEL, Watch
from remanence.studies.spectra.watched_file import WatchedFile
from remanence.tracking.interruption import interruptible
from remanence.tracking.run import Run


def watch_scan(
    model: SpectralModel, run: Run, source: str, output: str, changes: Sequence[str], *, rotation: float | None
) -> str:
    """Encode the pixels of a scan until it ends, see ``AppliedSpectra.watch``."""
    reader = reader_of(run.config, source, changes)
    if not isinstance(reader, Raw):
        raise ConfigurationError(f"watch: {source} is read as {type(reader).__name__}; raw scans in HDF5 are watched")
    theta, conjugate = phase_of(model, run, rotation)
    with GrowingScan(reader) as growing:
        scan, instrument = growing.scan, model.instrument
        channels = channel_names(scan.loops.names)
        instrument.check(scan.axis, channels, scan.units, str(scan.file.path))
        columns = [channels.index(channel) for channel in instrument.channels]
        sense = "opposite to that of the oscillator's" if conjugate else "as recorded"
        name = scan.file.path.name
        console.print(f"{name}: θ = {theta:.4f} rad and the phase sense ({sense}) are those of run {run.id}")
        console.print(what_is_flagged(len(model.calibration)))
        with WatchedFile(output, growing, instrument, run.id) as file, interruptible():
            if file.done.any():
                console.print(f"{output}: {int(file.done.sum())} pixels are there; goes on")
            watch = Watch(growing, model, columns, file, theta, conjugate)
            ended = "interrupted; the same command goes on"
            gc.collect()
            gc.freeze()  # what is there now stays: to look through it for cycles would take longer than a pixel
            try:
                ended = watch.run()
            finally:
                gc.unfreeze()
                written = int(file.done.sum())
                console.print(
                    f"{name}: {ended}; {written} of {len(growing.places)} pixels written, of this watch "
                    f"{watch.masked} masked and {watch.flagged} novel"
                )
    return ended


def phase_of(model: SpectralModel, run: Run, rotation: float | None) -> tuple[float, bool]:
    """Return the angle θ of P = A·cos(φ + θ) in rad, and whether the spectra have the opposite sense of phase.

    Raises:
        ConfigurationError: if neither the model nor the metrics of the run have an angle, and none is given.
    """
    instrument, logged = model.instrument, run.found.data.metrics  # a model of 0.1 does not have them
    angles = (rotation, instrument.rotation, logged.get("data/rotation"))
    theta = next((angle for angle in angles if angle is not None), None)
    if theta is None or not np.isfinite(theta):
        raise ConfigurationError(
            f"watch: run {run.id} was not trained on a raw scan and knows no angle θ of P = A·cos(φ + θ); give "
            "rotation=<θ in rad>, which `data/rotation` of a run on a raw scan of this instrument has"
        )
    return float(theta), instrument.conjugated or logged.get("data/phase_sense", 1.0) < 0


def what_is_flagged(calibration: int) -> str:
    """Return a line on the pixels that are flagged as novel, by the number of held-out pixels that calibrate."""
    if not calibration:
        return "the run has no held-out pixels that calibrate novelty: none is flagged"
    if calibration / (calibration + 1) < NOVEL:
        return f"novelty is calibrated by {calibration} held-out pixels, too few to flag one in a hundred"
    return f"novel: farther from what the model makes of it than {NOVEL:.0%} of the run's {calibration} held-out pixels"
