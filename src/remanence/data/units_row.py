"""The row of units that many tables have below the names of their columns."""

import re
from collections.abc import Sequence

from remanence.data.cells import as_number, is_empty
from remanence.data.header import RawRow

BASES = (
    "m s h d K C F V A N J W T Pa Hz g eV mol bar l L Oe G Ω Ohm rad Å min ppm ppb emu sec hrs °C °F ° deg % mol% wt% "
    "at% vol% mol.% wt.% at.% vol.% mol-% wt-% at-% µm/m u a.u. arb. arb.u. 1 -"
)
PREFIXES = ("", "f", "p", "n", "µ", "μ", "u", "m", "c", "d", "k", "M", "G", "T")
UNITS = frozenset(prefix + base for base in BASES.split() for prefix in (PREFIXES if base.isalpha() else ("",)))
BRACKETS = re.compile(r"\s*(?:\[([^\[\]]*)\]|\(([^()]*)\))\s*")
POWER = re.compile(r"\^?[-+−]?[0-9]$|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+$")
NUMERIC = re.compile(r"[<>≤≥~≈(]*\s*[-+−]?[.,]?\d")
"""How a cell begins that states a number, be it ``<5`` or ``345±5``."""
NONE = ("", "-", "–", "—", "1", "[-]", "(-)", "[1]")
"""What stands for no unit."""
BELOW = 20
"""Number of rows that tell which columns hold numbers."""


def is_unit(text: str) -> bool:
    """Return whether a text is a unit, in brackets or not.

    >>> [is_unit(text) for text in ("pC/N", "[°C]", "g/cm³", "10^-12 m/V", "mol%", "-")]
    [True, True, True, True, True, True]
    >>> [is_unit(text) for text in ("ND", "NBBT6", "345", "", "high")]
    [False, False, False, False, False]
    """
    if found := BRACKETS.fullmatch(text):
        return not _is_number((found[1] or found[2] or "").strip())
    text = re.sub(r"^10\s*\^?[-−]?\d+\s*|^10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+\s*", "", text.strip())
    factors = [factor for factor in re.split(r"[/·*⋅ ]", text) if factor]
    known = (factor in UNITS or POWER.sub("", factor.strip("()")) in UNITS for factor in factors)
    return bool(factors) and not _is_number(text) and all(known)


def units_below(header: RawRow, below: Sequence[RawRow]) -> dict[str, str] | None:
    """Return the unit of each column that has one, if the first row below the header holds units; otherwise None.

    It does if it has a unit, a dash or nothing wherever a column holds numbers further below, and at least one unit.
    """
    if len(below) < 2:
        return None
    first, others = below[0].names, [row.names for row in below[1 : 1 + BELOW]]
    units = {}
    for place, name in enumerate(header.names):
        cell = first[place] if place < len(first) else ""
        cells = [row[place] for row in others if place < len(row) and row[place]]
        of_numbers = 2 * sum(NUMERIC.match(each) is not None for each in cells) > len(cells)
        if of_numbers and cell not in NONE and not is_unit(cell):
            return None
        if of_numbers and cell not in NONE:
            found = BRACKETS.fullmatch(cell)
            units[name] = ((found[1] or found[2] or "") if found else cell).strip()
    return units or None


def _is_number(text: str) -> bool:
    return not is_empty(text) and as_number(text.replace(",", ".")) is not None
