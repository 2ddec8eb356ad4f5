"""The numbers of a formula: amounts, fractions, percentages, and expressions such as 1-x."""

import re
from collections.abc import Callable

from remanence.science.composition.formula_error import FormulaError

_BEFORE = r"(?:[Mm]ol(?:e|ar)?|[Ww]t|[Ww]eight|[Mm]ass|[Aa]t(?:om|omic)?|Gew|Ma)"
_PERCENT = rf"\s*(?:(?P<before>{_BEFORE})\s*\.?\s*-?\s*%|%\s*(?P<after>mol|wt|mass|at)?(?![a-z]))"
PERCENT = re.compile(_PERCENT)
UNITS = {"m": "mol%", "w": "wt%", "g": "wt%", "a": "mol%", "ma": "wt%"}
"""First letters of what stands before a percent sign; ``ma`` of mass and of the German Ma.-% goes before ``m``."""
MOLES = re.compile(r"\s*mol(?:es?)?\b\.?(?!\s*\.?-?\s*%)")
FACTOR = re.compile(
    r"\s*(?P<number>\d+\.?\d*|\.\d+)?(?:/(?P<under>\d{1,2})(?![\d.]|\s*(?:mol|wt|at|%)))?"
    r"(?P<variable>[u-zδ](?![a-z]))?(?:/(?P<below>\d+))?"
)
IN_BRACKETS = re.compile(r"\s*\(\s*(?=[^)]*[\du-zδ])([\d.\su-zδ+±/-]+)\)")
SHARE_BEHIND = re.compile(
    r"\s*(?P<open>\()?\s*(?P<share>\d+\.?\d*|\.\d+)" + _PERCENT + r"\s*(?(open)\))(?=\s*(?:$|[-+)·:,;/&]))"
)
UNTIL_NEXT_TERM = re.compile(r"\s*(?:$|[-+)·:,;])")
MAY_START = frozenset(" (.0123456789uvwxyzδ")
MAY_FOLLOW = MAY_START | frozenset("-+±")
OXYGEN_DEFICIT = re.compile(r"\s*[-+±]\s*d(?=\s*(?:$|[-+)·:,;]))")


class Numerals:
    """Reads numbers out of one formula.

    Args:
        text: formula in plain characters.
        values: values of the variables.
        error: makes the error of a place.
    """

    def __init__(self, text: str, values: dict[str, float], error: Callable[[int, str], FormulaError]) -> None:
        self.text, self.values, self.error = text, values, error
        self.has_percent = "%" in text
        self.has_deficit = False
        """Whether a δ was read, as zero."""

    def coefficient(self, at: int) -> tuple[float | None, str, int]:
        """Return the number before a formula, None if there is none, its unit, and the place behind both."""
        if at >= len(self.text) or self.text[at] not in MAY_START:
            return None, "", at
        if found := IN_BRACKETS.match(self.text, at):
            value, at = self._whole(*found.span(1)), found.end()
        else:
            number, _, end = self._factor(at)
            if number is None:
                return None, "", at
            value, at = number, end
        unit = ""
        if self.has_percent and (percent := PERCENT.match(self.text, at)):
            unit, at = unit_of(percent), percent.end()
        elif moles := MOLES.match(self.text, at):
            at = moles.end()
        while at < len(self.text) and self.text[at] in " ·":
            at += 1
        return value, unit, at

    def share_behind(self, at: int) -> re.Match[str] | None:
        """Return the match of an amount that stands behind its formula, as in ``MnO2 (0.5 wt%)``."""
        return SHARE_BEHIND.match(self.text, at) if self.has_percent else None

    def amount(self, at: int, *, of_anion: bool) -> tuple[float | None, int]:
        """Return the number behind an element or bracket, None if there is none, and the place behind it."""
        if at >= len(self.text) or self.text[at] not in MAY_FOLLOW or self.share_behind(at):
            return None, at
        if found := IN_BRACKETS.match(self.text, at):
            return self._whole(*found.span(1)), found.end()
        total, _, end = self._factor(at)
        if of_anion and total is not None and self.text[at] == ".":
            raise self.error(at - 1, "a letter O before a decimal point: is it the digit 0?")
        if of_anion and (deficit := OXYGEN_DEFICIT.match(self.text, end)):
            self.has_deficit = True
            return total, deficit.end()
        if total is None:
            return None, at
        while end < len(self.text) and self.text[end] in "+-±":
            further, variable, behind = self._factor(end + 1, quiet=True)
            new_term = of_anion and variable != "δ" and not UNTIL_NEXT_TERM.match(self.text, behind)
            if further is None or not variable or new_term:
                break
            further, _, behind = self._factor(end + 1)
            total += (-1 if self.text[end] == "-" else 1) * (further or 0.0)
            end = behind
        return total, end

    def _whole(self, start: int, end: int) -> float:
        """Return the value of everything between two places."""
        total, at, sign = 0.0, start, 1.0
        while True:
            value, _, behind = self._factor(at)
            if value is None:
                raise self.error(at, f"{self.text[start:end]!r} is no number")
            total += sign * value
            rest = self.text[behind:end]
            if not rest.strip():
                return total
            at = behind + len(rest) - len(rest.lstrip())
            if self.text[at] not in "+-±":
                raise self.error(at, f"{self.text[start:end]!r} is no number")
            sign, at = (-1.0 if self.text[at] == "-" else 1.0), at + 1

    def _factor(self, at: int, *, quiet: bool = False) -> tuple[float | None, str, int]:
        """Return such as ``0.5``, ``1/3``, ``2x`` or ``x/2``, the variable in it, and the place behind it."""
        found = FACTOR.match(self.text, at)
        if found is None or (found["number"] is None and found["variable"] is None):
            return None, "", at
        number, variable = found["number"] or "1", found["variable"] or ""
        if quiet:
            return 0.0, variable, found.end()
        if number[0] == "0" and number[1:2].isdigit():
            raise self.error(
                found.start("number"),
                f"'{number}' starts with a zero: is it the letter O, or is a decimal point missing?",
            )
        if float(found["under"] or 1) == 0 or float(found["below"] or 1) == 0:
            raise self.error(found.start("number"), "a division by zero")
        value = float(number) / float(found["under"] or 1) / float(found["below"] or 1)
        if variable == "δ":
            self.has_deficit = True
            value = 0.0
        elif variable and variable not in self.values:
            reason = f"{variable} has no value: write numbers, or add ', {variable} = 0.05'"
            raise self.error(found.start("variable"), reason)
        elif variable:
            value *= self.values[variable]
        return value, variable, found.end()


def unit_of(percent: re.Match[str]) -> str:
    """Return ``%``, ``mol%`` or ``wt%`` for a match of ``PERCENT``; atomic percent of a dopant are molar ones."""
    word = (percent["before"] or percent["after"] or "").lower()
    return UNITS.get(word[:2], UNITS[word[:1]]) if word else "%"
