"""The words around a formula: values of x, dopants before their host, ratios behind names, what the sample is."""

import re
from dataclasses import dataclass, field

from remanence.science.composition.abbreviations import ABBREVIATIONS, SERIES
from remanence.science.composition.composition import Assumption
from remanence.science.composition.formula_error import FormulaError

NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
VALUE = re.compile(
    rf"[,;(\s]*(?:\b(?:with|where|for|when|at|and|here)\b\s*)?(?<![A-Za-z])([u-z])\s*=\s*({NUMBER}(?:/\d+)?)"
    r"\s*((?:mol|at)?\.?\s*%)?(\s*(?:-|to|,)\s*\.?\d)?\s*\)?"
)
SAMPLE = re.compile(
    r"\b(?:ceramics?|single[- ]crystals?|crystals?|thin[- ]films?|thick[- ]films?|films?|powders?|solid[- ]solutions?"
    r"|excess|samples?|systems?|bulk|pure|undoped|unmodified|textured|perovskites?|compositions?)\b",
    re.IGNORECASE,
)
DOPED = r"(?:co-?\s*)?(?:doped|modified|added|substituted|containing)"
HOST_LAST = re.compile(rf"^\s*(.+?)[\s-]+{DOPED}\s+(?!with|by)(\S.*)$", re.IGNORECASE)
JOINED = re.compile(
    rf"\s*(?:[,-]?\s*\b{DOPED}\s+(?:with|by)\b|\bwith\s+(?:an?\s+)?(?:addition|excess)s?\s+of\b|\bwith\b|\band\b|\bplus\b)\s*",
    re.IGNORECASE,
)
RATIO = re.compile(rf"(?:\s*\(\s*|\s+)({NUMBER}(?:\s*[/:]\s*{NUMBER})+)\s*\)?\s*$")
RATIO_OF_SERIES = re.compile(
    rf"(?<![A-Za-z])({'|'.join(SERIES)})[\s(-]*({NUMBER})\s*[/:]\s*({NUMBER})(?![\d/:])\s*(?:\)(?=\s*$|\s*[-+]))?"
)
ADDED_IN_BRACKETS = re.compile(
    r"\(\s*\+?\s*(\d[\d.]*\s*(?:mol|wt|at|weight|mole|mass)?[.\s-]*%[^()]*[A-Z][^()]*)\)(?=\s*(?:$|[-+:,]))"
)
"""Such as ``KNN (0.5 mol% CuO)``."""
NAMED = re.compile(
    r"^\s*[A-Z]{2,}[A-Z\d]*(?:\s*[-–/]\s*[A-Z]{2,}[A-Z\d]*)*\s*[:=,]?\s+\(([^%=]*[A-Z][a-z][^%=]*)\)\s*$"
)
"""A name before the formula that it stands for: ``KNN (K0.5Na0.5NbO3)``."""
NAME_BEHIND = re.compile(r"(?<=[A-Za-z0-9)])\s+\((?=[^()]*[A-Z]{2})[A-Z\d.%x /-]*\)\s*$")
"""A name behind its formula: ``K0.5Na0.5NbO3 (KNN)``."""
BINARY = re.compile(rf"(?<![A-Za-z])(?:NBBT|BNBT|NBTBT|BNTBT)[\s-]*({NUMBER})(?![\d.])")
"""Names of Bi0.5Na0.5TiO3 with a percentage of BaTiO3: ``NBBT6``."""
FAMOUS = {"BZT": "(BaZr0.2Ti0.8O3)", "BCT": "(Ba0.7Ca0.3TiO3)"}
"""What the two names mean where both stand in one formula: Liu & Ren, Phys. Rev. Lett. 103, 257602 (2009)."""
IONIC = re.compile(r"(?<=[A-NP-Z]|[a-z])\d\+(?=\s*(?:$|[,;)]|-?\s*(?:co-?\s*)?(?:doped|ions?\b)))")
"""Charges of ions, such as ``Er3+``."""
SPLIT_NUMBER = re.compile(r"(?<=(?<![\d.])0)\s+(?=\.\d)|(?<=\d\.)\s+(?=\d)")
"""Blanks inside a number: ``K0 .5``."""
OF = re.compile(r"(?<=%)\s*of\b")
DECIMAL_DOT = re.compile(r"(?<=(?<![\d.])0)·(?=\d)")
"""A raised decimal point, as in 0·95."""
WATER = re.compile(r"\.(?=\d*H2O\b)")
LABEL = re.compile(r"\s\(\s*[A-Z]\d*\s*\)\s*$")
"""A letter in brackets behind the formula names the sample; it is no element."""
REMARK = re.compile(r"\s\(\s*([a-z][a-z -]{2,})\)\s*$")
"""Words in brackets behind the formula."""
ORIENTATION = re.compile(r"\(\s*[01]{3}\s*\)\s*c?(?![A-Za-z(])")
OPEN_PZT = re.compile(r"Pb\(\s*Zr\s*,\s*Ti\s*\)O3(?=[\s(]*\d)")
SHARED_RATIO = re.compile(
    rf"^\s*[A-Z]{{2,}}(?:\s*-\s*[A-Z]{{2,}})*\s*-\s*({'|'.join(SERIES)})[\s(]*{NUMBER}\s*[/:]\s*{NUMBER}(?![\d./:])"
)
"""Such as ``PNN-PZT (50/50)``."""
EDGES = " \t\"'“”‘’„;,:·"
LANTHANUM = re.compile(rf"(?<![A-Za-z])PLZT[\s(-]*({NUMBER})\s*/\s*({NUMBER})\s*/\s*({NUMBER})\s*\)?")
SIMPLE = re.compile(r" *[()\d.-]*(?:[A-Z](?:[a-z](?![a-z])|(?![A-Za-z])|(?=[A-Z][a-z]))[()\d.-]*)* *")
"""A formula of elements alone: without names, words, ratios and blanks."""
WHOLE = 100.0


