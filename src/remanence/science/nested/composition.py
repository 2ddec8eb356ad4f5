"""Compositions of halide perovskites: conversion between formulas and fractions of ions on their sites."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.errors import DataError
from remanence.science.nested.ions import FACTS, IONS, SITE_IONS, SITES, STOICHIOMETRY

TOLERANCE = 0.02
"""Largest relative error of the sum of a site's amounts that counts as rounding."""

_AMOUNT = r"_?(\d+\.?\d*|\.\d+)?_?"
_KNOWN = "|".join(sorted(IONS, key=len, reverse=True))  # the longest symbol first
_TOKEN = re.compile(rf"(?P<symbol>(?:{_KNOWN})(?![a-z])|[()]){_AMOUNT}", re.ASCII)
_UNKNOWN = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*")


def parse_composition(formula: str) -> dict[str, float]:
    """Return the fraction of each ion on its site; the fractions of a site sum to 1.

    Args:
        formula: symbols of ``IONS``, each followed by its amount in one formula unit ABX3. An amount behind a bracket
            multiplies the amounts inside. Underscores and spaces are ignored. Amounts whose sum on a site is within 2 %
            of 1 (A, B) or 3 (X) are normalised.

    Returns:
        ion to fraction for the ions in the formula, in the order of ``IONS``.

    Raises:
        DataError: for an unknown ion, a site without ions, a sum that does not fit ABX3, or text that is not a
            formula; the message names the formula.

    >>> parse_composition("Cs0.1(MA0.5FA0.5)0.9PbBrI2")["MA"]
    0.45
    """
    amounts: dict[str, float] = defaultdict(float)
    for ion, amount in _amounts(formula):
        amounts[ion] += amount
    for site in SITES:
        total = sum(amounts[ion] for ion in SITE_IONS[site])
        known = ", ".join(SITE_IONS[site])
        if total == 0:
            raise _error(formula, f"no ion on the {site} site; known: {known}")
        if abs(total / STOICHIOMETRY[site] - 1) > TOLERANCE:
            raise _error(formula, f"the {site} site ({known}) sums to {total:g}; expected {STOICHIOMETRY[site]}")
        for ion in SITE_IONS[site]:
            amounts[ion] /= total
    return {ion: amounts[ion] for ion in IONS if amounts[ion]}


def ion_fractions(formulas: Sequence[str]) -> NDArray[np.float64]:
    """Return the fraction of each ion on its site, shape (formulas, ions), columns as in ``IONS``.

    Raises:
        DataError: for a formula that ``parse_composition`` cannot read.
    """
    parsed = {formula: parse_composition(formula) for formula in dict.fromkeys(formulas)}
    return np.array([[parsed[formula].get(ion, 0.0) for ion in IONS] for formula in formulas]).reshape(-1, len(IONS))


def format_composition(fractions: ArrayLike) -> str:
    """Return the formula of a composition, with at most 4 decimals.

    Sites are in the order A, B, X, and the ions of a site in alphabetical order.

    Args:
        fractions: fractions of the ions on their sites, shape (ions,), in the order of ``IONS``.

    Raises:
        ValueError: if there is not one fraction per ion.

    >>> format_composition(ion_fractions(["MA0.16FA0.79Cs0.05PbI2.49Br0.51"])[0])
    'Cs0.05FA0.79MA0.16PbBr0.51I2.49'
    """
    values = np.asarray(fractions, dtype=np.float64)
    if values.shape != (len(IONS),):
        raise ValueError(f"Expected `fractions` of shape ({len(IONS)},), but got {values.shape}.")
    formula = ""
    for ion in sorted(IONS, key=lambda ion: (FACTS[ion].site, ion)):
        amount = round(float(values[IONS.index(ion)]) * STOICHIOMETRY[FACTS[ion].site], 4)
        if amount:
            formula += ion if amount == 1 else f"{ion}{amount:g}"
    return formula


def _amounts(formula: str) -> Iterator[tuple[str, float]]:
    """Yield ions and their amounts, with brackets multiplied out."""
    text = "".join(formula.split())
    groups: list[list[tuple[str, float]]] = [[]]
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise _error(formula, _what_is_wrong(text[position:]))
        symbol, amount = token["symbol"], float(token[2] or 1)
        if symbol == "(":
            groups.append([])
        elif symbol == ")":
            if len(groups) == 1:
                raise _error(formula, "a bracket closes that was not opened")
            inner = groups.pop()
            groups[-1] += [(ion, inside * amount) for ion, inside in inner]
        else:
            groups[-1].append((symbol, amount))
        position = token.end()
    if len(groups) > 1:
        raise _error(formula, "a bracket is not closed")
    yield from groups[0]


def _what_is_wrong(rest: str) -> str:
    unknown = _UNKNOWN.match(rest)
    if unknown is None:
        return f"cannot read '{rest}'"
    known = "; ".join(f"{site} {', '.join(SITE_IONS[site])}" for site in SITES)
    return f"unknown ion '{unknown[0]}'; known: {known}"


def _error(formula: str, reason: str) -> DataError:
    return DataError(f"composition {formula!r}: {reason}")
