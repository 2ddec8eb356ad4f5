"""A row that names groups of columns, above the row with their names: spreadsheets have it as cells that are merged."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from remanence.data.header import RawRow, header_place
from remanence.data.number_cell import NO_NUMBER, number_cell
from remanence.data.units_row import BELOW, is_unit


def names_below_groups(top: Sequence[RawRow], place: int) -> RawRow | None:
    """Return a row as the names of columns if the row above it names groups of them, otherwise None.

    It does if it has nothing in a column that the row has a name for and that holds a number further below, if no cell
    of both is a number, and if the row is not one of units. A column without a name in the row has that of the row
    above, unless that is a title; names that several groups have begin with those of their groups.

    Args:
        top: first rows of the file that are not blank.
        place: which of them it is, counted from 0.
    """
    if place == 0 or top[place - 1].number + 1 != top[place].number:
        return None
    groups, names = top[place - 1].names, top[place].names
    groups += [""] * (len(names) - len(groups))
    gaps = [column for column, name in enumerate(names) if name and not groups[column]]
    if not gaps or all(map(is_unit, filter(None, names))) or not all(map(_is_name, [*groups, *names])):
        return None
    below = top[place + 1 : place + 1 + BELOW]
    if not any(_is_number(row.names[column]) for row in below for column in gaps if column < len(row.names)):
        return None
    if top[place - 1].filled < 2:
        return top[place]
    spans = accumulate(groups, _carried)
    times = Counter(names)
    return RawRow(
        top[place].number,
        [
            f"{span} {name}" if name not in ("", group) and times[name] > 1 else name or group
            for name, group, span in zip(names, groups, spans, strict=False)
        ],
    )


def header_row(top: Sequence[RawRow], looked_for: Sequence[str]) -> tuple[int, RawRow]:
    """Return which of the first rows holds the names of the columns, counted from 0, and that row with all names."""
    named = [names_below_groups(top, place) for place in range(len(top))]
    rows = [names or row for names, row in zip(named, top, strict=True)]
    place = header_place(rows, looked_for)
    if place + 1 < len(top) and named[place + 1] is not None:
        place += 1
    return place, rows[place]


def _carried(last: str, group: str) -> str:
    """Return the group of a column; cells that are merged across columns have their text in the first one."""
    return group or last


def _is_name(text: str) -> bool:
    cell = number_cell(text)
    return not text or (cell.kind == NO_NUMBER and not cell.missing)


def _is_number(text: str) -> bool:
    cell = number_cell(text)
    return not cell.what or cell.uncertain
