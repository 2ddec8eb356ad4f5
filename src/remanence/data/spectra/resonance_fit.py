"""Resonance fits of the band-excitation spectra of a file, chunk by chunk, in the sense of phase that they have."""

import operator
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.plausibility import check_frequency
from remanence.data.spectra.resonances import Resonances
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.progress_bar import advancing
from remanence.foundation.terminal import console
from remanence.science.band_excitation.phase import RotationSums

if TYPE_CHECKING:  # torch is imported when a scan is fitted
    from remanence.science.band_excitation.fitted_sho import ShoFit
    from remanence.science.band_excitation.phase_sense import PhaseSense

SAMPLE = 32, 16
"""Pixels, and spectra of each, that decide on the sense of the phase: a few hundred are enough."""
CACHED = 4096
"""Spectra that are read and fitted at a time: fewer take a fifth longer to read, more do not stay in the cache."""

FitChunk = tuple[slice, dict[str, NDArray[Any]], RotationSums]


class Excited(Protocol):
    """Band-excitation spectra of pixels, one for each step; they are read in chunks of pixels."""

    main: MainDataset

    @property
    def pixels(self) -> int:
        """Number of places of the map, holes included."""

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Frequencies of the bins in Hz, shape (bins,)."""

    @property
    def voltage(self) -> NDArray[np.float64]:
        """Bias in V of every step, or the drive, shape (steps,)."""

    @property
    def has_bias(self) -> bool:
        """Whether the steps are those of a bias of both signs."""

    def read(self, pixels: slice = ...) -> NDArray[Any]:
        """Read the complex spectra of a slice of the pixels, shape (pixels, steps, bins); NaN at holes."""

    def chunks(self, pixels: int | None = None) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield the spectra of all pixels, ``pixels`` at a time, each chunk with the slice of its pixels."""


def check_can_be_fitted(scan: Excited, device: str) -> None:
    """Refuse spectra in which no resonance can be fitted, and a device that this machine does not have.

    Raises:
        DataError: for too few frequencies, or some at which no band is excited.
        ConfigurationError: naming the device.
    """
    bins = scan.frequency
    if np.unique(bins).size < 4 or bins.min() <= 0:
        found = f"{bins.size} frequencies from {bins.min():g} to {bins.max():g} Hz"
        raise DataError(f"{scan.main.where} has {found}; a resonance needs at least 4, all positive")
    check_frequency(scan.main, bins)
    check_device(device)


def check_device(device: str) -> None:
    """Refuse a device that this machine does not have.

    Raises:
        ConfigurationError: naming the device.
    """
    if device != "cpu":
        import torch

        if not torch.cuda.is_available():
            raise ConfigurationError(f"data.device: there is no '{device}' on this machine; expected cpu")


def sense_of(scan: Excited) -> "PhaseSense":
    """Return the sense of phase in which a few hundred spectra from all over the scan fit."""
    from remanence.science.band_excitation.phase_sense import phase_sense  # torch: not before the file is known

    pixels, steps = sample_of(scan)
    spectra = [scan.read(slice(pixel, pixel + 1))[0, steps] for pixel in pixels]
    return phase_sense(np.concatenate(spectra), scan.frequency)


