"""Formulas written from amounts and from end members, as ``parse_formula`` reads them."""

import re
from collections.abc import Mapping

from remanence.science.composition.elements import ELEMENTS
from remanence.science.composition.sites import sites_of

DIGITS = 6
SIMPLE = re.compile(r"[A-Za-z(][^-–—−+:;,/\s·]*")
"""An end member that a coefficient may stand before as it is."""


def write_formula(amounts: Mapping[str, float]) -> str:
    """Return the formula of amounts: the elements of the A site, of the B site and the anions, the largest first.

    >>> write_formula({"O": 3, "Nb": 1, "K": 0.48, "Na": 0.52})
    'Na0.52K0.48NbO3'
    """
    sites = sites_of(amounts)
    rest = {symbol: amount for symbol, amount in amounts.items() if ELEMENTS[symbol].site == "-"}
    ordered = [
        pair
        for site in (sites.a, sites.b, rest, sites.x)
        for pair in sorted(site.items(), key=lambda each: (-each[1], each[0]))
    ]
    return "".join(
        symbol + ("" if written == "1" else written)
        for symbol, amount in ordered
        for written in [_number(amount)]
        if written != "0"
    )


def write_mixture(fractions: Mapping[str, float]) -> str:
    """Return the formula of a solid solution; an end member of fraction 0 is left out, one of 1 has no coefficient.

    >>> write_mixture({"Na0.5Bi0.5TiO3": 0.94, "BaTiO3": 0.06, "KNN": 0.0})
    '0.94Na0.5Bi0.5TiO3-0.06BaTiO3'
    >>> write_mixture({"BaTiO3": 1.0})
    'BaTiO3'
    """
    written = {member: _number(fraction) for member, fraction in fractions.items()}
    kept = {member: number for member, number in written.items() if number != "0"}
    if list(kept.values()) == ["1"]:
        return next(iter(kept))
    return "-".join(number + (member if SIMPLE.fullmatch(member) else f"({member})") for member, number in kept.items())


def _number(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
