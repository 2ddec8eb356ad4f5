"""What a cell of a column of numbers says: a number, a value with its uncertainty, a bound, or that there is none."""

import math
import re
from dataclasses import dataclass

from remanence.data.cells import LARGEST, as_number, is_empty

_SIGNS = frozenset(("-", "--", "---", "–", "—", "−", "/", "?", "*", ".", "..", "...", "…"))
_SHORT = frozenset(f"{a}{b}" for a in ("n/", "n.", "n. ", "n") for b in ("a", "a.", "d", "d.", "m", "m.")) | {
    "k.a.",
    "ka",
}
_WORDS = frozenset(("nan", "null", "none", "nil", "missing", "unknown", "not measured", "not determined", "no data"))
_ERRORS = frozenset(("#n/a", "#na", "#value!", "#div/0!", "#ref!", "#num!", "#name?", "#null!"))
MISSING = _SIGNS | _SHORT | _WORDS | _ERRORS
"""Texts, in small letters, by which laboratories say that a column of numbers has no value."""

_UNSIGNED = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_VALUE = rf"[-+]?{_UNSIGNED}"
PLUS_MINUS = re.compile(rf"\(?\s*({_VALUE})\s*(?:±|\+/-|\+-|\+/−|\\pm)\s*({_UNSIGNED})\s*\)?\s*(%?)", re.ASCII)
LAST_DIGITS = re.compile(r"([-+]?\d+(?:\.(\d+))?)\((\d+)\)", re.ASCII)
"""``3.905(2)``: the standard uncertainty in units of the last digit, as crystallographers write it."""
RANGE = re.compile(rf"({_UNSIGNED})\s*(?:-|–|—|\.\.\.?|…|to)\s*({_UNSIGNED})", re.ASCII)
ABOUT = re.compile(rf"(?:~|≈|∼|ca\.?|c\.|approx\.?|about)\s*({_VALUE})", re.ASCII | re.IGNORECASE)
BOUND = re.compile(rf"(<=?|>=?|≤|≥|≦|≧|≲|≳)\s*({_VALUE}).*", re.ASCII)
POWER = re.compile(rf"({_VALUE})\s*(?:×|x|·|\*)\s*10\s*\^?\s*\(?([-+]?\d+)\)?", re.ASCII)
COMMA = re.compile(r"[-+]?\d+(?:,\d+)+(?:\.\d+)?|[-+]?\d{1,3}(?:\.\d{3})+,\d+", re.ASCII)
_UNIT = r"(?:[^\W\d_]|[%°µμΩÅ]){1,5}[²³]?"
WITH_UNIT = re.compile(rf"({_VALUE})\s*{_UNIT}(?:\s?[/·*]\s?{_UNIT}\d?)?")
"""A number and its unit; more digits behind it would be those of a formula, such as ``0.5Na0.5Bi0.5TiO3``."""
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺−", "0123456789-+-")

NO_NUMBER = "no number"
UNCERTAIN = "data.uncertain=value takes 345±5 as 345 with an uncertainty of 5, and 340-350 likewise"
BOUNDS = "a bound such as <5 is no measured value: type a value, or take the row out"
TWO_MEANINGS = "data.decimal=, or data.decimal=. says what a comma in a number is"
UNITS = "the unit stands in the header, as d33 [pC/N], or in data.units, and not in the cell"


@dataclass(frozen=True)
class NumberCell:
    """What a cell says."""

    value: float = math.nan
    """The number; NaN if there is none."""
    uncertainty: float = math.nan
    """Standard uncertainty of the value; NaN if it is not stated."""
    missing: bool = False
    """Whether the cell says that there is no value."""
    uncertain: bool = False
    """Whether it is taken only if the user says so: a value with an uncertainty, a range, or ``~345``."""
    what: str = ""
    """What is wrong, as a message goes on behind row and column; empty if the number is taken as it is."""
    kind: str = ""
    """What the cell is, in a word or two, if the number is not taken as it is."""
    advice: str = ""
    """What a user can do or set about it."""


