"""Band-excitation lines and images: the resonance of every pixel, and its spectrum as what a model is trained on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.source import Source
from remanence.data.spectra.band_excitation_line import BandExcitationLine
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.plausibility import implausible_quality
from remanence.data.spectra.resonance_fit import (
    check_can_be_fitted,
    fit_chunks,
    joined,
    phase_sign,
    say,
    sense_of,
    told,
)
from remanence.data.spectra.spectra import Spectra
from remanence.errors import DataError
from remanence.foundation.constraints import FileName, Fraction, Positive

if TYPE_CHECKING:  # torch is imported when a scan is fitted
    from remanence.science.band_excitation.phase_sense import PhaseSense

AXIS_LABEL = "frequency (kHz)"
PARTS = ("real part", "imaginary part")
BYTES = 40
"""Bytes that a point of a spectrum takes while it is read: the complex number, both parts and their copies."""


class Line(Spectra):
    """One band-excitation spectrum of each pixel, from an h5USID or NSID file: a line, an image, a step of an AC sweep.

    A resonance is fitted to each spectrum. A model gets the spectrum itself, not the four numbers of its fit: what the
    fit leaves over (a second mode, a shoulder, cross-talk) is what a model is asked for. Its channels are the real and
    the imaginary part, which have equal noise everywhere, as amplitude and phase have not: a phase jumps by 2π, and is
    noise where there is no response. All spectra are turned by one angle, so that the phase of the electronics does not
    matter: of exp(iθ) times a spectrum, θ being that of the piezoresponse A·cos(φ + θ). Domains of opposite
    polarization are then each other's negative.

    Args:
        path: path of the file.
        measurement: group to read, such as ``Measurement_000``; None takes the first with band excitation without bias.
        channel: group to read, such as ``Channel_000``; likewise.
        step: number of the spectrum of each pixel, where it has several; None takes the first of the largest drive.
        rotation: angle θ in rad that the spectra are turned by; None finds the one that puts most of the response into
            the piezoresponse and makes its mean positive. Without a bias, nothing tells up from down: another scan with
            other domains may be turned by π, unless it gets the rotation of this one.
        names: names of dimensions to their names in the file, such as ``{"Frequency": "bins"}``.
        units: units of dimensions in place of those that the file declares, such as ``{"Frequency": "MHz"}``.
        minimum_r2: smallest R² of a good resonance fit; pixels with less are masked.
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
        step: int | None = None,
        rotation: float | None = None,
        names: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
        minimum_r2: Fraction = 0.5,
        side: Positive | None = None,
        device: Annotated[str, pydantic.Field(pattern=r"^(cpu|cuda(:\d+)?)$")] = "cpu",
        **spectra: Any,
    ) -> None:
        super().__init__(**spectra)
        self.path, self.measurement, self.channel = path, measurement, channel
        self.step, self.rotation = step, rotation
        self.dimension_names, self.units = dict(names or {}), dict(units or {})
        self.minimum_r2, self.side, self.device = minimum_r2, side, device

    def check(self) -> None:
        """Check that the file has the spectra, without fitting them."""
        self.scan()

    def read(self) -> Measurement:
        """Fit the resonances and return the spectra; those without a good fit are NaN."""
        scan = self.scan()
        path, shape = scan.file.path, (scan.pixels, len(scan.points))
        check_fits(f"{path}: spectra of {shape[0]} pixels and {shape[1]} frequencies", bytes_of(shape, BYTES))
        sense = sense_of(scan)
        made = fit_chunks(scan, minimum_r2=self.minimum_r2, device=self.device, conjugate=sense.conjugate)
        fitted = joined(
            scan,
            made,
            self.unusable(scan),
            conjugate=sense.conjugate,
            rotation=self.rotation,
            axis_label="AC amplitude",
        )
        bad = int(fitted.bad[~scan.main.grid.holes].sum())
        self.report(scan, sense, bad=bad, rotation=fitted.rotation)
        say(scan.main, implausible_quality(fitted.quality_factor[~fitted.bad]))
        values = np.empty((*shape, 2), dtype=scan.main.dtype.type(0).real.dtype)
        for pixels, spectra in scan.chunks():
            at, lost = spectra[:, 0], fitted.bad[pixels, 0]
            values[pixels] = turned(at, lost, rotation=fitted.rotation, conjugate=sense.conjugate)
        return Measurement(
            values=values,
            axis=scan.frequency / 1e3,
            axis_label=AXIS_LABEL,
            channels=channels_of(scan),
            units=scan.units,
            sources=(Source.of_file(path),),
            scene=Scene("map", np.arange(scan.pixels), scan.main.grid.shape, self.side or scan.main.grid.side),
            resonances=fitted,
            notes={
                "data/bad_fits": float(bad),
                "data/masked_pixels": float(fitted.bad.sum()),
                "data/median_r2": float(np.nanmedian(fitted.r2)),
                "data/rotation": fitted.rotation,
                "data/phase_sense": phase_sign(sense.conjugate),
            },
        )

    def scan(self) -> BandExcitationLine:
        """Open the file and find the spectra, without reading them.

        Raises:
            DataError: if the file is missing, or has no band-excitation spectra.
        """
        if self.path is None:
            raise DataError("data.path: no scan given; add data.path=<an h5USID or NSID file>")
        scan = BandExcitationLine(
            self.path,
            measurement=self.measurement,
            channel=self.channel,
            step=self.step,
            names=self.dimension_names,
            units=self.units,
        )
        check_can_be_fitted(scan, self.device)
        return scan

    def report(self, scan: BandExcitationLine, sense: "PhaseSense", *, bad: int, rotation: float) -> None:
        """Print what was guessed, how many fits are bad, and by which angle the spectra are turned."""
        fits = scan.measured
        lines = [*scan.said, told(sense), f"{fits} resonances fitted, {bad} bad ({bad / fits:.2%}), which are masked"]
        if self.rotation is None:
            lines.append(
                f"all spectra are turned by {rotation:.4g} rad, so that the mean response is positive; "
                f"data.rotation={rotation:.4g} turns those of another scan alike"
            )
        say(scan.main, lines)

    def unusable(self, scan: BandExcitationLine) -> DataError:
        """Return the error to raise for a scan in which every fit is bad."""
        return DataError(f"{self.path}: none of its {scan.measured} resonances can be fitted in {scan.main.path}")


def turned(
    spectra: NDArray[Any], bad: NDArray[np.bool_], *, rotation: float, conjugate: bool
) -> NDArray[np.floating[Any]]:
    """Return the real and the imaginary part of exp(iθ) times spectra (pixels, bins), shape (pixels, bins, 2).

    Pixels that are ``bad`` (pixels,) are NaN. Where ``conjugate``, the conjugates of the spectra are turned.
    """
    response = (spectra.conj() if conjugate else spectra) * np.exp(1j * rotation)
    values = np.stack([response.real, response.imag], axis=-1).astype(spectra.real.dtype)
    values[bad] = np.nan
    return values


def channels_of(scan: BandExcitationLine) -> tuple[str, ...]:
    """Return the names and units of the channels."""
    return tuple(f"{part} ({scan.signal})" for part in PARTS)
