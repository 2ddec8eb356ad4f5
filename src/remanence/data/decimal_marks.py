"""Commas and dots in numbers: which of them is the decimal mark, and numbers with points throughout."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Self

import pandas as pd

from remanence.data.cells import is_empty, shown_row
from remanence.data.header import bare
from remanence.data.text_numbers import plain_pointed
from remanence.errors import DataError

Mark = Literal[".", ","]

LARGE = 10_000
"""Number of rows from which on a column is not looked at cell by cell."""
FEW = 1000
"""Number of rows that tell what a long column holds."""
TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[.,]\d+")
"""A number in which a dot or comma stands."""
STATED = re.compile(r"[-+−±–—\d.,\s()<>≤≥~≈%eE×·*^x⁰¹²³⁴⁵⁶⁷⁸⁹⁻/\u00a0\u2009]+")
"""A cell that states one number, also with an uncertainty, as a bound or as a range; a list of words does not."""
GROUPED = {",": r"[1-9]\d{0,2}(?:,\d{3})+", ".": r"[1-9]\d{0,2}(?:\.\d{3})+"}
"""Whole numbers whose thousands are separated by a mark."""


@dataclass
class Evidence:
    """Cells that show what a mark means; the first of each kind, with its column and position."""

    comma: str | None = None
    """A number that only has a decimal comma."""
    point: str | None = None
    """A number that only has a decimal point."""
    grouped: str | None = None
    """A number whose commas can only separate thousands."""

    @classmethod
    def of(cls, texts: Collection[str]) -> Self:
        """Collect the evidence of texts."""
        found = cls()
        for text in texts:
            for token in TOKEN.findall(text):
                match _meaning(token):
                    case "comma":
                        found.comma = found.comma or token
                    case "point":
                        found.point = found.point or token
                    case "grouped":
                        found.grouped = found.grouped or token
        return found


def with_points(
    frame: pd.DataFrame, given: Mark | None, source: str, looked_for: Collection[str] = ()
) -> tuple[pd.DataFrame, Mark | None, str | None]:
    """Return the table with decimal points, and without separators of thousands, in its columns of numbers.

    What is not given is found over all columns of numbers together, where the cells leave no doubt: ``12,5`` and
    ``0,123`` have a decimal comma, ``1,234,567`` and ``1,234.5`` have not, and ``1,234`` alone has two meanings and is
    left as it is. If commas and points both stand before decimals, no cell is changed.

    Args:
        frame: cells as read.
        given: decimal mark that the user names.
        source: name of the file, for error messages.
        looked_for: columns that decide, with or without their units; the others follow them. None: all.

    Returns:
        the table, the decimal mark if a comma matters, and a number that shows it if it was found.

    Raises:
        DataError: if commas are found to be decimal marks, and a dot may separate thousands or decimals.
    """
    wanted = {bare(name) for name in looked_for}
    places = [place for place, name in enumerate(frame.columns) if not wanted or bare(str(name)) in wanted]
    if given != "," and not any(_has_commas(frame.iloc[:, place]) for place in places):
        return frame, given, None
    texts = {place: column for place in range(frame.shape[1]) if (column := _texts(frame.iloc[:, place]))}
    stated = {place: column for place, column in texts.items() if _states_numbers(frame.iloc[:, place], column)}
    mark, shown = given, None
    if mark is None:
        deciding = {place: column for place, column in stated.items() if place in places}
        found = Evidence.of([text for column in deciding.values() for text in column if STATED.fullmatch(text)])
        if found.comma and not found.point and not found.grouped:
            mark, shown = ",", found.comma
            _refuse_grouped(frame, deciding, source)
        elif found.grouped and not found.comma:
            mark, shown = ".", found.grouped
    if mark is None:
        return frame, None, None
    changed = frame.copy(deep=False)
    for place in stated:
        cells = frame.iloc[:, place]
        pointed, others = plain_pointed(cells) if mark == "," and _is_large(cells) else (cells, cells)
        texts_of = [text for text in others.unique() if isinstance(text, str) and STATED.fullmatch(text)]
        known = {text: _pointed(text, mark, sure=given is not None) for text in texts_of}
        known = {text: new for text, new in known.items() if text != new}
        if known:
            replaced = [known.get(cell, cell) if isinstance(cell, str) else cell for cell in pointed]
            pointed = pd.Series(replaced, index=frame.index, dtype=object)
        if pointed is not cells:
            changed.isetitem(place, pointed.array)
    return changed, mark, shown


def _has_commas(column: pd.Series) -> bool:
    if column.dtype == object:
        return any(isinstance(cell, str) and "," in cell for cell in column.tolist())
    return isinstance(column.dtype, pd.StringDtype) and bool(column.str.contains(",", regex=False).any())


def _is_large(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype) and len(column) > LARGE


def _texts(column: pd.Series) -> list[str]:
    """Return the different texts of a column; of a long one, those of its first rows and all with points."""
    if _is_large(column):
        column = pd.concat([column.head(FEW), column[column.str.contains(".", regex=False).astype(bool)]])
    holds_text = column.dtype == object or isinstance(column.dtype, pd.StringDtype)
    return [text for text in column.unique() if isinstance(text, str)] if holds_text else []


def _states_numbers(column: pd.Series, texts: Collection[str]) -> bool:
    """Return whether most of the different cells that are not empty state numbers."""
    if _is_large(column):
        column = column.head(FEW)
        texts = set(column.unique())
    different = [cell for cell in column.unique() if not is_empty(cell)]
    other = sum(1 for text in texts if text.strip() and not STATED.fullmatch(text))
    return 2 * other < len(different)


def _meaning(token: str) -> Literal["comma", "point", "grouped", "either"]:
    """Return what the marks of a number can only mean.

    >>> [_meaning(token) for token in ("12,5", "0,123", "1.234,5", "12.5", "1,234,567", "1,234.5", "1,234", "1.234")]
    ['comma', 'comma', 'comma', 'point', 'grouped', 'grouped', 'either', 'either']
    """
    last = max(token.rfind(","), token.rfind("."))
    mark = token[last]
    other = "." if mark == "," else ","
    if other in token:
        return "comma" if mark == "," else "grouped"
    if re.fullmatch(GROUPED[mark], token):
        if token.count(mark) > 1:
            return "grouped" if mark == "," else "comma"
        return "either"
    return "comma" if mark == "," else "point"


def _pointed(text: str, mark: Mark, *, sure: bool) -> str:
    """Return a cell with decimal points and without separators of thousands.

    >>> _pointed("1.234,5±0,2", ",", sure=True), _pointed("1,234", ".", sure=True), _pointed("1,5", ".", sure=True)
    ('1234.5±0.2', '1234', '1,5')
    """
    separator = "." if mark == "," else ","
    number = re.compile(rf"(?:{GROUPED[separator]}|\d+)?(?:{re.escape(mark)}\d*)?")

    def replace(found: re.Match[str]) -> str:
        token = found[0]
        if not sure and mark == "." and _meaning(token) == "either":
            return token
        return token.replace(separator, "").replace(mark, ".") if number.fullmatch(token) else token

    return TOKEN.sub(replace, text)


def _refuse_grouped(frame: pd.DataFrame, stated: dict[int, list[str]], source: str) -> None:
    """Raise what is wrong where a file has decimal commas and a number such as 1.234."""
    for place, column in stated.items():
        name = str(frame.columns[place])
        for text in column:
            token = next((token for token in TOKEN.findall(text) if re.fullmatch(GROUPED["."], token)), None)
            if STATED.fullmatch(text) and token is not None:
                row = frame.iloc[:, place].tolist().index(text)
                raise DataError(
                    f"{source}: row {shown_row(frame, row)}, column '{name}' is {text!r}, which is "
                    f"{token.replace('.', '')} or {token}, because the file has decimal commas: data.decimal=, or "
                    "data.decimal=. says which"
                )
