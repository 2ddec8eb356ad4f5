"""What a formula holds: the amount of each element, the end members it is mixed of, and what was assumed in reading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from remanence.science.composition.elements import ELEMENTS
from remanence.science.composition.sites import Sites, sites_of

DIGITS = 6
"""Decimals of ``Composition.key``: two ways to write the same differ in the last bits of sums of products."""

Amounts = Mapping[str, float]
"""Symbol of an element to its amount."""


@dataclass(frozen=True)
class Assumption:
    """What was assumed in reading a formula that leaves something open."""

    kind: str
    """A sentence that is the same for all assumptions of its kind."""
    about: str
    """What it is about, as it is written."""

    def __str__(self) -> str:
        return f"{self.kind} ({self.about})"


@dataclass(frozen=True)
class Part:
    """One end member or additive of a solid solution."""

    fraction: float
    """Formula units of it in one formula unit of the whole; 0 where the formula does not say."""
    amounts: Amounts
    """Amounts in one formula unit of this part."""
    text: str
    """This part as it was written."""


@dataclass(frozen=True)
class Composition:
    """Amounts of the elements in one formula unit as it was written, charges left out."""

    amounts: Amounts
    parts: tuple[Part, ...] = ()
    text: str = field(default="", compare=False)
    notes: tuple[Assumption, ...] = field(default=(), compare=False)

    @cached_property
    def elements(self) -> frozenset[str]:
        """The elements that it holds: its family."""
        return frozenset(symbol for symbol, amount in self.amounts.items() if amount > 0)

    @cached_property
    def cations(self) -> Amounts:
        """Amounts of the cations; of all elements where there is none."""
        held = {symbol: self.amounts[symbol] for symbol in self.amounts if not ELEMENTS[symbol].is_anion}
        return held if sum(held.values()) else self.amounts

    @cached_property
    def fractions(self) -> dict[str, float]:
        """Amount of each element for one cation, anions too: 0.5 K, 0.5 Na, 1 Nb and 3 O give .25, .25, .5 and 1.5.

        Formulas that are multiples of each other have equal fractions. Without any cation, anions are divided by their
        own sum.
        """
        total = sum(self.cations.values())
        return {symbol: amount / total for symbol, amount in self.amounts.items() if amount > 0}

    @cached_property
    def key(self) -> tuple[tuple[str, float], ...]:
        """Rounded fractions in the order of the symbols; formulas of the same substance have equal keys."""
        return tuple(sorted((symbol, round(share, DIGITS)) for symbol, share in self.fractions.items()))

    @cached_property
    def sites(self) -> Sites:
        """Who stands on A, B and X of ABX3; each part is divided by itself."""
        parts = self.parts or (Part(1.0, self.amounts, self.text),)
        return Sites.total((part.fraction, sites_of(part.amounts)) for part in parts)


def mass_of(amounts: Amounts) -> float:
    """Return the mass of one formula unit in u.

    >>> round(mass_of({"Ba": 1, "Ti": 1, "O": 3}), 2)
    233.19
    """
    return sum(amount * ELEMENTS[symbol].mass for symbol, amount in amounts.items())


def summed(weighted: Iterable[tuple[float, Amounts]]) -> dict[str, float]:
    """Return the weighted sum of amounts; elements of which nothing is left are left out.

    >>> summed([(0.5, {"K": 1}), (0.5, {"Na": 1}), (0, {"Mn": 1})])
    {'K': 0.5, 'Na': 0.5}
    """
    total: dict[str, float] = {}
    for weight, amounts in weighted:
        if weight:
            for symbol, amount in amounts.items():
                total[symbol] = total.get(symbol, 0.0) + weight * amount
    return {symbol: amount for symbol, amount in total.items() if amount > 0}
