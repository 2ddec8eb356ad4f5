"""The five properties of an ion in the published tables of 2024, in other units than the tables of 2025."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.science.nested.ions import IONS, SITE_IONS, SITES

PROPERTY_UNITS = {
    "radius": "Å",
    "weight": "u",
    "electron_affinity": "kJ/mol",
    "ionization_energy": "kJ/mol",
    "electronegativity": "",
}
"""Unit of each property of an ion."""

# The values are those of the table of devices in rxhernandez/NestedAE (MIT). No device holds K, Ca, Sr, Ba or Cl; the
# standardised table of gaps there gives their values with three digits, which are completed here from the elements.
# Differences from ``ions.FACTS``: Ge, Sr and Ba have larger radii, I- has its ionic radius, and MA and FA have an
# electron affinity.
TABULATED = {
    "K": (1.51, 39.098, 48.4, 418.8, 0.82),
    "Rb": (1.61, 85.47, 46.89, 403.0, 0.82),
    "Cs": (1.74, 132.91, 45.49, 375.7, 0.79),
    "MA": (2.17, 32.07, 8.68, 926.3, 2.55),
    "FA": (2.53, 45.06, 8.6, 849.1, 2.57),
    "Ca": (1.0, 40.08, -156.0, 589.8, 1.0),
    "Sr": (1.26, 87.62, -168.0, 549.5, 0.95),
    "Ba": (1.42, 137.33, -52.0, 502.9, 0.89),
    "Ge": (0.87, 72.63, 120.0, 762.0, 2.01),
    "Sn": (1.15, 118.71, 121.0, 708.6, 1.96),
    "Pb": (1.19, 207.2, 110.0, 715.6, 2.33),
    "Cl": (1.81, 35.453, 349.0, 1251.2, 3.16),
    "Br": (1.96, 79.9, 324.6, 1139.9, 2.96),
    "I": (2.2, 126.9, 295.3, 1008.4, 2.66),
}
"""Ion to its properties, in the order and the units of ``PROPERTY_UNITS``."""

SITE_PROPERTIES = tuple(f"{site}_{name}" for site in SITES for name in PROPERTY_UNITS)
"""Columns of ``tabulated_properties``: five for the A site, five for B, five for X."""


def tabulated_properties(fractions: ArrayLike) -> NDArray[np.float64]:
    """Return the mean properties of the ions of each site, shape (rows, 15), columns as in ``SITE_PROPERTIES``.

    Args:
        fractions: fractions of the ions on their sites, shape (rows, ions), columns as in ``IONS``.

    >>> from remanence.science.nested.composition import ion_fractions
    >>> tabulated_properties(ion_fractions(["MAPbI3"]))[0, -5:].tolist()
    [2.2, 126.9, 295.3, 1008.4, 2.66]
    """
    fraction = np.asarray(fractions, dtype=np.float64)
    sites = []
    for ions in SITE_IONS.values():
        columns = [IONS.index(ion) for ion in ions]
        sites.append(fraction[:, columns] @ np.array([TABULATED[ion] for ion in ions]))
    return np.concatenate(sites, axis=1)
