"""What a column of somebody's table holds: numbers, categories, formulas or names, told from its cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cell_faults import CellFault
from remanence.data.cells import is_empty
from remanence.data.composition_column import CompositionColumn, read_compositions
from remanence.data.declared_units import name_and_unit
from remanence.data.number_cell import NO_NUMBER, number_cell
from remanence.data.number_column import read_numbers
from remanence.foundation.first_few import first_few

NUMBER, CATEGORY, FORMULA, NAME, EMPTY = "number", "category", "formula", "name", "empty"
SAMPLE = 500
"""Number of different cells from which the kind of a column is told."""
FORMULAS = 60
"""Number of different texts that are tried as formulas; four in five have to be."""
SAMPLE_NAMES = frozenset(
    f"{what}{which}"
    for what in ("sample", "specimen", "probe", "pellet", "batch", "lot", "charge", "")
    for which in ("", "id", "no", "nr", "number", "name", "label", "code")
)
"""Names, in small letters and without signs, of columns that name what was measured, perhaps several times."""
ROW_NAMES = SAMPLE_NAMES | {
    "",
    "no",
    "nr",
    "index",
    "row",
    "piece",
    "run",
    "replicate",
    "repeat",
    "reference",
    "ref",
    "doi",
}
"""Names, in small letters and without signs, of columns that name a row, which explain nothing."""
SHOWN = 6


@dataclass(frozen=True, eq=False)
class DescribedColumn:
    """A column of a table."""

    header: str
    """The name as it stands in the file."""
    kind: str
    """``number``, ``category``, ``formula``, ``name`` (of a row), or ``empty``."""
    unit: str | None
    rows: int
    missing: int
    """Number of cells without a value."""
    codes: NDArray[np.float64] | NDArray[np.intp]
    """What equals what: the numbers of a column of numbers, a number for each text of any other, shape (rows,)."""
    levels: tuple[tuple[str, int], ...] = ()
    """Each text and how often it stands there, the most frequent first; of a column without numbers."""
    faults: tuple[CellFault, ...] = ()
    """Cells that cannot be taken: those without a value, and those that are no number or no formula."""
    formulas: CompositionColumn | None = None
    uncertain: int = 0
    """Number of cells that hold a value with an uncertainty."""

    @property
    def bare(self) -> str:
        """The name without its unit."""
        return name_and_unit(self.header)[0]

    @property
    def names_rows(self) -> bool:
        """Whether it is called as a column is that names rows."""
        return self._letters in ROW_NAMES

    @property
    def names_families(self) -> bool:
        """Whether it is called as a column is that names samples, and names several rows alike."""
        different = len(np.unique(self.codes[np.isfinite(self.codes)])) if self.kind == NUMBER else len(self.levels)
        return self._letters in SAMPLE_NAMES - {""} and 2 <= different < self.rows - self.missing

    @property
    def tells_rows_apart(self) -> bool:
        """Whether it is called as a column is that names rows or samples, and names each row otherwise."""
        return self.kind == NAME and self.names_rows and len(self.levels) == self.rows

    @property
    def _letters(self) -> str:
        return "".join(filter(str.isalnum, self.bare.lower()))

    @property
    def can_be_taken(self) -> bool:
        """Whether a key of the configuration takes each cell, leaves its row out, or fills it."""
        return all(fault.missing or fault.uncertain for fault in self.faults)

    @property
    def is_constant(self) -> bool:
        """Whether all its values are equal."""
        if self.kind == NUMBER:
            known = self.codes[np.isfinite(self.codes)]
            return not len(known) or bool(known.min() == known.max())
        return len(self.levels) < 2

    @property
    def values(self) -> str:
        """What stands in its cells: a range, or how often each text does."""
        if self.kind == EMPTY:
            return "empty"
        if self.kind == NUMBER:
            known = self.codes[np.isfinite(self.codes)]
            shown = f"{known.min():.4g} to {known.max():.4g}" if len(known) else "no plain number"
        elif self.kind == CATEGORY:
            shown = first_few((f"{text} ({count})" for text, count in self.levels[:SHOWN]), of=len(self.levels))
        else:
            shown = f"{len(self.levels)} different, such as {self.levels[0][0]}"
        shown += f"; {self.uncertain} with uncertainty" if self.uncertain else ""
        return shown + (f"; {self.missing} empty" if self.missing else "")


def describe_column(
    header: str,
    cells: pd.Series,
    unit: str | None = None,
    *,
    abbreviations: Mapping[str, str] | None = None,
    is_formula: bool = False,
) -> DescribedColumn:
    """Return what a column holds.

    Args:
        header: its name in the file.
        cells: its cells as read.
        unit: unit of a row of units below the header.
        abbreviations: names that stand for formulas, besides those of the literature.
        is_formula: whether somebody says that it holds formulas.
    """
    names = abbreviations or {}
    unit = unit or name_and_unit(header)[1]
    frame = cells.to_frame(header)
    kind = FORMULA if is_formula else _kind(cells, names)
    if kind == NUMBER:
        return _of_numbers(frame, header, unit)
    codes, texts = pd.factorize(cells.map(lambda cell: None if is_empty(cell) else str(cell)))
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    levels = tuple((str(texts[place]), int(counts[place])) for place in np.argsort(-counts, kind="stable"))
    missing = int((codes < 0).sum())
    if not levels:
        return DescribedColumn(header, EMPTY, unit, len(cells), missing, codes)
    if kind == FORMULA:
        formulas = read_compositions(frame, header, names)
        faults = tuple(formulas.faults)
        pairs = zip(formulas.compositions, codes.tolist(), strict=True)
        keys = [str(code) if each is None else str(each.key) for each, code in pairs]
        # BT01, BT02, … can be read as formulas, but name samples
        if is_formula or len(levels) == 1 or len(set(keys)) > 1:
            codes, _ = pd.factorize(np.array(keys, dtype=object))  # equal however they are written
            return DescribedColumn(header, kind, unit, len(cells), missing, codes, levels, faults, formulas)
    kind = NAME if 2 * len(levels) > len(cells) else CATEGORY
    return DescribedColumn(header, kind, unit, len(cells), missing, codes, levels)


def _of_numbers(frame: pd.DataFrame, header: str, unit: str | None) -> DescribedColumn:
    column = read_numbers(frame, header)
    uncertain = sum(fault.uncertain for fault in column.faults)
    values = read_numbers(frame, header, uncertain=True).values if uncertain else column.values
    missing = sum(fault.missing for fault in column.faults)
    faults = tuple(column.faults)
    return DescribedColumn(header, NUMBER, unit, len(frame), missing, values, faults=faults, uncertain=uncertain)


def _kind(cells: pd.Series, abbreviations: Mapping[str, str]) -> str:
    """Return the kind of most cells of a column; texts that are not formulas are told apart by their number later."""
    if pd.api.types.is_numeric_dtype(cells):
        return NUMBER
    different = pd.unique(cells)
    sample = [cell for cell in different[:: max(1, len(different) // SAMPLE)] if not is_empty(cell)]
    read = [number_cell(cell) for cell in sample]
    known = [cell for cell in read if not cell.missing]
    if not known:
        return NUMBER if sample else EMPTY
    if 2 * sum(not cell.what for cell in known) >= len(known):
        return NUMBER
    if _are_formulas([str(cell) for cell in sample], abbreviations):
        return FORMULA
    return NUMBER if 2 * sum(cell.kind != NO_NUMBER for cell in known) >= len(known) else CATEGORY


def _are_formulas(texts: Sequence[str], abbreviations: Mapping[str, str]) -> bool:
    """Return whether most texts are formulas of compounds: ``NS`` is nitrogen and sulphur, but no ceramic."""
    tried = texts[:: max(1, len(texts) // FORMULAS)]
    column = read_compositions(pd.DataFrame({"text": tried}), "text", abbreviations)
    compounds = [
        composition for composition in column.read if len(composition.elements) > 2 or "O" in composition.elements
    ]
    return 5 * len(compounds) >= 4 * len(tried)
