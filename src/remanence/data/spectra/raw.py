"""Loops from the raw band-excitation spectra of an instrument: resonance fit, rotation and piezoresponse."""

import operator
from collections.abc import Iterator
from functools import reduce
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.source import Source
from remanence.data.spectra.band_excitation import BandExcitation
from remanence.data.spectra.ground_truth import GroundTruth, read_ground_truth
from remanence.data.spectra.measurement import Factors, Measurement, Scene
from remanence.data.spectra.resonances import Resonances
from remanence.data.spectra.spectra import Spectra
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.constraints import FileName, Fraction, Positive
from remanence.foundation.terminal import console
from remanence.science.band_excitation.phase import RotationSums, piezoresponse
from remanence.science.band_excitation.switching import Field

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

AXIS_LABEL = "DC bias (V)"
CHANNELS = ("piezoresponse (arb. units)", "resonance frequency (kHz)")
UNITS = {"Frequency": "Hz", "DC_Offset": "V"}
"""Expected units of the dimensions, if the file declares units."""
CACHED = 2048
"""Spectra that are fitted at a time: as many as fit into the cache of a core; more take 2.6 times as long."""

BYTES = 150
"""Bytes that one point of a loop takes while the loops are made: the fitted quantities, the loops and their copies."""


class Raw(Spectra):
    """An h5USID file of band-excitation spectra.

    Args:
        path: path of the file.
        measurement: measurement to read, such as ``Measurement_000``; None takes the first with band excitation.
        channel: channel to read, such as ``Channel_000``; None takes the first with band excitation.
        field: whether to read the ``off`` or the ``on`` field.
        cycle: cycle of the bias, counted from 0; negative numbers count from the end, -1 is the last cycle.
        minimum_r2: smallest R² of a good resonance fit; a fit with less is bad.
        max_bad: largest share of bad fits in a loop. Up to this share they are interpolated along the bias; above it
            the pixel is masked.
        side: width of the map in µm; None if it is not known.
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
        field: Literal["off", "on"] = "off",
        cycle: int = -1,
        minimum_r2: Fraction = 0.5,
        max_bad: Fraction = 0.2,
        side: Positive | None = None,
        device: Annotated[str, pydantic.Field(pattern=r"^(cpu|cuda(:\d+)?)$")] = "cpu",
        **spectra: Any,
    ) -> None:
        super().__init__(**spectra)
        self.path, self.measurement, self.channel = path, measurement, channel
        self.field: Field = field
        self.cycle, self.minimum_r2, self.max_bad = cycle, minimum_r2, max_bad
        self.side, self.device = side, device

    def check(self) -> None:
        """Check that the file has the loop, without fitting it."""
        self.scan()

    def read(self) -> Measurement:
        """Fit the resonances and return the loops of piezoresponse and resonance frequency."""
        scan = self.scan()
        path, shape = scan.file.path, (scan.pixels, len(scan.voltage))
        check_fits(f"{path}: loops of {shape[0]} pixels and {shape[1]} bias steps", bytes_of(shape, BYTES))
        fitted = self._fit(scan)
        truth = read_truth(scan, self.field, self.cycle)
        loops = self.loops(fitted.amplitude, fitted.phase, fitted.frequency, fitted.bad, rotation=fitted.rotation)
        masked = self.masked(fitted.bad)
        bad = int(fitted.bad.sum())
        self.report(scan, bad=bad, interpolated=int(fitted.bad[~masked].sum()), masked=int(masked.sum()))
        return Measurement(
            values=loops,
            axis=fitted.voltage,
            axis_label=AXIS_LABEL,
            channels=CHANNELS,
            units=scan.units,
            sources=(Source.of_file(path),),
            scene=Scene("map", np.arange(scan.pixels), scan.map_shape, self.side),
            factors=None if truth is None else Factors(truth.names, truth.factors),
            clean=None if truth is None else np.stack([truth.piezoresponse, truth.resonance_frequency], axis=-1),
            synthetic=truth is not None,
            resonances=fitted,
            notes={
                "data/bad_fits": float(bad),
                "data/masked_pixels": float(masked.sum()),
                "data/median_r2": float(np.nanmedian(fitted.r2)),
                "data/rotation": fitted.rotation,
            },
        )

    def loops(self, amplitude: Values, phase: Values, frequency: Values, bad: Mask, *, rotation: float) -> Values:
        """Return loops (pixels, steps, channels) from fitted resonances (pixels, steps); masked pixels are NaN."""
        loops = np.stack([piezoresponse(amplitude, phase, rotation), frequency], axis=-1)
        masked = self.masked(bad)
        loops[bad] = np.nan
        interpolate(loops, ~masked)
        loops[masked] = np.nan
        return loops

    def masked(self, bad: Mask) -> Mask:
        """Return which pixels have too many bad fits to be used, shape (pixels,); ``bad`` is (pixels, steps)."""
        masked: Mask = bad.mean(axis=1) > self.max_bad
        return masked

    def report(self, scan: BandExcitation, *, bad: int, interpolated: int, masked: int) -> None:
        """Print how many fits were bad, how many were interpolated, and how many pixels were masked."""
        fits = scan.pixels * len(scan.voltage)
        console.print(
            f"{scan.file.path.name}: {fits} resonances fitted, {bad} bad ({bad / fits:.2%}); "
            f"{interpolated} of them interpolated, the rest in {masked} masked pixels"
        )

    def scan(self) -> BandExcitation:
        """Open the file and find the loop, without fitting it.

        Raises:
            DataError: if the file is missing, or has no band-excitation spectra or no such loop.
        """
        if self.path is None:
            raise DataError(
                "data.path: no scan given; add data.path=<an h5USID file>, or make one: "
                "remanence data simulate beps scan.h5"
            )
        chosen = {"measurement": self.measurement, "channel": self.channel}
        scan = BandExcitation(self.path, **chosen, field=self.field, cycle=self.cycle)
        bins, voltage, where = scan.frequency, scan.voltage, f"{self.path}: {scan.main.path}"
        for dimension, unit in UNITS.items():
            if (declared := scan.units.get(dimension, unit)) != unit:
                raise DataError(f"{where}: the dimension {dimension} is in {declared}; expected {unit}")
        if np.unique(bins).size < 4 or bins.min() <= 0:
            found = f"{bins.size} frequencies from {bins.min():g} to {bins.max():g} Hz"
            raise DataError(f"{where} has {found}; a resonance needs at least 4, all positive")
        if not voltage.min() < 0 < voltage.max():
            found = f"{voltage.min():g} to {voltage.max():g} V"
            raise DataError(f"{where} has a bias of {found}; a loop needs both signs")
        if self.device != "cpu":
            import torch

            if not torch.cuda.is_available():
                raise ConfigurationError(f"data.device: there is no '{self.device}' on this machine; expected cpu")
        return scan

    def fit_chunks(self, scan: BandExcitation) -> Iterator[tuple[slice, dict[str, NDArray[Any]], RotationSums]]:
        """Fit the resonances chunk by chunk, in memory that does not grow with the scan.

        Yields:
            for each chunk: the slice of its pixels; a dictionary with ``amplitude``, ``phase``, ``frequency`` (kHz),
            ``quality_factor``, ``r2`` and ``bad``, each of shape (pixels, steps); the chunk's sums for the rotation.
        """
        from remanence.science.band_excitation.sho_fit import fit_sho_chunks  # torch: not before the file is known

        bins, steps = scan.frequency, len(scan.voltage)
        at_a_time = max(1, CACHED // steps) if self.device == "cpu" else None
        spectra = (values.reshape(-1, len(bins)) for _, values in scan.chunks(at_a_time))
        start = 0
        for fit in fit_sho_chunks(spectra, bins, minimum_r2=self.minimum_r2, device=self.device):
            fitted = {name: getattr(fit, name).reshape(-1, steps) for name in ("amplitude", "phase", "r2", "bad")}
            fitted["frequency"] = fit.resonance_frequency.reshape(-1, steps) / 1e3
            fitted["quality_factor"] = fit.quality_factor.reshape(-1, steps)
            usable = np.where(fitted["bad"], np.nan, fitted["amplitude"])
            pixels = slice(start, start + len(usable))
            yield pixels, fitted, RotationSums.of(usable, fitted["phase"], scan.voltage).over_pixels()
            start = pixels.stop

    def unusable(self, scan: BandExcitation) -> DataError:
        """Return the error to raise for a scan in which every fit is bad."""
        fits = scan.pixels * len(scan.voltage)
        return DataError(f"{self.path}: none of its {fits} resonances can be fitted in {scan.main.path}")

    def _fit(self, scan: BandExcitation) -> Resonances:
        steps = len(scan.voltage)
        _, chunks, sums = zip(*self.fit_chunks(scan), strict=True)
        fitted = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
        bad, r2 = fitted["bad"], fitted["r2"]
        if bad.all():
            raise self.unusable(scan)
        order = np.argsort(np.where(bad, np.inf, r2), axis=None)
        pixel, step = divmod(int(order[(~bad).sum() // 2]), steps)
        return Resonances(
            **fitted,
            rotation=float(reduce(operator.add, sums).rotation),
            voltage=scan.voltage,
            field=self.field,
            spectrum=scan.read(slice(pixel, pixel + 1))[0, step].astype(np.complex128),
            bins=scan.frequency / 1e3,
            example=(pixel, step),
        )


def read_truth(scan: BandExcitation, field: Field, cycle: int) -> GroundTruth | None:
    """Return the ground truth of a simulated scan, or None for a measured scan."""
    group = f"{scan.main.path.rpartition('/')[0]}/Ground_Truth/"
    if not any(path.startswith(group) for path in scan.file.datasets):
        return None
    return read_ground_truth(scan.main, field=field, cycle=cycle)


def interpolate(loops: Values, pixels: NDArray[np.bool_]) -> None:
    """Fill the gaps in the loops of ``pixels`` in place, by interpolation along the steps of the closed cycle."""
    steps = np.arange(loops.shape[1])
    for pixel in np.flatnonzero(pixels & np.isnan(loops).any(axis=(1, 2))):
        known = np.isfinite(loops[pixel]).all(axis=1)
        for channel in range(loops.shape[2]):
            loops[pixel, ~known, channel] = np.interp(
                steps[~known], steps[known], loops[pixel, known, channel], period=len(steps)
            )
