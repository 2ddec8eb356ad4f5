"""Commas between the digits of a formula: decimal marks, or separators of a list."""

import re

from remanence.science.composition.composition import Assumption
from remanence.science.composition.formula_error import FormulaError

RUN = re.compile(r"(?<![\d.,])[\d.,]*\d,\d[\d.,]*")
"""Digits, points and commas without a blank, in which a comma stands between digits."""
POINT = re.compile(r"\d\.\d|(?<!\d)\.\d")
SURE = re.compile(r"0,\d+")
"""No amount is 0, and no list of amounts begins with it."""
READ = "a comma between digits is read as a decimal comma"


def pointed(plain: str, places: list[int], given: str) -> tuple[str, list[Assumption]]:
    """Return a formula with decimal points, and what was assumed of each of its commas.

    A comma beside a decimal point (``O3,0.5%``) separates, as one beside a letter or a blank does. Another one between
    digits is a decimal comma if no list begins with such a number (``0,94``), if no amount of the formula has a decimal
    point, or if the number stands before a formula (``95,5NBT``).

    Args:
        plain: formula in plain characters.
        places: for each of them, its place in ``given``.
        given: formula as it was written.

    >>> text, read = pointed("0,94(Bi0.5,Na0.5)TiO3", list(range(21)), "")
    >>> text, read[0].about
    ('0.94(Bi0.5,Na0.5)TiO3', '0,94 as 0.94')

    Raises:
        FormulaError: if a comma may be either.
    """
    read: list[Assumption] = []
    text = plain
    for found in RUN.finditer(plain):
        number = found[0].rstrip(".,")
        if "." in number:
            continue  # with a second decimal mark it is no number
        before = plain[found.start() - 1 : found.start()]
        may_be_list = (before.isalpha() or before == ")") and POINT.search(plain) and not SURE.fullmatch(number)
        if may_be_list or number.count(",") > 1:
            at = places[found.start() + number.index(",")]
            reason = f"is {number!r} a decimal comma, or a list? Write a point, or a blank behind the comma"
            raise FormulaError(given, at, reason)
        point = number.replace(",", ".")
        text = text[: found.start()] + point + text[found.start() + len(number) :]
        read.append(Assumption(READ, f"{number} as {point}"))
    return text, read
