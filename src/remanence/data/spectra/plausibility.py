"""Whether numbers can be those of a band-excitation scan: units that files declare, guess or get wrong."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.axis_units import is_unit, unit_factor
from remanence.data.spectra.main_dataset import MainDataset
from remanence.errors import DataError

RESONANCES = 5e3, 5e7
"""Frequencies in Hz between which contact resonances are excited; free levers begin at some kHz."""
POSSIBLE = 100.0, 1e9
"""Frequencies in Hz beyond which no band is excited: the unit must be wrong."""
MEGAHERTZ, KILOHERTZ = 50.0, 5e3
"""Largest number without a unit that is taken as MHz, and as kHz: bands lie between 5 kHz and 50 MHz."""
BIASES = 1e-3, 1e3
"""Largest bias of a loop in V; amplifiers end at some hundred."""
MILLIVOLTS = 500.0
"""Largest bias without a unit that is taken as V."""
SAME_BIN = 0.1
"""Largest difference of the frequencies of a bin at two steps, in distances of bins."""
QUALITIES = 2.0, 5e3
"""Quality factors of levers in liquid and in vacuum."""


class Converted(NamedTuple):
    """Values in the unit that is computed in."""

    values: NDArray[np.float64]
    unit: str
    """The unit if the file declares one, else empty."""
    said: tuple[str, ...]
    """What was guessed or cannot be right, a line for each."""


def common_bins(main: MainDataset, points: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the frequencies of the bins in the unit of the file, shape (bins,).

    Args:
        main: dataset with the dimension Frequency.
        points: numbers of the spectral points, shape (steps, bins).

    Raises:
        DataError: if they are not finite, or a step has others than the first, as where a band follows the resonance.
    """
    values = main.values("Frequency")[points]
    if not np.isfinite(values).all():
        raise DataError(f"{main.where}: {np.count_nonzero(~np.isfinite(values))} values of Frequency are not finite")
    first: NDArray[np.float64] = values[0]
    apart = np.abs(values - first).max(axis=1)
    if apart.max() > SAME_BIN * np.ptp(first) / len(first):
        step = int(apart.argmax())
        raise DataError(
            f"{main.where}: step {step} has the frequencies {_range(values[step])} and step 0 {_range(first)}; "
            "expected one band in one order at all steps"
        )
    return first


def frequency_in_hertz(main: MainDataset, values: NDArray[np.float64]) -> Converted:
    """Return frequencies in Hz, by the unit of the dimension Frequency or, without one, by their size.

    Raises:
        DataError: if the unit is none of a frequency.
    """
    dimension = main.dimension("Frequency")
    unit = dimension.unit if dimension is not None else ""
    said: tuple[str, ...] = ()
    middle = float(np.median(values)) if values.size else np.nan
    if is_unit(unit):
        factor = _factor(main, "Frequency", unit, "Hz")
    else:
        guess = "MHz" if middle < MEGAHERTZ else "kHz" if middle < KILOHERTZ else "Hz"
        factor = unit_factor(guess, "Hz") or 1.0
        said = (
            f"the frequencies, {_range(values)}, have no unit and are taken as {guess}; "
            "data.units={Frequency: <unit>} says otherwise",
        )
    if not RESONANCES[0] <= middle * factor <= RESONANCES[1]:
        said = (
            *said,
            f"the frequencies are {_range(values * factor)} Hz, where no contact resonance is expected: if the unit is "
            "wrong, data.units={Frequency: <unit>} mends it",
        )
    return Converted(values * factor, "Hz" if is_unit(unit) else "", said)


def bias_in_volts(main: MainDataset, values: NDArray[np.float64]) -> Converted:
    """Return a bias in V, by the unit of the dimension DC_Offset or, without one, by its size.

    Raises:
        DataError: if the unit is none of a voltage.
    """
    dimension = main.dimension("DC_Offset")
    unit = dimension.unit if dimension is not None else ""
    largest = float(np.abs(values).max()) if values.size else np.nan
    said: tuple[str, ...] = ()
    if is_unit(unit):
        factor = _factor(main, "DC_Offset", unit, "V")
    else:
        guess = "mV" if largest > MILLIVOLTS else "V"
        factor = unit_factor(guess, "V") or 1.0
        said = (
            f"the bias, {_range(values)}, has no unit and is taken as {guess}; data.units={{DC_Offset: <unit>}} says "
            "otherwise",
        )
    if not BIASES[0] <= largest * factor <= BIASES[1]:
        said = (
            *said,
            f"the bias is {_range(values * factor)} V, which no loop needs: if the unit is wrong, "
            "data.units={DC_Offset: <unit>} mends it",
        )
    return Converted(values * factor, "V" if is_unit(unit) else "", said)


def check_frequency(main: MainDataset, hertz: NDArray[np.float64]) -> None:
    """Refuse frequencies at which no band is excited.

    Raises:
        DataError: naming the unit that must be wrong.
    """
    if POSSIBLE[0] <= float(np.median(hertz)) <= POSSIBLE[1]:
        return
    dimension = main.dimension("Frequency")
    unit = dimension.unit if dimension is not None else ""
    raise DataError(
        f"{main.where}: the dimension Frequency is in {unit}, which gives {_range(hertz)} Hz: no band is excited "
        "there; if the unit is wrong, data.units={Frequency: <unit>} mends it"
    )


def implausible_quality(quality: NDArray[np.float64]) -> tuple[str, ...]:
    """Return a line if the median of the quality factors of good fits is that of no lever."""
    if not quality.size or QUALITIES[0] <= (median := float(np.median(quality))) <= QUALITIES[1]:
        return ()
    return (f"the median quality factor is {median:.3g}, that of no lever: the frequencies may be wrong",)


def _factor(main: MainDataset, dimension: str, unit: str, to: str) -> float:
    factor = unit_factor(unit, to)
    if factor is None:
        raise DataError(
            f"{main.where}: the dimension {dimension} is in {unit}; expected {to} or a multiple of it "
            f"(data.units={{{dimension}: {to}}} overrides it)"
        )
    return factor


def _range(values: NDArray[np.float64]) -> str:
    return f"{values.min():.4g} to {values.max():.4g}"
