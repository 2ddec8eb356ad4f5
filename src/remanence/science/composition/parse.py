"""Reading of formulas of ceramics and their solid solutions."""

from collections.abc import Mapping
from functools import cache, lru_cache

from remanence.errors import DataError
from remanence.science.composition.abbreviations import ABBREVIATIONS, GROUPS
from remanence.science.composition.composition import Assumption, Composition
from remanence.science.composition.decimal_commas import pointed
from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.phrases import without_words
from remanence.science.composition.sites import sites_of
from remanence.science.composition.spelling import spelled
from remanence.science.composition.terms import Reader, Term
from remanence.science.composition.weighing import is_end_member, weigh

BORON = "B is read as boron; if bismuth is meant, add data.abbreviations={<this part>: <formula>}"
PURITY = "a percentage beside a formula that nothing is mixed with is read as its purity, and left out"
LEAST_PURITY, WHOLE = 90.0, 100.0
"""Percents that a powder of a supplier has; fewer are an amount in something else."""
LONGEST = 300
"""Characters of the longest formula."""
REMEMBERED = 2**16
"""Formulas that are kept once read, at 3 kB each: a training reads the formulas of its table several times."""


class NameNotRead(DataError):  # noqa: N818  it is one
    """What a name of the user's own stands for cannot be read."""

    def __init__(self, name: str, error: FormulaError) -> None:
        super().__init__(f"{name}: {error}")


NONE: Mapping[str, str] = {}


def parse_formula(text: str, abbreviations: Mapping[str, str] = NONE) -> Composition:
    """Read a formula as papers and laboratories write it.

    Args:
        text: such as ``0.96(K0.48Na0.52)0.95Li0.05NbO3–0.04CaZrO3 + 0.2 mol% MnO2``, ``KNN-0.05LS``,
            ``(1-x)BNT-xBT, x = 0.06``, ``PZT 52/48`` or ``BaTiO3:0.5mol%Mn``.
        abbreviations: further names, and what they stand for; they go before the names of ``ABBREVIATIONS``.

    Returns:
        the amounts for one formula unit as it is written, and what was assumed where it leaves something open.

    Raises:
        FormulaError: naming the place that cannot be read.
        NameNotRead: if what one of ``abbreviations`` stands for cannot be read.

    >>> parse_formula("0.94Na0.5Bi0.5TiO3-0.06BaTiO3").amounts
    {'Na': 0.47, 'Bi': 0.47, 'Ti': 1.0, 'O': 3.0, 'Ba': 0.06}
    """
    return _parsed(text, tuple(abbreviations.items()))


@lru_cache(maxsize=REMEMBERED)
def _parsed(text: str, abbreviations: tuple[tuple[str, str], ...]) -> Composition:
    return _read(text, own_names(abbreviations), known_names())


def _read(text: str, own: Mapping[str, Composition], known: Mapping[str, Composition]) -> Composition:
    if not text.strip():
        raise FormulaError(text, 0, "a formula is missing here")
    if len(text) > LONGEST:
        raise FormulaError(text[:LONGEST], LONGEST, f"{len(text)} characters are no formula")
    plain, places = spelled(text)
    plain, commas = pointed(plain, places, text) if "," in plain else (plain, [])
    phrase = without_words(plain, places, text)
    reader = Reader(phrase, own, known, weigh)
    terms, _ = reader.terms()
    if phrase.ratio and len(phrase.ratio) not in (len(terms), sum(map(is_end_member, terms))):
        raise FormulaError(text, 0, f"{len(terms)} parts, but a ratio of {len(phrase.ratio)} numbers")
    written, purity = text.strip(), _take_purity(terms, reader)
    if purity:
        written = terms[0].text
    whole = reader.weighed(terms, phrase.ratio)
    notes = (*commas, *purity, *phrase.assumed, *reader.notes, *whole.notes, *_doubts(whole))
    if reader.numerals.has_deficit:
        notes = (*notes, Assumption("a vacancy δ is read as zero", text.strip()))
    amounts = {symbol: round(amount, 10) for symbol, amount in whole.amounts.items() if amount > 0}
    if not amounts:
        raise FormulaError(text, 0, "it holds no element")
    return Composition(amounts, whole.parts, written, tuple(dict.fromkeys(notes)))


def _take_purity(terms: list[Term], reader: Reader) -> list[Assumption]:
    """Take the percents of a formula that nothing is mixed with for its purity, and return a note on them.

    Raises:
        FormulaError: if they are too few for a purity: they are of a host that is not written.
    """
    (only, *others), percent = terms, terms[0].coefficient
    if others or not only.unit or percent is None:
        return []
    if not LEAST_PURITY <= percent <= WHOLE:
        reason = f"{percent:g}{only.unit} of what? Nothing else is written; write the host, or take the percentage out"
        raise reader.error(only.place, reason)
    only.coefficient, only.unit = None, ""
    return [Assumption(PURITY, reader.phrase.given.strip())]


def _doubts(whole: Composition) -> list[Assumption]:
    """Return notes on boron where an end member with bismuth would be a perovskite: a slip that tables hold."""
    doubts = []
    for part in whole.parts:
        if "B" in part.amounts and "Bi" not in part.amounts:
            as_bismuth = {"Bi" if symbol == "B" else symbol: amount for symbol, amount in part.amounts.items()}
            if sites_of(as_bismuth).are_perovskite and not sites_of(part.amounts).are_perovskite:
                doubts.append(Assumption(BORON, part.text))
    return doubts


@cache
def known_names() -> dict[str, Composition]:
    """Return what the names of the literature stand for."""
    return {name: _read(formula, {}, {}) for name, formula in {**ABBREVIATIONS, **GROUPS}.items()}


@cache
def own_names(abbreviations: tuple[tuple[str, str], ...]) -> dict[str, Composition]:
    """Return what a user's names stand for; a name may use those that stand before it.

    Raises:
        NameNotRead: if what a name stands for cannot be read.
    """
    names: dict[str, Composition] = {}
    for name, formula in abbreviations:
        try:
            names[name] = _read(formula, dict(names), known_names())
        except FormulaError as error:
            raise NameNotRead(name, error) from error
    return names