@dataclass
class Phrase:
    """A formula without words; ``places`` has the place of each character in the text as it was given."""

    text: str
    places: list[int]
    given: str
    values: dict[str, float] = field(default_factory=dict)
    """Values of the variables."""
    assumed: list[Assumption] = field(default_factory=list)
    """What was assumed about names."""
    ratio: list[float] = field(default_factory=list)
    """Shares of the end members in their order, where a ratio stands behind them; their sum is 1."""

    def replace(self, start: int, end: int, new: str) -> None:
        """Put other characters at a place."""
        place = self.places[start] if start < len(self.places) else len(self.given)
        self.text = self.text[:start] + new + self.text[end:]
        self.places[start:end] = [place] * len(new)


def without_words(text: str, places: list[int], given: str) -> Phrase:
    """Return the formula that a phrase is about.

    >>> without_words("1 mol% CuO-doped KNN ceramics", list(range(29)), "")
    ... # doctest: +ELLIPSIS
    Phrase(text='KNN + 1 mol% CuO', ...

    Raises:
        FormulaError: if x has a range of values.
    """
    phrase = Phrase(text, places, given)
    if SIMPLE.fullmatch(text) and "H2O" not in text:
        return phrase
    _replace_all(phrase, SPLIT_NUMBER, "")
    _replace_all(phrase, DECIMAL_DOT, ".")
    _replace_all(phrase, WATER, "·")
    _take_values(phrase)
    _replace_all(phrase, IONIC, "")
    _replace_all(phrase, SAMPLE, "")
    _replace_all(phrase, OF, " ")
    _trim(phrase)
    _replace_all(phrase, ORIENTATION, " ")
    if found := REMARK.search(phrase.text):
        phrase.assumed.append(Assumption("words in brackets behind a formula are not read", found[1].strip()))
        phrase.replace(*found.span(), "")
    if found := LABEL.search(phrase.text):
        reason = "a label behind the formula is no part of it; take it out, or close up the blank before it"
        raise FormulaError(given, phrase.places[found.start() + 1], reason)
    _take_names(phrase)
    if found := HOST_LAST.match(phrase.text):
        dopant, host = found.span(1), found.span(2)
        joint = [phrase.places[dopant[0]]] * 3
        phrase.text = f"{found[2]} + {found[1]}"
        phrase.places = phrase.places[slice(*host)] + joint + phrase.places[slice(*dopant)]
    _replace_all(phrase, JOINED, "+")
    while found := ADDED_IN_BRACKETS.search(phrase.text):
        phrase.replace(found.end() - 1, found.end(), " ")
        phrase.replace(found.start(), found.start() + 1, "+")
    while found := LANTHANUM.search(phrase.text):
        lanthanum, zirconium, titanium = (float(each) / WHOLE for each in found.groups())
        b = 1 - lanthanum / 4
        formula = f"Pb{1 - lanthanum:.6g}La{lanthanum:.6g}(Zr{zirconium:.6g}Ti{titanium:.6g}){b:.6g}O3"
        phrase.replace(*found.span(), formula)
    _replace_all(phrase, OPEN_PZT, "PZT")
    shared = SHARED_RATIO.search(phrase.text)
    if shared and shared[1] not in ABBREVIATIONS:
        place = phrase.places[shared.start(1)]
        raise FormulaError(given, place, f"is the ratio that of {shared[1]}, or that of all parts? Write their shares")
    while not shared and (found := RATIO_OF_SERIES.search(phrase.text)):
        shares = float(found[2]), float(found[3])
        first, second = SERIES[found[1]]
        total = sum(shares)
        phrase.replace(*found.span(), f"({shares[0] / total:.8g}{first}-{shares[1] / total:.8g}{second})")
    if found := RATIO.search(phrase.text):
        shares_given = [float(each) for each in re.split("[/:]", found[1])]
        phrase.ratio = [share / sum(shares_given) for share in shares_given] if sum(shares_given) else []
        phrase.replace(*found.span(), "")
    return phrase


