"""Descriptors of halide perovskites: mean and spread over the ions of each site, and geometric factors."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.science.nested.ions import DESCRIPTORS, FACTS, IONS, SITE_IONS, UNITS

FEATURES = (*DESCRIPTORS, *(f"{name}_SD" for name in DESCRIPTORS), "tolerance_factor", "octahedral_factor")
"""Columns of ``describe``."""

FEATURE_UNITS = {name: UNITS.get(name.removesuffix("_SD"), "") for name in FEATURES}
"""Unit of each column of ``describe``; empty for numbers without a unit."""

_IODIDE = 2.2  # Å, Shannon 1976; the published X_IONRAD of iodide, 1.98, is a van der Waals radius
_VALUES = np.array([[FACTS[ion].values.get(name, 0.0) for name in DESCRIPTORS] for ion in IONS])  # (ions, descriptors)
_ON_SITE = np.array([[name in FACTS[ion].values for name in DESCRIPTORS] for ion in IONS])  # (ions, descriptors)


def describe(fractions: ArrayLike) -> NDArray[np.float64]:
    """Return the descriptors of each composition, shape (rows, features), columns as in ``FEATURES``.

    Every descriptor is averaged over the ions of its site with their fractions as weights, as in the published tables.
    ``<descriptor>_SD`` is the standard deviation with the same weights, 0 on a site with one ion. The last two columns
    are the results of ``tolerance_factor`` and ``octahedral_factor``.

    Args:
        fractions: fractions of the ions on their sites, shape (rows, ions), columns as in ``IONS``.

    Raises:
        ValueError: if there is not one fraction per ion.
    """
    fraction = _checked(fractions)
    mean = fraction @ _VALUES  # (rows, descriptors)
    variance = np.zeros_like(mean)
    for ion in range(len(IONS)):  # one ion at a time, because a grid of compositions has a million rows
        variance += fraction[:, [ion]] * np.where(_ON_SITE[ion], _VALUES[ion] - mean, 0.0) ** 2
    factors = np.stack([tolerance_factor(fraction), octahedral_factor(fraction)], axis=1)
    return np.concatenate([mean, np.sqrt(variance), factors], axis=1)


def tolerance_factor(fractions: ArrayLike) -> NDArray[np.float64]:
    """Return Goldschmidt's tolerance factor (r_A + r_X) / √2 (r_B + r_X) of the mean radii, shape (rows,).

    Source: Goldschmidt, Naturwissenschaften 1926, 14, 477; for molecular cations Kieslich et al. 2014,
    10.1039/C4SC02211D.

    >>> from remanence.science.nested.composition import ion_fractions
    >>> tolerance_factor(ion_fractions(["MAPbI3"])).round(4).tolist()
    [0.9115]
    """
    a, b, x = _radii(fractions)
    factor: NDArray[np.float64] = (a + x) / (np.sqrt(2) * (b + x))
    return factor


def octahedral_factor(fractions: ArrayLike) -> NDArray[np.float64]:
    """Return the octahedral factor r_B / r_X of the mean radii, shape (rows,).

    Source: Li et al., Acta Cryst. B 2008, 64, 702.
    """
    _, b, x = _radii(fractions)
    return b / x


def _radii(fractions: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Return the mean radii of A, B and X in Å, each (rows,)."""
    fraction = _checked(fractions)
    radius = [_IODIDE if ion == "I" else FACTS[ion].values[f"{FACTS[ion].site}_IONRAD"] for ion in IONS]
    columns = ([IONS.index(ion) for ion in ions] for ions in SITE_IONS.values())
    return tuple(fraction[:, site] @ np.array(radius)[site] for site in columns)


def _checked(fractions: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(fractions, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(IONS):
        raise ValueError(f"Expected `fractions` of shape (rows, {len(IONS)}), but got {values.shape}.")
    return values
