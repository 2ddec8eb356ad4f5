"""Resonances that are fitted already and stand beside a scan: whether they are whole and good, and their values.

A stored fit is good if it explains a few hundred spectra from all over the scan as well as a new fit does. Its own R²
is not asked: BGlib's is that of magnitudes, whatever the phase.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.band_excitation import BandExcitation
from remanence.data.spectra.band_excitation_line import spectra_of
from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.h5usid import describe_h5usid
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.resonance_fit import FitChunk, rotation_sums, sample_of
from remanence.data.spectra.sho_results import ShoResults, latest_sho_fit
from remanence.errors import DataError

AS_GOOD = 0.02
"""Largest loss of median R² against a new fit, and of the share of good fits, of a stored fit that counts as good."""
CHUNK = 2**20
"""Number of fits that are read at a time."""


@dataclass(frozen=True, eq=False)
class StoredFit:
    """The fits of the steps of a scan in a dataset of records."""

    main: MainDataset
    columns: NDArray[np.int64]
    """Column of each step, shape (steps,)."""
    conjugate: bool
    """Whether most quality factors are negative: the fits are those of the opposite phase sense."""

    def read(self, pixels: slice) -> dict[str, NDArray[np.float64]]:
        """Return the fits of a slice of the pixels in the sense of phase that is kept, each of shape (pixels, steps).

        Names and units are those of ``resonance_fit.fit_chunks``. Fits of the other sense have a quality factor of NaN.
        """
        first, last = int(self.columns.min()), int(self.columns.max())
        records = self.main.read(pixels, slice(first, last + 1))[:, self.columns - first]
        fits = ShoResults.from_records(records, self.main.where)
        sign = -1.0 if self.conjugate else 1.0
        phase = sign * fits.phase + np.where(fits.amplitude < 0, np.pi, 0.0)
        quality = sign * fits.quality_factor
        return {
            "amplitude": np.abs(fits.amplitude),
            "phase": np.angle(np.exp(1j * phase)),
            "frequency": fits.resonance_frequency / 1e3,
            "quality_factor": np.where(quality > 0, quality, np.nan),
            "r2": fits.r2,
        }

    def chunks(self, scan: BandExcitation, *, minimum_r2: float) -> Iterator[FitChunk]:
        """Yield all fits chunk by chunk, as ``resonance_fit.fit_chunks`` does."""
        size = max(1, CHUNK // self.main.shape[1])
        for start in range(0, scan.pixels, size):
            pixels = slice(start, min(start + size, scan.pixels))
            fitted: dict[str, NDArray[Any]] = dict(self.read(pixels))
            fitted["bad"] = self.bad(scan, fitted, minimum_r2)
            yield pixels, fitted, rotation_sums(scan, fitted)

    def bad(self, scan: BandExcitation, fitted: dict[str, NDArray[np.float64]], minimum_r2: float) -> NDArray[np.bool_]:
        """Return which fits cannot be trusted: not finite, a low R², a resonance outside the band."""
        finite = np.isfinite(np.stack(list(fitted.values()))).all(axis=0)
        band = scan.frequency.min() / 1e3, scan.frequency.max() / 1e3
        within = (fitted["frequency"] >= band[0]) & (fitted["frequency"] <= band[1])
        good: NDArray[np.bool_] = finite & within & (fitted["amplitude"] > 0) & (fitted["r2"] >= minimum_r2)
        return ~good


def find_stored_fit(scan: BandExcitation, *, minimum_r2: float) -> tuple[StoredFit | None, tuple[str, ...]]:
    """Return the latest stored fit of a scan if it is whole and good, and a line that says why it is or is not taken.

    Without any stored fit, the line is missing.
    """
    path = latest_sho_fit(scan.main)
    if path is None:
        return None, ()
    try:
        found, (pixels, steps) = _described(scan, path), sample_of(scan)
        spectra = np.stack([scan.read(slice(pixel, pixel + 1))[0, steps] for pixel in pixels])  # (pixels, steps, bins)
        stored = [found.read(slice(pixel, pixel + 1)) for pixel in pixels]
    except DataError as error:
        return None, (f"the stored fit {path} is not used: {str(error).removeprefix(f'{scan.file.path}: ')}",)
    fits = {name: np.concatenate([each[name][:, steps] for each in stored]) for name in stored[0]}
    bad = found.bad(scan, fits, minimum_r2)
    old, new = _explained(scan, spectra, fits, bad, found.conjugate), _fitted_again(scan, spectra, found.conjugate)
    shares = f"{(old >= minimum_r2).mean():.1%} of {old.size} spectra are explained"
    told = f"{shares}, median R² {_median(old):.3f}, {_median(new):.3f} when fitted again"
    worse = (new >= minimum_r2).mean() - (old >= minimum_r2).mean()
    if not _median(old) >= _median(new) - AS_GOOD or worse > AS_GOOD:
        return None, (f"the stored fit {path} is not used: {told}",)
    return found, (f"the stored fit {path} is taken: {told}; data.refit=true fits all again",)


def _described(scan: BandExcitation, path: str) -> StoredFit:
    """Return a stored fit whose rows and columns are those of the scan.

    Raises:
        DataError: if they are not, or it is no fit.
    """
    main = standardised(describe_h5usid(scan.file, path))[0]
    spectra = spectra_of(scan.main)
    if not np.array_equal(main.grid.rows_of_file, scan.main.grid.rows_of_file) or main.shape[1] != len(spectra):
        raise DataError(
            f"its shape {main.shape} is not that of the scan, {scan.main.grid.pixels} pixels of {len(spectra)} spectra"
        )
    for dimension in main.spectroscopic:
        if scan.main.dimension(dimension.name) is not None:
            expected = scan.main.values(dimension.name)[spectra[:, 0]]
            if not np.allclose(main.values(dimension.name), expected, rtol=1e-4, atol=1e-6):
                raise DataError(f"its {dimension.name} is not that of the scan")
    number = np.empty(scan.main.shape[1], dtype=np.int64)
    number[spectra] = np.arange(len(spectra))[:, None]
    columns = number[scan.points[:, 0]]
    sample = ShoResults.from_records(main.read(slice(0, max(1, CHUNK // main.shape[1]))), main.where)
    finite = np.isfinite(sample.quality_factor) & (sample.quality_factor != 0)
    return StoredFit(main, columns, bool(finite.any() and np.mean(sample.quality_factor[finite] < 0) > 0.5))


def _explained(
    scan: BandExcitation,
    spectra: NDArray[Any],
    fits: dict[str, NDArray[np.float64]],
    bad: NDArray[np.bool_],
    conjugate: bool,
) -> NDArray[np.float64]:
    """Return the R² of the complex spectra that stored fits have, -1 for a bad fit, without spectra of NaN or zeros."""
    import torch  # not before the file is known

    from remanence.science.band_excitation.sho import sho_response

    turned = spectra.conj() if conjugate else spectra
    columns = [fits[name] for name in ("amplitude", "frequency", "quality_factor", "phase")]
    parameters = torch.as_tensor(np.stack(columns, axis=-1), dtype=torch.float64)
    response = sho_response(parameters, torch.as_tensor(scan.frequency / 1e3, dtype=torch.float64)).numpy()
    left = (np.abs(turned - response) ** 2).sum(axis=-1)
    variance = (np.abs(turned - turned.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    known = np.isfinite(variance) & (variance > 0)
    r2 = np.where(bad, -1.0, 1 - left / np.where(known, variance, 1.0))
    return np.asarray(np.nan_to_num(r2[known], nan=-1.0), dtype=np.float64)


def _fitted_again(scan: BandExcitation, spectra: NDArray[Any], conjugate: bool) -> NDArray[np.float64]:
    """Return the R² of new fits of the same spectra, -1 for a bad one."""
    from remanence.science.band_excitation.sho_fit import fit_sho

    flat = spectra.reshape(-1, spectra.shape[-1])
    known = np.isfinite(flat).all(axis=-1) & (np.abs(flat).max(axis=-1) > 0)
    fit = fit_sho(flat[known], scan.frequency, minimum_r2=0.0, conjugate=conjugate)
    return np.where(fit.bad, -1.0, np.nan_to_num(fit.r2, nan=-1.0))


def _median(r2: NDArray[np.float64]) -> float:
    return float(np.median(r2)) if r2.size else np.nan