def _take_values(phrase: Phrase) -> None:
    while found := VALUE.search(phrase.text):
        if found[4]:
            place = phrase.places[found.start(1)]
            raise FormulaError(phrase.given, place, f"{found[1]} has several values; write one formula for each")
        top, _, bottom = found[2].partition("/")
        if not float(bottom or 1):
            raise FormulaError(phrase.given, phrase.places[found.start(2)], "a division by zero")
        phrase.values[found[1]] = float(top) / float(bottom or 1) / (WHOLE if found[3] else 1)
        phrase.replace(*found.span(), " ")


def _trim(phrase: Phrase) -> None:
    """Take quotation marks and separators away at both ends."""
    start = len(phrase.text) - len(phrase.text.lstrip(EDGES))
    end = len(phrase.text.rstrip(EDGES))
    phrase.text, phrase.places = phrase.text[start:end], phrase.places[start:end]


def _take_names(phrase: Phrase) -> None:
    """Take away names that stand beside the formula, and write out those that hold numbers or need each other."""
    if found := NAMED.match(phrase.text):
        phrase.text, phrase.places = found[1], phrase.places[slice(*found.span(1))]
    elif found := NAME_BEHIND.search(phrase.text):
        phrase.replace(*found.span(), "")
    while found := BINARY.search(phrase.text):
        share = float(found[1]) / (WHOLE if float(found[1]) >= 1 else 1)
        phrase.replace(*found.span(), f"({1 - share:.8g}Bi0.5Na0.5TiO3-{share:.8g}BaTiO3)")
    names = {name: re.compile(rf"(?<![A-Za-t]){name}(?![A-Za-z0-9]|\s*\(?\d)") for name in FAMOUS}
    if all(pattern.search(phrase.text) for pattern in names.values()):
        for name, formula in FAMOUS.items():
            _replace_all(phrase, names[name], formula)
        meaning = ", ".join(f"{name} = {formula[1:-1]}" for name, formula in FAMOUS.items())
        phrase.assumed.append(Assumption("names that stand beside each other in the system of Liu and Ren", meaning))


def _replace_all(phrase: Phrase, pattern: re.Pattern[str], new: str) -> None:
    while found := pattern.search(phrase.text):
        phrase.replace(*found.span(), new)