def number_cell(cell: object) -> NumberCell:
    """Return what a cell of a column of numbers says.

    >>> number_cell("345 ± 5").value, number_cell("345 ± 5").uncertainty, number_cell("3.905(2)").uncertainty
    (345.0, 5.0, 0.002)
    >>> number_cell("<5").what, number_cell("ND").missing
    ("is a bound: '<5', some value below 5", True)
    """
    text = cell.strip() if isinstance(cell, str) else ""
    number = as_number(text.translate(SUPERSCRIPTS) if text else cell)
    if number is None:
        return _text(cell, text)
    if math.isnan(number):
        return NumberCell(missing=True, what="is empty or NaN", kind="empty")
    if not math.isfinite(number):
        return NumberCell(what=f"is not finite: {cell!r}", kind="not finite")
    if abs(number) > LARGEST:
        return NumberCell(
            what=f"is too large: {cell!r}; the largest is {LARGEST:g}, so give the column in another unit"
        )
    return NumberCell(number)


def _text(cell: object, text: str) -> NumberCell:
    """Return what a text says that is no number."""
    if is_empty(cell):
        return NumberCell(missing=True, what="is empty", kind="empty")
    if text.lower() in MISSING:
        return NumberCell(missing=True, what=f"says that there is no value: {cell!r}", kind="no value")
    plain = text.translate(SUPERSCRIPTS).replace("\N{NO-BREAK SPACE}", " ").replace("\N{THIN SPACE}", " ")
    if found := POWER.fullmatch(plain):
        return number_cell(float(found[1]) * 10.0 ** int(found[2]))
    if found := BOUND.fullmatch(plain):
        side = "below" if found[1][0] in "<≤≦≲" else "above"
        return NumberCell(what=f"is a bound: {cell!r}, some value {side} {found[2]}", kind="a bound", advice=BOUNDS)
    if (uncertain := _uncertain(plain)) is not None:
        value, uncertainty, meaning = uncertain
        what = f"is {meaning}: {cell!r}"
        return NumberCell(value, uncertainty, uncertain=True, what=what, kind=meaning, advice=UNCERTAIN)
    what = f"is not a number: {cell!r}"
    if COMMA.fullmatch(plain):
        return NumberCell(what=f"{what}{_meanings(plain)}", kind="a number with commas", advice=TWO_MEANINGS)
    if WITH_UNIT.fullmatch(plain):
        return NumberCell(what=what, kind="a number with its unit", advice=UNITS)
    return NumberCell(what=what, kind=NO_NUMBER)


def _uncertain(text: str) -> tuple[float, float, str] | None:
    """Return value, uncertainty and meaning of a text such as ``345±5``, ``3.905(2)``, ``340-350`` or ``~345``."""
    if found := PLUS_MINUS.fullmatch(text):
        value, uncertainty = float(found[1]), float(found[2])
        return value, abs(value) * uncertainty / 100 if found[3] else uncertainty, "a value with its uncertainty"
    if found := LAST_DIGITS.fullmatch(text):
        return float(found[1]), round(int(found[3]) * 10.0 ** -len(found[2] or ""), 15), "a value with its uncertainty"
    if (found := RANGE.fullmatch(text)) and float(found[2]) > float(found[1]):
        low, high = float(found[1]), float(found[2])
        return (low + high) / 2, (high - low) / 2, "a range"
    if found := ABOUT.fullmatch(text):
        return float(found[1]), math.nan, "an approximate value"
    return None


def _meanings(text: str) -> str:
    """Return the two numbers that a text with a comma may be, if it can be both.

    >>> _meanings("1,234"), _meanings("1,5")
    (' (1234 or 1.234)', '')
    """
    if re.fullmatch(r"[-+]?\d{1,3},\d{3}", text):
        return f" ({text.replace(',', '')} or {text.replace(',', '.')})"
    return ""