def sample_of(scan: Excited) -> tuple[list[int], NDArray[np.int64]]:
    """Return pixels and steps from all over a scan, which together are a few hundred spectra."""
    measured = np.flatnonzero(~scan.main.grid.holes)
    steps = np.linspace(0, len(scan.voltage) - 1, min(SAMPLE[1], len(scan.voltage))).astype(np.int64)
    number = max(SAMPLE[0], SAMPLE[0] * SAMPLE[1] // len(steps))
    pixels = measured[np.linspace(0, len(measured) - 1, min(number, len(measured))).astype(int)]
    return [int(pixel) for pixel in pixels], steps


def fit_chunks(scan: Excited, *, minimum_r2: float, device: str = "cpu", conjugate: bool = False) -> Iterator[FitChunk]:
    """Fit the resonances chunk by chunk, in memory that does not grow with the scan.

    Args:
        scan: scan to fit.
        minimum_r2: smallest R² of a good fit.
        device: device that fits.
        conjugate: whether to fit the complex conjugates of the spectra, see ``sense_of``.

    Yields:
        for each chunk: the slice of its pixels; a dictionary with ``amplitude``, ``phase``, ``frequency`` (kHz),
        ``quality_factor``, ``r2`` and ``bad``, each of shape (pixels, steps); the chunk's sums for the rotation.
    """
    from remanence.science.band_excitation.sho_fit import fit_sho_chunks  # torch: not before the file is known

    bins, steps = scan.frequency, len(scan.voltage)
    at_a_time = max(1, CACHED // steps) if device == "cpu" else None
    spectra = (values.reshape(-1, len(bins)) for _, values in scan.chunks(at_a_time))
    start = 0
    with advancing("resonance fits", scan.pixels, "pixels") as advance:
        for fit in fit_sho_chunks(spectra, bins, minimum_r2=minimum_r2, conjugate=conjugate, device=device):
            fitted = by_name(fit, steps)
            pixels = slice(start, start + len(fitted["bad"]))
            advance(len(fitted["bad"]))
            yield pixels, fitted, rotation_sums(scan, fitted)
            start = pixels.stop


def by_name(fit: "ShoFit", steps: int) -> dict[str, NDArray[Any]]:
    """Return fits (pixels · steps,) by the names that are kept, each of shape (pixels, steps); frequencies in kHz."""
    fitted = {name: getattr(fit, name).reshape(-1, steps) for name in ("amplitude", "phase", "r2", "bad")}
    fitted["frequency"] = fit.resonance_frequency.reshape(-1, steps) / 1e3
    fitted["quality_factor"] = fit.quality_factor.reshape(-1, steps)
    return fitted


def joined(
    scan: Excited,
    made: Iterator[FitChunk],
    unusable: DataError,
    *,
    conjugate: bool,
    rotation: float | None = None,
    field: str = "",
    loops: int = 1,
    axis_label: str,
) -> Resonances:
    """Return the fits of all chunks as one, with the good fit of median R² as an example.

    Args:
        scan: scan that was fitted.
        made: its fits.
        unusable: error to raise where every fit is bad.
        conjugate: whether the complex conjugates of the spectra were fitted.
        rotation: angle θ in rad; None takes what the fits tell.
        field: see ``Resonances``, as the further arguments.
        loops: number of loops.
        axis_label: name and unit of the steps.

    Raises:
        DataError: if every fit is bad.
    """
    _, chunks, sums = zip(*made, strict=True)
    fitted = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
    if fitted["bad"].all():
        raise unusable
    pixel, step = example_of(fitted)
    spectrum = scan.read(slice(pixel, pixel + 1))[0, step].astype(np.complex128)
    return Resonances(
        **fitted,
        rotation=float(reduce(operator.add, sums).rotation) if rotation is None else rotation,
        voltage=scan.voltage,
        field=field,
        spectrum=spectrum.conj() if conjugate else spectrum,
        bins=scan.frequency / 1e3,
        example=(pixel, step),
        conjugated=conjugate,
        loops=loops,
        axis_label=axis_label,
    )


def rotation_sums(scan: Excited, fitted: dict[str, NDArray[Any]]) -> RotationSums:
    """Return the sums of a chunk of fits that determine the rotation; bad fits are left out."""
    usable = np.where(fitted["bad"], np.nan, fitted["amplitude"])
    if scan.has_bias:
        return RotationSums.of(usable, fitted["phase"], scan.voltage).over_pixels()
    return RotationSums.without_bias(usable, fitted["phase"]).over_pixels()


def phase_sign(conjugate: bool) -> float:
    """Return the number that a run stores: 1 for the phase sense of `sho_response`, -1 for the opposite one."""
    return -1.0 if conjugate else 1.0


def told(sense: "PhaseSense") -> str:
    """Return in words which phase sense the spectra have."""
    if not sense.clear:
        return f"the phase sense is not clear from {sense.counted} good spectra; they are fitted as they are"
    way = "opposite: the complex conjugates are fitted" if sense.conjugate else "as they are"
    r2 = f"median R² {sense.r2:.2f} as they are, {sense.conjugate_r2:.2f} conjugated"
    return f"phase sense of the spectra: {way} ({r2}, {sense.counted} spectra)"


def say(main: MainDataset, lines: Sequence[str]) -> None:
    """Print what was noticed of a scan, a line for each."""
    for line in lines:
        console.print(f"{main.file.path.name}: {line}")


def example_of(fitted: dict[str, NDArray[Any]]) -> tuple[int, int]:
    """Return the pixel and the step of the good fit of median R²; there must be a good one."""
    bad = fitted["bad"]
    order = np.argsort(np.where(bad, np.inf, fitted["r2"]), axis=None)
    pixel, step = divmod(int(order[(~bad).sum() // 2]), bad.shape[1])
    return pixel, step
