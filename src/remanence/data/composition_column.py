"""A column of formulas of a table: the compositions, and the cells that cannot be read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cell_faults import SHOWN, CellFault
from remanence.data.cells import is_empty, shown_row
from remanence.data.number_cell import MISSING
from remanence.foundation.first_few import first_few
from remanence.science.composition.composition import Composition
from remanence.science.composition.descriptors import encode_compositions
from remanence.science.composition.elements import ELEMENTS
from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.parse import parse_formula

MOST_CASES = 4
"""Number of cases of an assumption that a line shows."""


@dataclass(frozen=True)
class CompositionColumn:
    """The cells of a column of formulas."""

    name: str
    compositions: list[Composition | None]
    """Composition of each row; None where the cell cannot be read."""
    faults: list[CellFault]
    """Cells that are empty or cannot be read."""

    @property
    def read(self) -> list[Composition]:
        """The compositions that could be read."""
        return [composition for composition in self.compositions if composition is not None]

    def encoded(
        self, elements: Sequence[str], descriptors: Sequence[str]
    ) -> tuple[NDArray[np.float64], list[CellFault]]:
        """Return inputs, shape (rows, elements and descriptors), and the cells for which one of them has no value.

        Inputs are NaN where a cell cannot be read.
        """
        rows = np.array([row for row, each in enumerate(self.compositions) if each is not None], dtype=np.intp)
        values = np.full((len(self.compositions), len(elements) + len(descriptors)), np.nan)
        values[rows] = encode_compositions(self.read, elements, descriptors)
        names = [*elements, *descriptors]
        undefined = [
            CellFault(int(row), self.name, f"has no {names[int(np.argmin(np.isfinite(values[row])))]}: no perovskite")
            for row in rows[~np.isfinite(values[rows]).all(axis=1)]
        ]
        return values, undefined

    def assumed(self, frame: pd.DataFrame) -> list[str]:
        """Return one line for each kind of assumption that was made in reading: its rows, and what it is about."""
        rows: dict[str, dict[str, None]] = {}
        about: dict[str, dict[str, None]] = {}
        for row, composition in enumerate(self.compositions):
            for note in composition.notes if composition is not None else ():
                rows.setdefault(note.kind, {})[str(shown_row(frame, row))] = None
                about.setdefault(note.kind, {})[note.about] = None
        return [
            f"column '{self.name}', row{'s' * (len(where) > 1)} {_shown(where, SHOWN)}: {kind} "
            f"({_shown(about[kind], MOST_CASES, between='; ')})"
            for kind, where in rows.items()
        ]


def _shown(words: Collection[str], most: int, *, between: str = ", ") -> str:
    return first_few(islice(words, most), of=len(words), between=between)


def read_compositions(frame: pd.DataFrame, column: str, abbreviations: Mapping[str, str]) -> CompositionColumn:
    """Return the compositions of the cells of ``column``; equal cells give one object.

    Args:
        frame: cells as read.
        column: name of the column, which the table has once.
        abbreviations: names that stand for formulas, besides those of the literature.
    """
    compositions: list[Composition | None] = []
    faults = []
    known: dict[object, Composition | str | None] = {}
    for row, cell in enumerate(frame[column].tolist()):
        if is_empty(cell) or _says_nothing(str(cell).strip()):
            found: Composition | str | None = None
        elif cell in known:
            found = known[cell]
        else:
            found = known[cell] = _read(str(cell), abbreviations)
        if isinstance(found, Composition):
            compositions.append(found)
            continue
        compositions.append(None)
        if found is None:
            what = "is empty" if is_empty(cell) else f"says that there is no value: {cell!r}"
        else:
            what = f"cannot be read: {found}"
        faults.append(CellFault(row, column, what, missing=found is None))
    return CompositionColumn(column, compositions, faults)


def _says_nothing(cell: str) -> bool:
    """Whether a cell says that there is no value; ``Na`` and ``Nd`` are elements, ``NA`` and ``ND`` are not."""
    return cell.lower() in MISSING and cell not in ELEMENTS


def _read(cell: str, abbreviations: Mapping[str, str]) -> Composition | str:
    try:
        return parse_formula(cell, abbreviations)
    except FormulaError as error:
        return str(error)
