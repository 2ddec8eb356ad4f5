"""What a model is given of a composition: fractions of elements, averages over sites, tolerance factor."""

from collections.abc import Iterable, Mapping, Sequence
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from remanence.science.composition.composition import DIGITS, Composition
from remanence.science.composition.elements import ELEMENTS, Element

OXYGEN = "O"
PROPERTIES = ("radius", "electronegativity", "mass", "valence")
SITE_NAMES = tuple(f"{site} {name}" for site in "AB" for each in PROPERTIES for name in (each, f"{each} spread"))
"""Mean and standard deviation of a property over the cations of a site."""
RATIOS = ("A/B", "tolerance factor")
CATION_NAMES = tuple(f"cation {name}" for each in PROPERTIES[1:] for name in (each, f"{each} spread"))
"""The same over all cations, for compositions that are no perovskites."""
ALKALI = "Na/(Na+K)"
NAMES = (*SITE_NAMES, *RATIOS, *CATION_NAMES, ALKALI)
"""All descriptors."""
UNITS = {
    f"{over} {each}{spread}": unit
    for over in ("A", "B", "cation")
    for each, unit in (("radius", "Å"), ("mass", "u"))
    for spread in ("", " spread")
}
"""Units of the descriptors that have one."""


def descriptors_of(composition: Composition) -> dict[str, float]:
    """Return all descriptors by name; those of a site that holds nothing are NaN.

    Radii are Shannon's, of twelve neighbours on A and of six on B. The tolerance factor is Goldschmidt's,
    (r_A + r_X) / √2 (r_B + r_X), of the mean radii. Spreads are standard deviations weighted with the amounts.

    >>> described = descriptors_of(Composition({"K": 0.5, "Na": 0.5, "Nb": 1, "O": 3}))
    >>> round(described["A radius"], 3), round(described["tolerance factor"], 3), described["Na/(Na+K)"]
    (1.515, 1.01, 0.5)
    """
    sites = composition.sites
    values: dict[str, float] = {}
    for site, held in (("A", sites.a), ("B", sites.b)):
        for name in PROPERTIES:
            values[f"{site} {name}"], values[f"{site} {name} spread"] = _moments(held, name, site)
    a, b = sum(sites.a.values()), sum(sites.b.values())
    values["A/B"] = a / b if b else nan
    x = _moments(sites.x, "radius", "X")[0]
    values["tolerance factor"] = (values["A radius"] + x) / (sqrt(2) * (values["B radius"] + x))
    for name in PROPERTIES[1:]:
        values[f"cation {name}"], values[f"cation {name} spread"] = _moments(composition.cations, name, "B")
    sodium, potassium = composition.amounts.get("Na", 0.0), composition.amounts.get("K", 0.0)
    values[ALKALI] = sodium / (sodium + potassium) if sodium + potassium else 0.0
    return {name: round(value, DIGITS) for name, value in values.items()}


def chosen_names(
    compositions: Iterable[Composition], wanted: Sequence[str] | None = None
) -> tuple[list[str], list[str]]:
    """Return the elements and the descriptors that tell compositions apart.

    Args:
        compositions: those of the training table.
        wanted: descriptors to choose from; None: all that suit the compositions.

    Descriptors of the sites are among them if all compositions are perovskites, the averages over all cations
    otherwise. Oxygen follows from the cations where they are all in oxides: it is an element of its own only beside
    other anions. What is the same in all compositions is left out.

    >>> ceramics = [Composition({"K": x, "Na": 1 - x, "Nb": 1, "O": 3}) for x in (0.4, 0.5)]
    >>> chosen_names(ceramics)[0]
    ['K', 'Na']
    """
    held = list({composition.key: composition for composition in compositions}.values())
    if not held:
        return [], []
    elements = sorted({symbol for composition in held for symbol in composition.elements})
    if all(OXYGEN in composition.elements for composition in held):
        others = {symbol for symbol in elements if ELEMENTS[symbol].is_anion} - {OXYGEN}
        elements = elements if others else [symbol for symbol in elements if symbol != OXYGEN]
    perovskites = all(composition.sites.are_perovskite for composition in held)
    names = [*(SITE_NAMES + RATIOS if perovskites else CATION_NAMES)]
    if {"Na", "K"} <= set(elements):
        names.append(ALKALI)
    if wanted is not None:
        names = list(wanted)
    values = encode_compositions(held, elements, names)
    vary = np.isfinite(values).all(axis=0) & (np.ptp(values, axis=0) > 1e-9)
    kept = [name for name, varies in zip([*elements, *names], vary, strict=True) if varies]
    return [name for name in kept if name in ELEMENTS], [name for name in kept if name not in ELEMENTS]


def encode_compositions(
    compositions: Sequence[Composition], elements: Sequence[str], descriptors: Sequence[str]
) -> NDArray[np.float64]:
    """Return fractions of ``elements``, then ``descriptors``, shape (compositions, inputs); NaN where undefined."""
    encoded = np.zeros((len(compositions), len(elements) + len(descriptors)))
    known: dict[int, int] = {}
    for row, composition in enumerate(compositions):
        if id(composition) in known:  # equal formulas are one object
            encoded[row] = encoded[known[id(composition)]]
            continue
        known[id(composition)] = row
        fractions = dict(composition.key)  # rounded: what is equal has equal inputs
        values = descriptors_of(composition) if descriptors else {}
        encoded[row] = [*(fractions.get(symbol, 0.0) for symbol in elements), *(values[name] for name in descriptors)]
    return encoded


def _moments(amounts: Mapping[str, float], name: str, site: str) -> tuple[float, float]:
    """Return the mean and the standard deviation of a property over the ions of a site."""
    total = sum(amounts.values())
    if not total:
        return nan, nan
    pairs = [(_property(ELEMENTS[symbol], name, site), amount / total) for symbol, amount in amounts.items()]
    mean = sum(value * share for value, share in pairs)
    return mean, sqrt(max(sum((value - mean) ** 2 * share for value, share in pairs), 0.0))


def _property(element: Element, name: str, site: str) -> float:
    if name == "radius":
        return element.radius_a if site == "A" else element.radius_b
    return float(getattr(element, name))
