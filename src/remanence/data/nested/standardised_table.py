"""Reader of the published table of standardised ion properties and band gaps, which has no names and no formulas."""

from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import numbers
from remanence.data.headerless_table import read_headerless
from remanence.data.published_files import STANDARDISED
from remanence.errors import DataError
from remanence.science.nested.composition import format_composition
from remanence.science.nested.ions import SITE_IONS
from remanence.science.nested.tabulated_ions import PROPERTY_UNITS, TABULATED

PARTS = 8
"""Number of equal parts that a site is filled with: ions are mixed in eighths."""

DIGITS = 3
"""Significant digits of the properties before they were standardised."""

Values = NDArray[np.float64]


def read_standardised(path: str | Path) -> pd.DataFrame:
    """Read ``mhp_bandgaps_standardised_494.csv``: 494 different compositions.

    Returns:
        ``composition``, recovered from the properties (see ``recover_fractions``); ``SITE_PROPERTIES``, z-scores over
        all rows; ``decomposition_energy`` (eV); ``gap`` (PBE, eV); ``gap_class`` (1 below 2.9 eV, else 2); ``slme``,
        the spectroscopic limited maximum efficiency (a fraction).

    Raises:
        DataError: for a bad cell, or for properties that no mixture of known ions has; the message names the row.
    """
    source = Path(path).name
    frame = read_headerless(path, STANDARDISED)
    columns = {name: numbers(frame, name, source) for name in STANDARDISED}
    fractions = np.concatenate(
        [
            recover_fractions(np.stack([columns[f"{site}_{name}"] for name in PROPERTY_UNITS], axis=1), site, source)
            for site in SITE_IONS
        ],
        axis=1,
    )
    return pd.DataFrame({"composition": [format_composition(row) for row in fractions], **columns})


def recover_fractions(scores: Values, site: str, source: str) -> Values:
    """Return the ion fractions of one site, recovered from standardised properties, shape (rows, ions of the site).

    A z-score is an affine map of the property. The two unknowns of the map follow from the smallest and the largest
    value of the column, because pure ions have these values. With them the properties become numbers of three digits
    again, and each row gets the mixture in eighths whose properties are nearest.

    Args:
        scores: z-scores of the properties of ``PROPERTY_UNITS``, shape (rows, 5). For each property, the rows must
            contain the pure ions with its smallest and its largest value.
        site: name of the site: A, B or X.
        source: name of the file, for error messages.

    Raises:
        DataError: for the first row whose properties differ from those of every mixture by more than one unit of the
            last digit.
    """
    pure = np.array([TABULATED[ion] for ion in SITE_IONS[site]])  # (ions, properties)
    low, high = _rounded(pure.min(axis=0)), _rounded(pure.max(axis=0))
    relative = (scores - scores.min(axis=0)) / np.ptp(scores, axis=0)
    properties, row_of = np.unique(_rounded(low + relative * (high - low)), axis=0, return_inverse=True)
    mixtures = _mixtures(len(pure))
    away = np.abs(mixtures @ pure - properties[:, None]) / _last_digit(properties)[:, None]  # (rows, mixtures, …)
    nearest = np.argmin((away**2).mean(axis=2), axis=1)
    error = away[np.arange(len(nearest)), nearest].max(axis=1)[row_of]
    if (error > 1).any():
        raise DataError(f"{source}: row {int(error.argmax()) + 1} has properties of no known ion on the {site} site")
    fractions: Values = mixtures[nearest][row_of]
    return fractions


def _mixtures(ions: int) -> Values:
    """Return every way to fill a site in ``PARTS`` parts, shape (mixtures, ions)."""
    chosen = combinations_with_replacement(range(ions), PARTS)
    return np.array([np.bincount(parts, minlength=ions) for parts in chosen]) / PARTS


def _last_digit(values: Values) -> Values:
    almost = 1 + 1e-6  # 99.99999 counts as 100, whose third digit is worth 1
    digit: Values = 10.0 ** (np.floor(np.log10(np.abs(values) * almost)) - DIGITS + 1)
    return digit


def _rounded(values: Values) -> Values:
    digit = _last_digit(values)
    return np.round(values / digit) * digit
