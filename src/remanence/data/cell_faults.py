"""Cells of a table that cannot be taken as they are: all of them are told at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from remanence.data.cells import shown_row
from remanence.errors import DataError

SHOWN = 10
"""Number of cells that a message names."""


@dataclass(frozen=True)
class CellFault:
    """A cell that cannot be taken as it is."""

    row: int
    """Position of the row in the table, counted from 0; messages number it as a spreadsheet does."""
    column: str
    what: str
    """What was found, such as ``is not a number: 'many'``."""
    advice: str = field(default="", compare=False)
    """What a user can do or set about cells of this kind; a message says it once."""
    known: tuple[str, ...] = field(default=(), compare=False)
    """The categories of the column, if it holds categories; a message says them once."""
    missing: bool = False
    """Whether the cell says that there is no value; such a row can be left out."""
    uncertain: bool = False
    """Whether the cell is a value with an uncertainty, which can be taken."""
    kind: str = field(default="", compare=False)
    """What the cell is, in a word or two; cells of one kind are told together where a table is described."""


def refuse_cells(faults: Sequence[CellFault], frame: pd.DataFrame, source: str, *, advised: bool = False) -> None:
    """Raise what is wrong with the cells of a table in one line: the first ten, how many more, and what to set.

    Args:
        faults: wrong cells; nothing is raised without any.
        frame: the table, whose index numbers the rows.
        source: name of the file.
        advised: whether the message says what to set; a model that is fitted reads every table as its run did.

    Raises:
        DataError: if there is a fault.
    """
    if not faults:
        return
    ordered = _shown_first(faults)
    alike: dict[tuple[str, str], list[str]] = {}
    for fault in sorted(ordered[:SHOWN], key=lambda fault: fault.row):
        alike.setdefault((fault.column, fault.what), []).append(str(shown_row(frame, fault.row)))
    line = "; ".join(
        f"{'row' if len(rows) == 1 else 'rows'} {', '.join(rows)}, column '{column}' {what}"
        for (column, what), rows in alike.items()
    )
    if len(ordered) > 1:
        line = f"{len(ordered)} cells cannot be taken: {line}"
    if len(ordered) > SHOWN:
        line += f"; and {len(ordered) - SHOWN} more"
    known = {fault.column: fault.known for fault in ordered if fault.known}
    for column, values in known.items():
        of = f" of '{column}'" if len(known) > 1 else ""
        line += f"; known values{of}: {', '.join(values)}"
    advice = dict.fromkeys(fault.advice for fault in ordered if fault.advice and advised)
    raise DataError("; ".join([f"{source}: {line}", *advice]))


def _shown_first(faults: Sequence[CellFault]) -> list[CellFault]:
    """Return the cells by row, but the first of each kind in each column before all others, so that none is missed."""
    seen: set[tuple[str, str]] = set()
    firsts: list[CellFault] = []
    others: list[CellFault] = []
    for fault in sorted(faults, key=lambda fault: fault.row):
        key = (fault.column, fault.kind or fault.what)
        (others if key in seen and fault.kind else firsts).append(fault)
        seen.add(key)
    return [*firsts, *others]
