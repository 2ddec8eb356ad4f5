"""From terms with coefficients to a composition: what mixes with what, in which proportion, and what is added."""

from remanence.science.composition.composition import Assumption, Composition, Part, mass_of, summed
from remanence.science.composition.elements import ELEMENTS
from remanence.science.composition.sites import sites_of
from remanence.science.composition.terms import Term, UnclearAmount

WHOLE = 100.0
LEFT_OUT = "a part of which no amount is said is left out; write one, as in 0.5 mol% MnO2"
PERCENT = "a number before an end member is read as percent"
REST = "the end member without a number is the rest of the whole"
DOPANT = "a number before a single element is read as mol%"
LEAST_PERCENT = 0.1
"""Smallest number before a single element that is percent: no ceramic takes a tenth of one beyond its formula."""
MOLAR = "percent of an additive are read as mol%"
COMPLETE = 0.0125
"""By how much the cations of the first end member may miss one formula unit together with the others, see ``_rest``."""


def weigh(terms: list[Term], ratio: list[float] | None = None) -> Composition:
    """Return the composition of terms.

    Coefficients are taken as they are written. Where they leave something open, the reading is that of the field, and a
    note says so:

    - in ``A-0.05B`` the first end member is the rest, .95, unless its own sites leave room for B;
    - in ``A-5B``, ``94A-6B`` and ``A-5%B`` numbers are percent;
    - what is added to a whole (``+``, ``:``, an oxide, a dopant) does not take from it: 1 mol% is .01 for each formula
      unit, 1 wt% is a hundredth of the mass of what stands before it;
    - a part without any amount is left out.

    Args:
        terms: at least one.
        ratio: shares of the terms, where a ratio stands behind them.
    """
    shares = [] if ratio else _shares(terms)
    if not ratio and all(term.coefficient is not None and not term.unit for term in terms):
        return _literal(terms, shares)
    if len(terms) == 1 and not terms[0].unit and not ratio:
        return Composition(terms[0].amounts, terms[0].parts)
    if not ratio and not any(term.unit or term.coefficient is not None or is_end_member(term) for term in terms):
        return _unnumbered(terms)
    terms = _host_first(terms)
    notes = [*shares, *_dopants(terms)]
    fractions: list[float | None]
    if ratio:
        fractions = _by_ratio(terms, ratio)
    else:
        fractions = [_plain(term) for term in terms]
        _percentages(terms, fractions, notes)
        _rest(terms, fractions, notes)
    host = [k for k, term in enumerate(terms) if fractions[k] is not None and not _is_weighed(term, terms)]
    base = sum(fractions[k] or 0.0 for k in host) or 1.0
    mass = sum((fractions[k] or 0.0) * mass_of(terms[k].amounts) for k in host)
    for k, term in enumerate(terms):
        if _is_weighed(term, terms):
            percent = (term.coefficient or 0.0) / WHOLE
            if term.unit == "%":
                notes.append(Assumption(MOLAR, f"{term.coefficient:g}% {term.text}"))
            fractions[k] = percent * (mass / (mass_of(term.amounts) or 1.0) if term.unit == "wt%" else base)
        elif fractions[k] is None:
            notes.append(Assumption(LEFT_OUT, term.text))
    return _composition(terms, [fraction or 0.0 for fraction in fractions], notes)


def _unnumbered(terms: list[Term]) -> Composition:
    """Weigh compounds without numbers that are no perovskites: BaO·TiO2 is one of each, Bi4Ti3O12 + Nb2O5 is not."""
    cations = [sum(not ELEMENTS[symbol].is_anion for symbol in term.amounts) for term in terms]
    taken = [cations[0] == 1 or number > 1 for number in cations]
    notes = [Assumption(LEFT_OUT, term.text) for term, takes in zip(terms, taken, strict=True) if not takes]
    return _composition(terms, [float(takes) for takes in taken], notes)


def _dopants(terms: list[Term]) -> list[Assumption]:
    """Take the numbers before single elements as percent, if they are beside a compound."""
    notes = []
    for term in terms[1:] if len(terms[0].amounts) > 1 else []:
        number = term.coefficient
        if len(term.amounts) == 1 and not term.unit and number is not None and number >= LEAST_PERCENT:
            notes.append(Assumption(DOPANT, f"{number:g}{term.text}"))
            term.coefficient = number / WHOLE
    return notes


def _shares(terms: list[Term]) -> list[Assumption]:
    """Take the numbers above 1 beside shares below 1 as percent, where that completes the whole: ``0.94NBT-6BT``.

    Raises:
        UnclearAmount: if it does not.
    """
    mixed = [term for term in terms if not term.unit and not term.is_added and is_end_member(term)]
    numbers = [term.coefficient or 1.0 for term in mixed]
    if len(mixed) < 2 or mixed[0].coefficient is None or not min(numbers) < 1 < max(numbers) or _are_percent(mixed):
        return []
    large = [term for term, number in zip(mixed, numbers, strict=True) if number > 1]
    whole = sum(number / WHOLE if number > 1 else number for number in numbers)
    if abs(whole - 1) > COMPLETE / 10:
        reason = f"is {large[0].coefficient:g} percent? Beside {min(numbers):g} it is no share; write shares of 1"
        raise UnclearAmount(large[0], reason)
    notes = [Assumption(PERCENT, f"{term.coefficient:g}{term.text}") for term in large]
    for term in large:
        term.coefficient = (term.coefficient or 0.0) / WHOLE
    return notes


def _literal(terms: list[Term], notes: list[Assumption]) -> Composition:
    """Weigh terms that all have coefficients: as they are, or as percent where they sum to a hundred."""
    dopants = _dopants(terms)
    members = [term for term in terms if len(term.amounts) > 1] if dopants else terms
    notes = [*notes, *dopants]
    if _are_percent(members):
        for term in members:
            term.coefficient = (term.coefficient or 0.0) / WHOLE
    return _composition(terms, [term.coefficient or 0.0 for term in terms], notes)


