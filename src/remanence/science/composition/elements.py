"""Facts of the elements that ceramics are made of: masses, electronegativities, valences, radii, sites."""

from dataclasses import dataclass
from math import nan

EIGHT_TO_TWELVE, SIX_TO_TWELVE = 0.19, 0.31
"""Å by which an ion of known radius at both grows from eight or six neighbours to twelve: the mean over the cations
below 1.5 Å that Shannon gives both for. Bi3+, Li+ and Ag+ have no radius of twelve neighbours there."""

TABLE = """
H 1.00794 2.2 1 - - - -
Li 6.941 0.98 1 0.76 0.92 - A
Be 9.012182 1.57 2 0.45 - - B
B 10.811 2.04 3 0.27 - - B
C 12.0107 2.55 4 0.16 - - -
N 14.0067 3.04 -3 1.46 - - X
O 15.9994 3.44 -2 1.4 1.42 - X
F 18.9984 3.98 -1 1.33 - - X
Na 22.98977 0.93 1 1.02 1.18 1.39 A
Mg 24.305 1.31 2 0.72 0.89 - b
Al 26.98154 1.61 3 0.535 - - B
Si 28.0855 1.9 4 0.4 - - B
P 30.97376 2.19 5 0.38 - - B
S 32.065 2.58 -2 1.84 - - X
Cl 35.453 3.16 -1 1.81 - - X
K 39.0983 0.82 1 1.38 1.51 1.64 A
Ca 40.078 1 2 1 1.12 1.34 A
Sc 44.95591 1.36 3 0.745 0.87 - b
Ti 47.867 1.54 4 0.605 0.74 - B
V 50.9415 1.63 5 0.54 - - B
Cr 51.9961 1.66 3 0.615 - - b
Mn 54.93805 1.55 3 0.645 - - b
Fe 55.845 1.83 3 0.645 0.78 - b
Co 58.93319 1.88 3 0.61 - - b
Ni 58.6934 1.91 2 0.69 - - b
Cu 63.546 1.9 2 0.73 - - b
Zn 65.409 1.65 2 0.74 0.9 - b
Ga 69.723 1.81 3 0.62 - - B
Ge 72.64 2.01 4 0.53 - - B
As 74.9216 2.18 5 0.46 - - B
Se 78.96 2.55 -2 1.98 - - X
Br 79.904 2.96 -1 1.96 - - X
Rb 85.4678 0.82 1 1.52 1.61 1.72 A
Sr 87.62 0.95 2 1.18 1.26 1.44 A
Y 88.90585 1.22 3 0.9 1.019 - a
Zr 91.224 1.33 4 0.72 0.84 - B
Nb 92.90638 1.6 5 0.64 0.74 - B
Mo 95.94 2.16 6 0.59 - - B
Tc 98 1.9 4 0.645 - - B
Ru 101.07 2.2 4 0.62 - - B
Rh 102.9055 2.28 3 0.665 - - B
Pd 106.42 2.2 2 0.86 - - B
Ag 107.8682 1.93 1 1.15 1.28 - A
Cd 112.411 1.69 2 0.95 1.1 1.31 A
In 114.818 1.78 3 0.8 0.92 - b
Sn 118.71 1.96 4 0.69 0.81 - B
Sb 121.76 2.05 5 0.6 - - B
Te 127.6 2.1 6 0.56 - - B
I 126.9045 2.66 -1 2.2 - - X
Cs 132.9055 0.79 1 1.67 1.74 1.88 A
Ba 137.327 0.89 2 1.35 1.42 1.61 A
La 138.9055 1.1 3 1.032 1.16 1.36 A
Ce 140.116 1.12 3 1.01 1.143 1.34 A
Pr 140.9076 1.13 3 0.99 1.126 - A
Nd 144.242 1.14 3 0.983 1.109 1.27 A
Pm 145 1.13 3 0.97 1.093 - A
Sm 150.36 1.17 3 0.958 1.079 1.24 A
Eu 151.964 1.2 3 0.947 1.066 - A
Gd 157.25 1.2 3 0.938 1.053 - A
Tb 158.9254 1.1 3 0.923 1.04 - A
Dy 162.5 1.22 3 0.912 1.027 - a
Ho 164.9303 1.23 3 0.901 1.015 - a
Er 167.259 1.24 3 0.89 1.004 - a
Tm 168.9342 1.25 3 0.88 0.994 - a
Yb 173.04 1.1 3 0.868 0.985 - a
Lu 174.967 1.27 3 0.861 0.977 - a
Hf 178.49 1.3 4 0.71 0.83 - B
Ta 180.9479 1.5 5 0.64 0.74 - B
W 183.84 2.36 6 0.6 - - B
Re 186.207 1.9 6 0.55 - - B
Os 190.23 2.2 4 0.63 - - B
Ir 192.217 2.2 4 0.625 - - B
Pt 195.084 2.28 4 0.625 - - B
Au 196.9666 2.54 3 0.85 - - B
Hg 200.59 2 2 1.02 1.14 - A
Tl 204.3833 1.62 1 1.5 1.59 1.7 A
Pb 207.2 2.33 2 1.19 1.29 1.49 A
Bi 208.9804 2.02 3 1.03 1.17 - A
Fr 223 0.7 1 1.8 - - A
Ra 226 0.9 2 - 1.48 1.7 A
Ac 227 1.1 3 1.12 - - A
Th 232.0381 1.3 4 0.94 1.05 1.21 a
Pa 231.0359 1.5 5 0.78 0.91 - B
U 238.0289 1.38 6 0.73 0.86 - B
Np 237 1.36 5 0.75 - - B
Pu 244 1.28 4 0.86 0.96 - B
Am 243 1.3 3 0.975 1.09 - B
Cm 247 1.3 3 0.97 - - B
"""
"""Symbol, mass (u), electronegativity (Pauling), valence, radii (Å) at 6, 8 and 12 neighbours, and site.

Masses are standard atomic weights, electronegativities Pauling's, both as in pymatgen 2026.10.16. Radii are the
effective ionic ones, not the crystal ones, of Shannon, Acta Cryst. A32, 751 (1976), for this valence and high spin.
Sites of ABX3: A and B, a and b for either (the written one fits unless the other balances the formula better), X for
the anions, - for elements that no site holds."""


@dataclass(frozen=True, slots=True)
class Element:
    """What is known of an element; NaN where the sources say nothing."""

    symbol: str
    mass: float
    """Atomic mass in u."""
    electronegativity: float
    """On Pauling's scale."""
    valence: float
    """The usual one in ceramics, negative for anions."""
    radius_b: float
    """Effective ionic radius among six neighbours, in Å."""
    radius_a: float
    """Effective ionic radius among twelve neighbours, in Å, estimated from fewer where Shannon gives none."""
    site: str
    """Site of ABX3, see ``TABLE``."""

    @property
    def is_anion(self) -> bool:
        """Whether the element takes the X site."""
        return self.site == "X"


def _element(line: str) -> Element:
    symbol, *numbers, site = line.split()
    mass, electronegativity, valence, six, eight, twelve = (nan if each == "-" else float(each) for each in numbers)
    known = [each for each in (twelve, eight + EIGHT_TO_TWELVE, six + SIX_TO_TWELVE) if each == each]
    return Element(symbol, mass, electronegativity, valence, six, round(known[0], 3) if known else nan, site)


ELEMENTS = {element.symbol: element for element in map(_element, TABLE.strip().splitlines())}
"""Symbol to element."""
