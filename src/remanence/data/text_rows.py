"""The rows of a text file: what separates its cells, and what they hold."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from typing import TextIO

import pandas as pd

from remanence.data.header import TOP, RawRow, has_names
from remanence.data.simple_text import read_simple
from remanence.data.table_format import TableFormat
from remanence.data.text_encoding import encoding_of
from remanence.errors import DataError

SEPARATORS = ",;\t|"
"""Separators that are tried, in this order; blanks are tried last."""
BLANKS = " "
SAMPLE = 1000
"""Number of rows that tell what a column holds."""
LARGE = 2**20
"""Bytes of a file from which on it is worth the import of a fast reader."""


class TextRows:
    """The rows of a text file.

    Args:
        path: path of the file.
        format: what is known of it.
        looked_for: names of columns that help to find the separator.

    Raises:
        DataError: if the text is not in the encoding that was given, or if quotes are not closed.
    """

    def __init__(self, path: Path, format: TableFormat, looked_for: Sequence[str]) -> None:
        self.path = path
        self.encoding, self.guessed = encoding_of(path, format.encoding)
        self.separator = format.character or self._found_separator(looked_for)

    def top(self, number: int = TOP) -> list[RawRow]:
        """Return the first rows that are not blank."""
        return list(islice(self._rows(self.separator), number))

    def below(self, header: RawRow) -> pd.DataFrame:
        """Return the rows below the header, a column of texts for each name of it.

        The index is the number of each row in the file, from 1. Columns of numbers of a large file hold numbers. Blank
        cells beyond the last column are left out.

        Raises:
            DataError: for the first row with another number of cells.
        """
        width = len(header.cells)
        is_large = self.separator != BLANKS and self.path.stat().st_size > LARGE
        if is_large and (fast := self._at_once(header, width)) is not None:
            return fast
        numbers, rows, least = [], [], 1 + max(place for place, cell in enumerate(header.cells) if _is_filled(cell))
        for row in self._rows(self.separator):
            if row.number <= header.number:
                continue
            cells = [*row.cells, *[""] * (width - len(row.cells))]
            if len(row.cells) < least or any(map(_is_filled, cells[width:])):
                raise DataError(f"{self.path}: row {row.number} has {len(row.cells)} cells, the header has {width}")
            numbers.append(row.number)
            rows.append(cells[:width])
        return pd.DataFrame(rows, columns=range(width), index=pd.Index(numbers, dtype=int), dtype=object)

    def _at_once(self, header: RawRow, width: int) -> pd.DataFrame | None:
        """Return the rows below the header of a large file, None if it has to be read row by row."""
        with self._open() as file:
            reader = csv.reader(file, delimiter=self.separator, strict=True)
            for _ in islice(reader, header.number):
                pass
            lines = reader.line_num
            sample = [cells for cells in islice(reader, SAMPLE) if len(cells) == width]
        frame = read_simple(
            self.path, lines=lines, encoding=self.encoding, separator=self.separator, width=width, sample=sample
        )
        if frame is not None:
            frame.index += header.number + 1
        return frame

    def _rows(self, separator: str) -> Iterator[RawRow]:
        with self._open() as file:
            lines = map(_with_single_blanks, file) if separator == BLANKS else file
            # strict: otherwise a quote that is never closed would swallow all rows below it
            for number, cells in enumerate(csv.reader(lines, delimiter=separator, strict=True), start=1):
                if any(map(_is_filled, cells)):
                    yield RawRow(number, cells)

    def _open(self) -> TextIO:
        return open(self.path, encoding="utf-8-sig" if self.encoding == "utf-8" else self.encoding, newline="")

    def _found_separator(self, looked_for: Sequence[str]) -> str:
        """Return the separator under which a row has the names, or under which most rows have as many cells."""
        tops = {}
        for separator in SEPARATORS + BLANKS:
            try:
                tops[separator] = list(islice(self._rows(separator), TOP))
            except csv.Error:  # a quoted cell ends before another separator
                continue
        # cells are counted, because a name may be quoted and contain a comma; the comma wins a tie, as in a table of
        # one column
        common = sorted((each for each in ",;\t" if tops.get(each)), key=lambda each: -len(tops[each][0].cells))
        ordered = [*common, *(each for each in ("|", BLANKS) if tops.get(each))]
        if looked_for:
            # blanks last: they also stand between a name and its unit, and would make a name of its own of each
            for loosely, separator in [
                *product((False, True), [each for each in ordered if each != BLANKS]),
                (False, BLANKS),
            ]:
                if any(has_names(row, looked_for, loosely=loosely) for row in tops.get(separator, [])):
                    return separator
        rows, cells = _agreeing(tops.pop(BLANKS, []))
        agreeing = {separator: _agreeing(top) for separator, top in tops.items()}
        best = max(agreeing, key=lambda separator: agreeing[separator], default=",")
        if rows > 2 and cells > 1 and rows > 3 * agreeing.get(best, (0, 0))[0]:
            return BLANKS
        return best


def _agreeing(top: Sequence[RawRow]) -> tuple[int, int]:
    """Return the length of the longest run of rows with one number of cells above 1, and that number."""
    best, run = (0, 0), 0
    for place, row in enumerate(top):
        cells = len(row.cells)
        run = run + 1 if place and cells == len(top[place - 1].cells) else 1
        if cells > 1:
            best = max(best, (run, cells))
    return best


def _with_single_blanks(line: str) -> str:
    return re.sub(r"[ \t]+", BLANKS, line.lstrip("# \t").rstrip(" \t"))


def _is_filled(cell: object) -> bool:
    return bool(str(cell).strip())