def _composition(terms: list[Term], weights: list[float], notes: list[Assumption]) -> Composition:
    parts = tuple(
        Part(weight * part.fraction, part.amounts, part.text)
        for weight, term in zip(weights, terms, strict=True)
        for part in term.parts
    )
    amounts = summed([(weight, term.amounts) for weight, term in zip(weights, terms, strict=True)])
    return Composition(amounts, parts, notes=tuple(notes))


def is_end_member(term: Term) -> bool:
    """Return whether a term is a perovskite, and not an oxide or an element that dopes one."""
    return sites_of(term.amounts).are_perovskite


def _by_ratio(terms: list[Term], ratio: list[float]) -> list[float | None]:
    """Give the shares to the terms, or to the end members among them, in their order."""
    shared = [k for k, term in enumerate(terms) if is_end_member(term)]
    if len(shared) != len(ratio):
        shared = [k for k, _ in enumerate(terms)]
    fractions = [_plain(term) for term in terms]
    for k, share in zip(shared, ratio, strict=True):
        fractions[k] = share
    return fractions


def _host_first(terms: list[Term]) -> list[Term]:
    """Put the first end member before the dopants that stand before it, as in ``Mn:KNN``."""
    first = next((k for k, term in enumerate(terms) if is_end_member(term)), 0)
    if first and all(term.coefficient is None or term.unit for term in terms[:first]):
        for term in terms[:first]:
            term.is_added = True
        terms[first].is_added = False
        return [terms[first], *terms[:first], *terms[first + 1 :]]
    return terms


def _plain(term: Term) -> float | None:
    return None if term.unit else term.coefficient


def _is_weighed(term: Term, terms: list[Term]) -> bool:
    """Whether a term is an additive in percent of the host."""
    return bool(term.unit) and term is not terms[0] and not _is_mixed(term, terms)


def _is_mixed(term: Term, terms: list[Term]) -> bool:
    """Whether a term in percent is an end member, whose percents are taken from the others."""
    if terms[0].unit:
        return not term.is_added or _is_hundred([each for each in terms if each.unit])
    return terms[0].coefficient is None and not term.is_added and term.unit != "wt%" and is_end_member(term)


def _is_hundred(terms: list[Term]) -> bool:
    return abs(sum(term.coefficient or 0.0 for term in terms) - WHOLE) < 1


def _are_percent(terms: list[Term]) -> bool:
    """Whether the numbers of terms without a unit are percent: several of them that sum to a hundred."""
    return len(terms) > 1 and max(term.coefficient or 0.0 for term in terms) > 1 and _is_hundred(terms)


def _percentages(terms: list[Term], fractions: list[float | None], notes: list[Assumption]) -> None:
    """Fill in fractions that are written as percent, with or without the sign."""
    first = terms[0]
    shared = [k for k, term in enumerate(terms) if term.unit and (k == 0 or _is_mixed(term, terms))]
    if shared and first.unit == "wt%":
        moles = {k: (terms[k].coefficient or 0.0) / (mass_of(terms[k].amounts) or 1.0) for k in shared}
        for k in shared:
            fractions[k] = moles[k] / (sum(moles.values()) or 1.0)
    else:
        for k in shared:
            fractions[k] = (terms[k].coefficient or 0.0) / WHOLE
    if shared:
        return
    mixed = [k for k, term in enumerate(terms) if not term.unit and term.coefficient is not None]
    if _are_percent([terms[k] for k in mixed]):
        for k in mixed:
            fractions[k] = (terms[k].coefficient or 0.0) / WHOLE
    elif first.coefficient is None and not first.unit and mixed and is_end_member(first):
        for k in mixed:
            number = terms[k].coefficient or 0.0
            if number >= 1 and is_end_member(terms[k]) and not terms[k].is_added:
                fractions[k] = number / WHOLE
                notes.append(Assumption(PERCENT, f"{number:g}{terms[k].text}"))


def _rest(terms: list[Term], fractions: list[float | None], notes: list[Assumption]) -> None:
    """Fill in the one fraction that the others leave open."""
    first = terms[0]
    if fractions[0] is None and not first.unit:
        others = [k for k, term in enumerate(terms) if k and fractions[k] is not None and _takes(term, first)]
        taken = sum(fractions[k] or 0.0 for k in others)
        fractions[0] = 1.0
        if 0 < taken < 1 and not _leaves_room(first, taken):
            fractions[0] = 1.0 - taken
            notes.append(Assumption(REST, f"{1.0 - taken:.6g} {first.text}"))
        return
    members = [k for k, term in enumerate(terms) if is_end_member(term) and not term.is_added]
    open_ones = [k for k in members if fractions[k] is None and not terms[k].unit]
    said = sum(fraction or 0.0 for fraction in fractions)
    if len(open_ones) == 1 and COMPLETE / 10 < 1 - said < 1:
        fractions[open_ones[0]] = 1.0 - said
        notes.append(Assumption(REST, f"{1.0 - said:.6g} {terms[open_ones[0]].text}"))


def _takes(term: Term, first: Term) -> bool:
    return not term.is_added and is_end_member(term) and is_end_member(first)


def _leaves_room(first: Term, taken: float) -> bool:
    """Whether the sites of an end member are filled so far that the others fill them: (K0.52Na0.40)(…)-0.08LiTaO3."""
    sites = sites_of(first.amounts)
    filled = max(sum(sites.a.values()), sum(sites.b.values()))
    return abs(filled + taken - 1) <= COMPLETE < taken
