"""What a reader of cells does not tell of a sheet: which cells are merged, and which formulas have no result."""

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>"
)
PART = 2**20
"""Bytes of a sheet that are searched at a time."""
LONGEST = 200
"""Bytes of the longest element that is searched for; parts overlap by so many."""


@dataclass(frozen=True)
class SheetMarks:
    """What stands in the file of a sheet beside its cells."""

    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Column to the first and last rows of merged cells that span several rows, all counted from 0.

    Of cells that are merged across columns as well, the first column only: what is written across columns is no value
    of the others.
    """
    uncalculated: int = 0
    """Number of formulas without a result, which read as empty cells."""

    @classmethod
    def of(cls, path: Path, part: str) -> Self:
        """Read the marks of a sheet.

        Args:
            path: path of the workbook.
            part: name of the sheet's file in the workbook.
        """
        merged: dict[int, list[tuple[int, int]]] = {}
        uncalculated, kept = 0, b""
        with zipfile.ZipFile(path) as packed, packed.open(part.removeprefix("/")) as content:
            while read := content.read(PART):
                text, before = kept + read, len(kept)  # a match that ends in what was kept was found before
                uncalculated += sum(match.end() > before for match in NO_RESULT.finditer(text))
                for match in (each for each in MERGED.finditer(text) if each.end() > before):
                    first, last = int(match[2]) - 1, int(match[4]) - 1
                    if last > first:
                        merged.setdefault(_column(match[1]), []).append((first, last))
                kept = text[-LONGEST:]
        return cls(merged, uncalculated)

    def fill_down(self, rows: dict[int, list[Any]]) -> dict[int, list[int]]:
        """Give the rows of merged cells the value that stands in the first of them, in place.

        Args:
            rows: number of each row, counted from 0, to its cells; blank rows are left out, and stay away.

        Returns:
            the rows that got a value, by column.
        """
        filled: dict[int, list[int]] = {}
        for column, ranges in self.merged.items():
            for first, last in ranges:
                value = rows[first][column] if first in rows and column < len(rows[first]) else np.nan
                for number in range(first + 1, last + 1) if value is not np.nan else ():
                    if number in rows:
                        rows[number] += [np.nan] * (column + 1 - len(rows[number]))
                        rows[number][column] = value
                        filled.setdefault(column, []).append(number)
        return filled


def _column(letters: bytes) -> int:
    """Return the number of a column from its letters, counted from 0."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1
