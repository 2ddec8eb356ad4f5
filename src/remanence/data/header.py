"""The row of a table that holds the names of its columns, which titles and remarks may stand above."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remanence.data.cells import is_empty
from remanence.data.declared_units import spelled

TOP = 100
"""Number of rows among which the names of the columns are looked for."""


@dataclass(frozen=True)
class RawRow:
    """A row of a file that is not blank."""

    number: int
    """Number of the row in the file, from 1, as a spreadsheet shows it."""
    cells: Sequence[object]

    @property
    def names(self) -> list[str]:
        """The cells as names of columns: text without blanks around it, and without the mark of a comment before it."""
        return ["" if is_empty(cell) else re.sub(r"^#\s+(?=\S)", "", str(cell).strip()) for cell in self.cells]

    @property
    def filled(self) -> int:
        """Number of cells that are not empty."""
        return sum(not is_empty(cell) for cell in self.cells)


def bare(name: str) -> str:
    """Return a name without the unit behind it, without blanks and in small letters.

    >>> bare("T_Sint [°C]"), bare("d33 (pC/N)"), bare("d 33, pC/N")
    ('t_sint', 'd33', 'd33')
    """
    name = re.sub(r"\s*(?:[\[(][^\[\]()]*[\])]|,[^,]*|/\s*[^/]*)\s*$", "", spelled(name)) or name
    return re.sub(r"\s+", "", name).casefold()


def has_names(row: RawRow, looked_for: Iterable[str], *, loosely: bool = False) -> bool:
    """Return whether a row holds all names, exactly or without their units and in any case."""
    names = {bare(name) for name in row.names} if loosely else set(row.names)
    return all((bare(name) if loosely else name) in names for name in looked_for)


def header_place(top: Sequence[RawRow], looked_for: Sequence[str]) -> int:
    """Return which of the first rows holds the names of the columns, counted from 0.

    It is the first row with all the names that are looked for. If nothing is looked for, or no row has it, it is the
    first row that fills at least half as many cells as most rows do, and has as many: a title fills one or two, and a
    remark is cut into any number of cells.
    """
    if looked_for:
        for loosely in (False, True):
            for place, row in enumerate(top):
                if has_names(row, looked_for, loosely=loosely):
                    return place
    filled = Counter(row.filled for row in top).most_common(1)[0][0]
    wide = Counter(len(row.cells) for row in top).most_common(1)[0][0]
    full = [place for place, row in enumerate(top) if 2 * row.filled >= filled]
    return next((place for place in full if len(top[place].cells) == wide), full[0])
