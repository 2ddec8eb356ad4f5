"""Loops from the raw band-excitation spectra of an instrument: resonance fit, rotation and piezoresponse."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.source import Source
from remanence.data.spectra.band_excitation import BandExcitation
from remanence.data.spectra.fitted_loops import channel_names, loops_as_channels, loops_of_fits, masked_pixels
from remanence.data.spectra.ground_truth import GroundTruth, read_ground_truth
from remanence.data.spectra.loop_selection import Selection
from remanence.data.spectra.measurement import Factors, Measurement, Scene
from remanence.data.spectra.plausibility import implausible_quality
from remanence.data.spectra.resonance_fit import (
    FitChunk,
    check_can_be_fitted,
    fit_chunks,
    joined,
    phase_sign,
    say,
    sense_of,
    told,
)
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.stored_fit import find_stored_fit
from remanence.errors import DataError
from remanence.foundation.constraints import FileName, Fraction, Positive
from remanence.foundation.terminal import console

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

BYTES = 150
"""Bytes that one point of a loop takes while the loops are made: the fitted quantities, the loops and their copies."""


@dataclass(frozen=True)
class Found:
    """Resonances of a scan, and where they are from."""

    conjugate: bool
    """Whether they are of the complex conjugates of the spectra."""
    said: tuple[str, ...]
    """What was found out about the sense of phase or a stored fit, a line for each."""
    chunks: Iterator[FitChunk]
    made: str
    """What was done, in words."""


class Raw(Spectra):
    """An h5USID or NSID file of band-excitation spectra.

    Args:
        path: path of the file.
        measurement: group to read, such as ``Measurement_000``; None takes the first with band excitation and a bias.
        channel: group to read, such as ``Channel_000``; None takes the first with band excitation and a bias.
        field: whether to read the ``off`` or the ``on`` field, or ``both``, each with channels of its own.
        cycle: cycle of the bias, counted from 0; negative numbers count from the end, -1 is the last cycle; ``all``
            keeps each with channels of its own.
        forc: number of the loop of a first-order reversal curve (FORC) measurement, likewise.
        read: number of the read step after each step of the bias, likewise: of a contact Kelvin probe or relaxation
            measurement.
        names: names of dimensions to their names in the file, such as ``{"DC_Offset": "Bias"}``.
        units: units of dimensions in place of those that the file declares, such as ``{"Frequency": "MHz"}``.
        minimum_r2: smallest R² of a good resonance fit; a fit with less is bad.
        max_bad: largest share of bad fits in a loop. Up to this share they are interpolated along the bias; above it
            the pixel is masked.
        refit: whether to fit the resonances also where the file holds a good fit of them.
        side: width of the map in µm; None takes the coordinates of the file.
        device: device that the resonances are fitted on, ``cpu`` or ``cuda``.
        **spectra: further arguments of ``Spectra``.
    """

    file_key = "path"

    def __init__(
        self,
        *,
        path: FileName | None = None,
        measurement: str | None = None,
        channel: str | None = None,
        field: Literal["off", "on", "both"] = "off",
        cycle: int | Literal["all"] = -1,
        forc: int | Literal["all"] = -1,
        read: int | Literal["all"] = "all",
        names: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
        minimum_r2: Fraction = 0.5,
        max_bad: Fraction = 0.2,
        refit: bool = False,
        side: Positive | None = None,
        device: Annotated[str, pydantic.Field(pattern=r"^(cpu|cuda(:\d+)?)$")] = "cpu",
        **spectra: Any,
    ) -> None:
        super().__init__(**spectra)
        self.path, self.measurement, self.channel = path, measurement, channel
        self.selection = Selection(field, cycle, forc, read)
        self.dimension_names, self.units = dict(names or {}), dict(units or {})
        self.minimum_r2, self.max_bad = minimum_r2, max_bad
        self.refit, self.side, self.device = refit, side, device

    def check(self) -> None:
        """Check that the file has the loop, without fitting it."""
        self.scan()

    def read(self) -> Measurement:
        """Fit the resonances and return the loops of piezoresponse and resonance frequency."""
        scan = self.scan()
        path, shape = scan.file.path, (scan.pixels, len(scan.voltage))
        check_fits(f"{path}: loops of {shape[0]} pixels and {shape[1]} bias steps", bytes_of(shape, BYTES))
        found = self.resonances(scan)
        fitted = joined(
            scan,
            found.chunks,
            self.unusable(scan),
            conjugate=found.conjugate,
            field=self.selection.field,
            loops=len(scan.loops.points),
            axis_label=scan.voltage_label,
        )
        truth = read_truth(scan, self.selection)
        loops = self.loops(
            fitted.amplitude,
            fitted.phase,
            fitted.frequency,
            fitted.bad,
            rotation=fitted.rotation,
            number=len(scan.loops.points),
        )
        masked, hole = self.masked(fitted.bad), scan.main.grid.holes
        bad = int(fitted.bad[~hole].sum())
        self.report(
            scan, found, bad=bad, interpolated=int(fitted.bad[~masked].sum()), masked=int((masked & ~hole).sum())
        )
        say(scan.main, implausible_quality(fitted.quality_factor[~fitted.bad]))
        clean = None if truth is None else (truth.piezoresponse, truth.resonance_frequency)
        return Measurement(
            values=loops,
            axis=scan.axis,
            axis_label=scan.axis_label,
            channels=channel_names(scan.loops.names),
            units=scan.units,
            sources=(Source.of_file(path),),
            scene=Scene("map", np.arange(scan.pixels), scan.map_shape, self.side or scan.side),
            factors=None if truth is None else Factors(truth.names, truth.factors),
            clean=None if clean is None else loops_as_channels(np.stack(clean, axis=-1), len(scan.loops.points)),
            synthetic=truth is not None,
            resonances=fitted,
            notes={
                "data/bad_fits": float(bad),
                "data/masked_pixels": float(masked.sum()),
                "data/median_r2": float(np.nanmedian(fitted.r2)),
                "data/rotation": fitted.rotation,
                "data/phase_sense": phase_sign(found.conjugate),
            },
        )

    def loops(
        self, amplitude: Values, phase: Values, frequency: Values, bad: Mask, *, rotation: float, number: int = 1
    ) -> Values:
        """Return loops from fitted resonances (pixels, loops · steps); masked pixels are NaN.

        Returns:
            loops of shape (pixels, steps, channels), with the channels of the first of ``number`` loops first.
        """
        return loops_of_fits(amplitude, phase, frequency, bad, rotation=rotation, max_bad=self.max_bad, number=number)

    def masked(self, bad: Mask) -> Mask:
        """Return which pixels have too many bad fits to be used, shape (pixels,); ``bad`` is (pixels, steps)."""
        return masked_pixels(bad, self.max_bad)

    def fits(self, scan: BandExcitation) -> int:
        """Return the number of spectra that are fitted, without the holes of the map."""
        return int((~scan.main.grid.holes).sum()) * len(scan.voltage)

    def report(self, scan: BandExcitation, found: Found, *, bad: int, interpolated: int, masked: int) -> None:
        """Print what was guessed, how many fits were bad or interpolated, and how many pixels were masked."""
        say(scan.main, (*scan.said, *found.said))
        fits = self.fits(scan)
        console.print(
            f"{scan.file.path.name}: {fits} resonances {found.made}, {bad} bad ({bad / fits:.2%}); "
            f"{interpolated} of them interpolated, the rest in {masked} masked pixels"
        )

    def scan(self) -> BandExcitation:
        """Open the file and find the loop, without fitting it.

        Raises:
            DataError: if the file is missing, or has no band-excitation spectra or no such loop.
        """
        if self.path is None:
            raise DataError(
                "data.path: no scan given; add data.path=<an h5USID or NSID file>, or make one: "
                "remanence data simulate beps scan.h5"
            )
        chosen = self.selection
        scan = BandExcitation(
            self.path,
            measurement=self.measurement,
            channel=self.channel,
            field=chosen.field,
            cycle=chosen.cycle,
            forc=chosen.forc,
            read=chosen.read,
            names=self.dimension_names,
            units=self.units,
        )
        voltage = scan.voltage
        if scan.has_bias and not voltage.min() < 0 < voltage.max():
            found = f"{voltage.min():g} to {voltage.max():g} V"
            raise DataError(f"{scan.main.where} has a bias of {found}; a loop needs both signs")
        check_can_be_fitted(scan, self.device)
        return scan

    def resonances(self, scan: BandExcitation) -> Found:
        """Return the resonances of a scan chunk by chunk: those of a good fit in the file, or of a fit that is made."""
        why: tuple[str, ...] = ()
        if not self.refit:
            stored, why = find_stored_fit(scan, minimum_r2=self.minimum_r2)
            if stored is not None:
                chunks = stored.chunks(scan, minimum_r2=self.minimum_r2)
                return Found(stored.conjugate, why, chunks, "taken as they are stored")
        sense = sense_of(scan)
        made = fit_chunks(scan, minimum_r2=self.minimum_r2, device=self.device, conjugate=sense.conjugate)
        return Found(sense.conjugate, (*why, told(sense)), made, "fitted")

    def unusable(self, scan: BandExcitation) -> DataError:
        """Return the error to raise for a scan in which every fit is bad."""
        return DataError(f"{self.path}: none of its {self.fits(scan)} resonances can be fitted in {scan.main.path}")


def read_truth(scan: BandExcitation, chosen: Selection) -> GroundTruth | None:
    """Return the ground truth of a simulated scan, or None for a measured scan."""
    group = f"{scan.main.path.rpartition('/')[0]}/Ground_Truth/"
    if not any(path.startswith(group) for path in scan.file.datasets):
        return None
    return read_ground_truth(scan.main, field=chosen.field, cycle=chosen.cycle)
