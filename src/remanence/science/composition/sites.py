"""The sites of a perovskite ABX3, and which element of a formula stands on which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from remanence.science.composition.elements import ELEMENTS

MOST_EITHER = 6
"""Elements of one end member that may stand on either site; all ways to place them are tried."""
BALANCED, FULL = 0.2, 0.1
"""By how much the cations of the sites of a perovskite may differ, and its anions from three for each, relatively."""


@dataclass(frozen=True)
class Sites:
    """Amounts of the elements on each site in one formula unit."""

    a: Mapping[str, float]
    b: Mapping[str, float]
    x: Mapping[str, float]

    @classmethod
    def total(cls, weighted: Iterable[tuple[float, "Sites"]]) -> "Sites":
        """Return the sum over end members, each weighted with its fraction."""
        sums: tuple[dict[str, float], ...] = ({}, {}, {})
        for weight, sites in weighted:
            if weight:
                for total, part in zip(sums, (sites.a, sites.b, sites.x), strict=True):
                    for symbol, amount in part.items():
                        total[symbol] = total.get(symbol, 0.0) + weight * amount
        return cls(*sums)

    @property
    def are_perovskite(self) -> bool:
        """Whether A, B and X are about 1 : 1 : 3, vacancies allowed."""
        a, b, x = (sum(site.values()) for site in (self.a, self.b, self.x))
        if not (a > 0 and b > 0):
            return False
        return abs(a - b) <= BALANCED * max(a, b) and abs(x / max(a, b) - 3) <= 3 * FULL


def sites_of(amounts: Mapping[str, float]) -> Sites:
    """Divide the elements of one end member among the sites.

    Most elements have one site in all ceramics. Those of a middle size, such as Zn, Mg and Ho, go where they balance A
    and B best, and where both do as well, to their usual site.

    >>> sorted(sites_of({"Bi": 0.45, "K": 0.45, "Zn": 0.1, "Zr": 1, "O": 3}).a)
    ['Bi', 'K', 'Zn']
    >>> sorted(sites_of({"Bi": 1, "Zn": 0.5, "Ti": 0.5, "O": 3}).b)
    ['Ti', 'Zn']
    """
    fixed: dict[str, dict[str, float]] = {"A": {}, "B": {}, "X": {}, "-": {}}
    either = []
    for symbol, amount in amounts.items():
        site = ELEMENTS[symbol].site
        if site in "ab":
            either.append((symbol, amount, site.upper()))
        else:
            fixed[site][symbol] = amount
    surplus = sum(fixed["A"].values()) - sum(fixed["B"].values())
    free = sorted(either, key=lambda each: -each[1])[:MOST_EITHER]
    places = [usual for _, _, usual in free]
    if free and not (len(either) == len(amounts) or not fixed["X"]):

        def cost(chosen: Iterable[str]) -> tuple[float, int]:
            left = surplus + sum((1 if at == "A" else -1) * free[k][1] for k, at in enumerate(chosen))
            return round(abs(left), 6), sum(at != free[k][2] for k, at in enumerate(chosen))

        places = list(min(product("AB", repeat=len(free)), key=cost))
    placed = dict(zip((symbol for symbol, _, _ in free), places, strict=True))
    for symbol, amount, usual in either:
        fixed[placed.get(symbol, usual)][symbol] = amount
    return Sites(fixed["A"], fixed["B"], fixed["X"])
