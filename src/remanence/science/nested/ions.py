"""Facts of the ions of halide perovskites ABX3."""

from collections.abc import Mapping
from dataclasses import dataclass

SITES = ("A", "B", "X")
STOICHIOMETRY = {"A": 1, "B": 1, "X": 3}
"""Number of ions of each site in one formula unit ABX3."""

UNITS = {
    "A_IONRAD": "Å",
    "A_MASS": "u",
    "A_DPM": "D",
    "B_IONRAD": "Å",
    "B_MASS": "u",
    "B_EA": "eV",
    "B_IE": "eV",
    "B_En": "",
    "B_AN": "",
    "X_IONRAD": "Å",
    "X_MASS": "u",
    "X_EA": "eV",
    "X_IE": "eV",
    "X_En": "",
    "X_AN": "",
    "A_HATOMS": "",
}
"""Unit of each descriptor: radius, mass, dipole moment, electron affinity, first ionization energy, Pauling
electronegativity, atomic number, and the hydrogen atoms that a cation can offer to a solvent."""

DESCRIPTORS = tuple(UNITS)
"""Descriptors of the ions, named and ordered as in the published tables."""


@dataclass(frozen=True)
class Ion:
    """One ion of a perovskite."""

    symbol: str
    site: str
    """A, B or X."""
    values: Mapping[str, float]
    """Name of a descriptor of the ion's site to its value, in the unit that ``UNITS`` gives."""


# Masses, energies and radii are those of the tables in T-NIKHIL/NestedAE (MIT), so that ``describe`` gives the rows
# published there. In these tables the mass of FA lacks one proton, alkaline earths have no electron affinity, and I-
# has its van der Waals radius. Other radii are those of Shannon 1976 (10.1107/S0567739476001551), eightfold for A and
# sixfold for B and X; there is no sixfold Sn2+ in it. MA and FA have the effective radii of Kieslich et al. 2014
# (10.1039/C4SC02211D).
_A = ("A_IONRAD", "A_MASS", "A_DPM", "A_HATOMS")
_B = ("B_IONRAD", "B_MASS", "B_EA", "B_IE", "B_En", "B_AN")
_X = ("X_IONRAD", "X_MASS", "X_EA", "X_IE", "X_En", "X_AN")
_FACTS: tuple[tuple[str, tuple[str, ...], tuple[float, ...]], ...] = (
    ("K", _A, (1.51, 39.09, 0.0, 0)),
    ("Rb", _A, (1.61, 85.468, 0.0, 0)),
    ("Cs", _A, (1.74, 132.91, 0.0, 0)),
    ("MA", _A, (2.17, 32.07, 2.3, 3)),
    ("FA", _A, (2.53, 44.056, 0.25, 2)),
    ("Ca", _B, (1.0, 40.08, 0.0, 6.113, 1.0, 20)),
    ("Sr", _B, (1.18, 87.62, 0.0, 5.695, 0.95, 38)),
    ("Ba", _B, (1.35, 137.33, 0.0, 5.212, 0.89, 56)),
    ("Ge", _B, (0.73, 72.63, 1.35, 7.9, 2.01, 32)),
    ("Sn", _B, (1.15, 118.71, 1.2, 7.344, 1.96, 50)),
    ("Pb", _B, (1.19, 207.0, 0.36, 7.417, 2.33, 82)),
    ("Cl", _X, (1.81, 35.45, 3.617, 12.968, 3.16, 17)),
    ("Br", _X, (1.96, 79.9, 3.365, 11.814, 2.96, 35)),
    ("I", _X, (1.98, 126.9, 3.06, 10.451, 2.66, 53)),
)

FACTS = {symbol: Ion(symbol, names[0][0], dict(zip(names, values, strict=True))) for symbol, names, values in _FACTS}
"""Symbol to ion: K, Rb, Cs, CH3NH3+ (MA), CH(NH2)2+ (FA); Ca, Sr, Ba, Ge, Sn, Pb; Cl, Br, I."""

IONS = tuple(FACTS)
"""Symbols of the ions, in the order of the columns of an array of ion fractions."""

SITE_IONS = {site: tuple(symbol for symbol in IONS if FACTS[symbol].site == site) for site in SITES}
"""Site to the ions that can occupy it."""
