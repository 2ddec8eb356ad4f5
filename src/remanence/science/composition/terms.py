"""A formula taken apart: its terms, their coefficients, and the amounts of the elements in each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from remanence.science.composition.abbreviations import GROUPS, SERIES
from remanence.science.composition.composition import Assumption, Composition, Part, summed
from remanence.science.composition.elements import ELEMENTS
from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.numerals import Numerals, unit_of
from remanence.science.composition.phrases import Phrase

_ELEMENTS = r"(?:[A-Z][a-z]?(?:(?:0(?!\d)|[1-9]\d*)(?:\.\d+)?|(?<!O)\.\d+)?)+"
RUN = re.compile(_ELEMENTS + r"(?=$|\)|[-+](?![\d.\s]*[u-zδd])|\([A-Z(])")
"""Elements with plain numbers behind them, up to where nothing else can follow the last of them."""
BRACKET = re.compile(rf"\(({_ELEMENTS})\)")
"""Elements with plain numbers in brackets."""
ELEMENT = re.compile(r"([A-Z][a-z]?)([\d.]*)")
NAME = re.compile(r"[A-Z][A-Za-z]+(?=$|[\s)+\-:;·/,%])")
HIDDEN_NAME = re.compile(r"(?<![A-Z])[A-Z]{3,}(?![a-z0-9.])")
NUMBERED = re.compile(r"([A-Z][A-Za-z]+?)(\d+(?:\.\d+)?|\.\d+)(?=$|[\s)+\-:;·/,])")
"""A name with its fraction behind it: ``BT6``."""
PRODUCT = re.compile(r"[A-Z]{3,}\d{2,}[A-Z]?(?=$|[\s)+\-:;·/,])")
"""The name of a product, such as PIC151."""
NEXT_TERM = re.compile(r"\s+\d[\d.]*\s*(?:[A-Z(]|%|mol|wt|at|Mol|Gew)")
UNREAD = re.compile(r"[A-Z][a-z]?|[a-z]+|.")
VACANCY = "□☐◻"
SEPARATORS = "-+:;·/&,"
DEEPEST = 12
"""Brackets that may stand inside each other."""
SALTS = "OFNISCP"
"""Second letters of the real formulas of two capitals, such as BN and KF; other pairs are names."""


@dataclass
class Term:
    """One of the parts that dashes or plus signs stand between."""

    coefficient: float | None
    """The number as written; None if nothing is written."""
    unit: str
    """``""``, ``"%"``, ``"mol%"`` or ``"wt%"``."""
    is_added: bool
    """Whether it is added to what stands before it (``+``, ``:``), and not mixed with it (``-``)."""
    amounts: dict[str, float]
    parts: tuple[Part, ...]
    text: str
    place: int


class UnclearAmount(Exception):  # noqa: N818  it is one
    """The amount of a term has two meanings."""

    def __init__(self, term: Term, reason: str) -> None:
        super().__init__(reason)
        self.term, self.reason = term, reason


@dataclass
class _Item:
    """One element, name or bracket inside a term."""

    amounts: Mapping[str, float]
    parts: tuple[Part, ...]
    end: int
    is_anion: bool = False
    is_name: bool = False
    only: Term | None = None
    """The one term inside a bracket."""


@dataclass
class _Draft:
    """A term, as far as it has been read."""

    start: int
    """Where it begins, behind its coefficient."""
    coefficient: float | None
    unit: str
    items: list[tuple[float, _Item]] = field(default_factory=list)
    """What it consists of, and how much there is of each."""
    name: str = ""
    """The name in front of its fraction, as in ``BT6``."""
    amount_behind: str = ""
    """The text of an amount that is written behind it."""
    comma: int | None = None
    """Place of the last comma between elements, each of which then says how much there is of it."""
    is_said: bool = True
    """Whether the last element says how much there is of it."""


@lru_cache(maxsize=4096)
def _plain_amounts(run: str) -> dict[str, float]:
    """Return the amounts of a match of ``RUN``, none if it holds what is no element."""
    amounts: dict[str, float] = {}
    for symbol, number in ELEMENT.findall(run):
        if symbol not in ELEMENTS:
            return {}
        amounts[symbol] = amounts.get(symbol, 0.0) + float(number or 1)
    return amounts


class Reader:
    """Reads a phrase from left to right.

    Args:
        phrase: formula in plain characters.
        own: the user's names, which may stand wherever an element may.
        known: the names of the literature, each of which is a term of its own.
        weigh: makes a composition of terms.
    """

    def __init__(
        self,
        phrase: Phrase,
        own: Mapping[str, Composition],
        known: Mapping[str, Composition],
        weigh: Callable[[list[Term], list[float]], Composition],
    ) -> None:
        self.phrase, self.text, self.end = phrase, phrase.text, len(phrase.text)
        own_here = [name for name in own if name in phrase.text]
        self.own = [(name, own[name]) for name in sorted(own_here, key=len, reverse=True)]
        self.known, self.weigh = known, weigh
        self.numerals = Numerals(phrase.text, phrase.values, self.error)
        self.depth = 0
        self.notes: list[Assumption] = []
        """What was assumed inside brackets."""

    def terms(self, at: int = 0, *, inside: bool = False) -> tuple[list[Term], int]:
        """Return the terms from ``at`` to the end of the text or, ``inside`` brackets, to the closing one."""
        self.depth += inside
        if self.depth > DEEPEST:
            raise self.error(at, f"more than {DEEPEST} brackets inside each other")
        found: list[Term] = []
        separator = ""
        while True:
            term, at = self._term(at, separator, inside=inside)
            found.append(term)
            if at >= self.end:
                if inside:
                    raise self.error(at, "a bracket is not closed")
                return found, at
            if self.text[at] == ")":
                if not inside:
                    raise self.error(at, "a bracket is closed that was not opened")
                self.depth -= 1
                return found, at + 1
            separator, at = self.text[at], at + 1

    def weighed(self, terms: list[Term], ratio: list[float] | None = None) -> Composition:
        """Return the composition of terms, whose shares are ``ratio`` if there is one.

        Raises:
            FormulaError: at the term whose amount has two meanings.
        """
        try:
            return self.weigh(terms, ratio or [])
        except UnclearAmount as unclear:
            raise self.error(unclear.term.place, unclear.reason) from unclear

    def error(self, at: int, reason: str) -> FormulaError:
        """Return the error of a place in the text."""
        places = self.phrase.places
        return FormulaError(self.phrase.given, places[at] if at < len(places) else len(self.phrase.given), reason)

    def _term(self, at: int, separator: str, *, inside: bool) -> tuple[Term, int]:
        coefficient, unit, at = self.numerals.coefficient(at)
        at = self._blank(at)
        draft = _Draft(at, coefficient, unit)
        while (at := self._blank(at)) < self.end and (character := self.text[at]) != ")":
            if character in ",;" and inside and draft.items and draft.coefficient is None:
                if not draft.is_said:
                    raise self.error(at, "a comma does not say how much there is of each element")
                draft.comma, at = at, at + 1
            elif character in SEPARATORS:
                break
            elif draft.items and (share := self.numerals.share_behind(at)):
                if draft.coefficient is not None:
                    raise self.error(at, "a second amount of the same part")
                draft.coefficient, draft.unit, draft.amount_behind = float(share["share"]), unit_of(share), share[0]
                at = share.end()
            elif draft.comma is None and (run := self._run(at, alone=not draft.items)):
                draft.items.append((1.0, run))
                at = run.end
            elif draft.items and not inside and character in ".0123456789" and self.text[at - 1] == " ":
                at -= 1  # the separator is a blank
                break
            else:
                at = self._numbered_name(at, draft) or self._item_with_amount(at, draft)
        return self._whole_term(draft, at, separator), at

    def _numbered_name(self, at: int, draft: _Draft) -> int | None:
        """Read a term that is a known name with its fraction behind it; return where it ends, None if it is none."""
        found = None if draft.items or draft.coefficient is not None else NUMBERED.match(self.text, at)
        if found is None or found[1] not in self.known or found[1] in SERIES:
            return None
        draft.name, draft.coefficient = found[1], float(found[2])
        draft.items.append((1.0, _Item(self.known[found[1]].amounts, self.known[found[1]].parts, found.end())))
        return found.end()

    def _item_with_amount(self, at: int, draft: _Draft) -> int:
        """Read one item and how much there is of it, and return where this ends."""
        item = self._item(at, alone=not draft.items)
        if item.is_name and NEXT_TERM.match(self.text, item.end):
            amount, at = None, item.end
        else:
            amount, at = self.numerals.amount(item.end, of_anion=item.is_anion)
        if draft.comma is not None and amount is None:
            raise self.error(draft.comma, "a comma does not say how much there is of each element")
        draft.items.append((1.0 if amount is None else amount, item))
        draft.is_said = amount is not None
        return at

    def _whole_term(self, draft: _Draft, end: int, separator: str) -> Term:
        """Return the term that was read up to ``end``."""
        items, coefficient, unit, start = draft.items, draft.coefficient, draft.unit, draft.start
        if not items:
            raise self.error(start, "a formula is missing here")
        inner = items[0][1].only if len(items) == 1 else None
        if inner is not None and inner.coefficient is not None and coefficient is None:  # {0.95[KNN]}-{0.05[LS]}
            items = [(items[0][0], _Item(inner.amounts, inner.parts, end))]
            coefficient, unit = inner.coefficient, inner.unit
        amount, only = items[0]
        one = len(items) == 1
        amounts = dict(only.amounts) if one and amount == 1 else summed([(each, item.amounts) for each, item in items])
        text = draft.name or self.text[start:end].strip().removesuffix(draft.amount_behind.strip()).strip()
        if separator and all(ELEMENTS[symbol].is_anion for symbol in amounts):
            raise self.error(start, "a part that holds no cation: are charges of ions written here? Leave them out")
        if one and len(only.parts) > 1:
            parts = tuple(Part(amount * part.fraction, part.amounts, part.text) for part in only.parts)
        else:
            parts = (Part(1.0, amounts, text),)
        is_added = separator not in ("", "-", " ") or (separator == " " and bool(unit))
        return Term(coefficient, unit, is_added, amounts, parts, text, start)

    def _run(self, at: int, *, alone: bool) -> _Item | None:
        """Return plain elements from here on as one item: most of a formula, read at once."""
        found = None if self.own else RUN.match(self.text, at)
        if found is None or (alone and (found[0].isalpha() or PRODUCT.match(found[0]))):
            return None
        self._refuse_hidden_name(at, found.end())
        amounts = _plain_amounts(found[0])
        return _Item(amounts, (), found.end()) if amounts else None

    def _item(self, at: int, *, alone: bool) -> _Item:
        character = self.text[at]
        if character == "(":
            if not self.own and (plain := BRACKET.match(self.text, at)) and not plain[1].isalpha():
                amounts = _plain_amounts(plain[1])
                if amounts:
                    return _Item(amounts, (), plain.end())
            terms, end = self.terms(at + 1, inside=True)
            whole = self.weighed(terms)
            self.notes += whole.notes
            return _Item(whole.amounts, whole.parts, end, only=terms[0] if len(terms) == 1 else None)
        if character in VACANCY:
            return _Item({}, (), at + 1)
        for name, meaning in self.own:
            end = at + len(name)
            if self.text.startswith(name, at) and not self.text[end : end + 1].islower():
                return _Item(meaning.amounts, meaning.parts, end)
        if alone and (product := PRODUCT.match(self.text, at)):
            raise self.error(at, f"{product[0]} names a product: write its formula")
        if alone and (word := NAME.match(self.text, at)):
            if word[0] in self.known:
                meaning = self.known[word[0]]
                return _Item(meaning.amounts, meaning.parts, word.end(), is_name=True)
            self._refuse_name(word[0], at)
        if not alone and (word := NAME.match(self.text, at)):
            self._refuse_hidden_name(at, word.end())
        for name in GROUPS:
            if self.text.startswith(name, at) and not self.text[at + 2 : at + 3].islower():
                return _Item(self.known[name].amounts, (), at + len(name))
        for length in (2, 1):
            symbol = self.text[at : at + length]
            if symbol in ELEMENTS:
                return _Item({symbol: 1.0}, (), at + length, ELEMENTS[symbol].is_anion)
        raise self._unknown(at)

    def _refuse_name(self, name: str, at: int) -> None:
        """Refuse a word of capitals that is no known name, although its letters may be elements, as in BTO."""
        if not name.isupper() or (len(name) == 2 and name[1] in SALTS and name[0] in ELEMENTS):
            return
        if name in SERIES:
            first, second = SERIES[name]
            raise self.error(at, f"{name} is a series from {first} to {second}: write {name} 52/48, or the formula")
        raise self.error(at, f"{name} is no known name: write its formula, or data.abbreviations={{{name}: <formula>}}")

    def _refuse_hidden_name(self, at: int, end: int) -> None:
        """Refuse a name behind other symbols, as in Pr0.01KNN, which would be read as potassium and nitrogen."""
        for word in HIDDEN_NAME.finditer(self.text, at, end):
            if word[0] in self.known:
                raise self.error(word.start(), f"{word[0]} stands behind other symbols: write ({word[0]}) for the name")

    def _unknown(self, at: int) -> FormulaError:
        found = UNREAD.match(self.text, at)
        what = found[0] if found else self.text[at]
        if what.isdigit() or what == ".":
            return self.error(at, "a number stands where an element was expected")
        if what[:1].isupper():
            return self.error(at, f"'{what}' is no element; data.abbreviations={{{what}: <formula>}} explains a name")
        return self.error(at, f"'{what}' has no meaning in a formula")

    def _blank(self, at: int) -> int:
        while at < self.end and self.text[at] == " ":
            at += 1
        return at
