"""The sense of the phase: whether the spectra of an instrument or their complex conjugates are those of an oscillator.

Lock-ins and drivers disagree on the sign of the imaginary part. In the convention of `sho_response`, the phase falls by
π as the frequency passes the resonance; an instrument of the opposite sense records it rising, and its spectra fit with
a negative quality factor (Q < 0 in BGlib) or not at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remanence.science.band_excitation.sho_fit import fit_sho

LEAST_R2 = 0.5
"""R² that a spectrum needs in one of the senses to count; noise alone rarely has it."""

FEWEST = 8
"""Least number of spectra that decide; if noise decided, as many would agree once in 128 scans."""

AGREEING = 0.9
"""Least share of the spectra that count which must agree; weak resonances fit badly in both senses, at random."""


@dataclass(frozen=True)
class PhaseSense:
    """The sense of phase in which spectra fit better."""

    conjugate: bool
    """Whether the complex conjugates of the spectra are to be fitted; False if the sense is not clear."""
    clear: bool
    """Whether the spectra decide; noise does not."""
    counted: int
    """Number of spectra with a good fit in one of the senses."""
    agreeing: float
    """Share of them that fit better in the more frequent sense; NaN if there are none."""
    r2: float
    """Median R² of the spectra that count, as they are; NaN if there are none."""
    conjugate_r2: float
    """Median R² of their conjugates; NaN if there are none."""


def phase_sense(spectra: ArrayLike, frequency: ArrayLike) -> PhaseSense:
    """Return the sense of phase in which an oscillator fits a few hundred spectra better.

    Args:
        spectra: complex spectra, shape (spectra, bins), from all over the scan; what is not finite does not count.
        frequency: frequency of each bin, shape (bins,), as `fit_sho` takes it.

    A fit in the opposite sense of a spectrum with the phase φ is that of its conjugate, so that its phase is -φ of
    BGlib's fit with Q < 0, and its quality factor is positive.

    >>> import torch
    >>> from remanence.science.band_excitation.sho import sho_response
    >>> frequency = torch.linspace(320, 380, 74)
    >>> parameters = torch.tensor([[1.0, 350.0, 100.0, phase] for phase in range(10)])
    >>> sense = phase_sense(sho_response(parameters, frequency).numpy().conj(), frequency)
    >>> sense.conjugate, sense.clear, sense.counted
    (True, True, 10)
    """
    measured = np.asarray(spectra)
    as_is, conjugated = (fit_sho(each, frequency).r2 for each in (measured, measured.conj()))
    counts = np.fmax(as_is, conjugated) >= LEAST_R2
    as_is, conjugated = (np.nan_to_num(r2[counts], nan=-np.inf) for r2 in (as_is, conjugated))
    if not counts.any():
        return PhaseSense(False, False, 0, np.nan, np.nan, np.nan)
    share = float(np.mean(conjugated > as_is))
    agreeing = max(share, 1 - share)
    clear = len(as_is) >= FEWEST and agreeing >= AGREEING
    medians = float(np.median(as_is)), float(np.median(conjugated))
    return PhaseSense(clear and share > 0.5, clear, len(as_is), agreeing, *medians)
