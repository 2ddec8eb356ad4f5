"""Results of fits of a simple harmonic oscillator (SHO), as instruments and pycroscopy store them."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from remanence.data.array_file import member
from remanence.data.spectra.h5usid import describe_h5usid
from remanence.data.spectra.main_dataset import MainDataset
from remanence.errors import DataError
from remanence.foundation.first_line import first_line

FIELDS = {
    "amplitude": "Amplitude [V]",
    "resonance_frequency": "Frequency [Hz]",
    "quality_factor": "Quality Factor",
    "phase": "Phase [rad]",
    "r2": "R2 Criterion",
}
"""Attribute of ``ShoResults`` to the name of its field in the records."""


CONTACT_KELVIN_PROBE = {"Nd_mat", "bias_vec_w", "bias_vec_r"}
"""Arrays of an .npz file with the fits of a contact Kelvin probe scan."""


@dataclass(frozen=True)
class ShoResults:
    """Fitted parameters; every array has the shape of the records. Bad fits are not removed."""

    amplitude: NDArray[np.float64]
    """Amplitude, V."""
    resonance_frequency: NDArray[np.float64]
    """Resonance frequency, Hz."""
    quality_factor: NDArray[np.float64]
    """Quality factor, dimensionless; failed fits may have negative values."""
    phase: NDArray[np.float64]
    """Phase, rad."""
    r2: NDArray[np.float64]
    """R² of the fit, at most 1; negative where the fit explains less than the mean does."""

    @classmethod
    def from_records(cls, records: NDArray[Any], where: str) -> Self:
        """Read the parameters from a structured array.

        Raises:
            DataError: if the array lacks a parameter; the message begins with ``where``.
        """
        have = records.dtype.names or ()
        for field in FIELDS.values():
            if field not in have:
                raise DataError(f"{where} has no field '{field}'; it has: {', '.join(have) or records.dtype}")
        return cls(**{name: records[field].astype(np.float64) for name, field in FIELDS.items()})

    def dead(self, pixel_axes: int = 1) -> NDArray[np.bool_]:
        """Return which pixels have no response, because most of their fits explain nothing.

        The first ``pixel_axes`` axes of the arrays are those of the pixels.
        """
        fits = self.r2.reshape(*self.r2.shape[:pixel_axes], -1)
        dead: NDArray[np.bool_] = np.mean(~(fits > 0), axis=-1) > 0.5
        return dead


@dataclass(frozen=True)
class ContactKelvinProbe:
    """A contact Kelvin probe force microscopy scan after its SHO fit: each write pulse is read at several biases."""

    results: ShoResults
    """Fitted parameters, shape (rows, cols, fields, write steps, read steps)."""
    write_bias: NDArray[np.float64]
    """Bias of each write pulse, V, shape (write steps,)."""
    read_bias: NDArray[np.float64]
    """Bias of each read step, V, shape (read steps,)."""

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which pixels have no response, shape (rows, cols)."""
        return self.results.dead(pixel_axes=2)


def read_contact_kelvin_probe(path: str | Path) -> ContactKelvinProbe:
    """Read an .npz file with the arrays Nd_mat, bias_vec_w and bias_vec_r.

    Raises:
        DataError: if the file is missing, lacks one of the arrays, or the shapes of its arrays do not match.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: member(archive, name, path) for name in ("Nd_mat", "bias_vec_w", "bias_vec_r")}
    except KeyError as error:
        raise DataError(f"{path}: no array {error.args[0].split()[0]}; it has: {', '.join(archive.files)}") from error
    except (OSError, EOFError, ValueError, TypeError, AttributeError, MemoryError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as .npz: {first_line(error)}") from error
    records, write, read = arrays.values()
    results = ShoResults.from_records(records, f"{path}: Nd_mat")
    if records.ndim != 5 or records.shape[3:] != read.shape or write.shape != read.shape[:1]:
        shapes = f"Nd_mat {records.shape}, bias_vec_w {write.shape}, bias_vec_r {read.shape}"
        raise DataError(f"{path}: {shapes}; expected (rows, cols, fields, write, read), (write,) and (write, read)")
    return ContactKelvinProbe(results, write.astype(np.float64), read[0].astype(np.float64))


def is_sho_fit(main: MainDataset) -> bool:
    """Return whether a dataset holds the records of an SHO fit."""
    return set(FIELDS.values()) <= set(main.dtype.names or ())


def read_sho_fit(raw: MainDataset) -> tuple[MainDataset, ShoResults] | None:
    """Read the latest SHO fit that is stored beside a scan as ``Raw_Data-SHO_Fit_xxx/Fit``.

    Returns:
        the dataset, which describes its columns, and the fitted parameters of shape (pixels, bias steps of all loops);
        None if there is no such dataset.

    Raises:
        DataError: if the dataset does not hold an SHO fit.
    """
    path = latest_sho_fit(raw)
    if path is None:
        return None
    main = describe_h5usid(raw.file, path)
    return main, ShoResults.from_records(main.read(), f"{raw.file.path}: {main.path}")


def latest_sho_fit(raw: MainDataset) -> str | None:
    """Return the path of the latest SHO fit that is stored beside a scan, see ``read_sho_fit``; None without one."""
    pattern = re.compile(re.escape(raw.path) + "-SHO_Fit_[^/]*/Fit")  # fits of loops lie in groups below it
    return max(filter(pattern.fullmatch, raw.file.datasets), default=None)
