"""Columns of a table by the names that a user types: the unit behind a name may be left out."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from remanence.data.declared_units import name_and_unit, spelled
from remanence.errors import DataError
from remanence.foundation.first_few import first_few
from remanence.foundation.typed_list import double_quoted, typed_list

SHOWN = 60
"""Number of columns that a message lists."""
CLOSE = 0.6
"""Similarity from which a column is likely to be the one that was meant."""


def meant(asked: str, header: Sequence[str]) -> list[str]:
    """Return the columns that a name can mean: the one of that name, all that have a unit behind it, or look alike.

    >>> meant("d33", ["d33 (pC/N)", "T"]), meant("T", ["T", "T (K)"]), meant("t", ["T"])
    (['d33 (pC/N)'], ['T'], [])
    """
    if asked in header:
        return [asked]
    behind = [name for name in header if name_and_unit(name) != (name, None) and name_and_unit(name)[0] == asked]
    whole = [name for name in header if spelled(name) == spelled(asked)]
    return behind or whole or [name for name in header if spelled(name_and_unit(name)[0]) == spelled(asked)]


def called_as_asked(
    frame: pd.DataFrame, asked: Iterable[str], source: str, below: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the table with its columns called as they are asked for.

    Args:
        frame: cells as read.
        asked: names of columns.
        source: name of the file, for messages.
        below: column to unit, of a row of units below the header.

    Returns:
        the table; ``attrs["units"]`` has the units of the row below the header, and that of each asked column whose
        header has one beside the name, ``attrs["headers"]`` the header of each that is called otherwise. A column that
        is not there is left to ``table_file.check_header``.

    Raises:
        DataError: if a name can mean several columns, naming them.
    """
    header = [str(name) for name in frame.columns]
    called: dict[str, str] = {}
    units = dict(below or {})
    for name in asked:
        columns = list(dict.fromkeys(meant(name, header)))
        if len(columns) > 1:
            shown = ", ".join(f"'{column}'" for column in columns)
            raise DataError(f"{source}: '{name}' can be {shown}; name it with its unit")
        if not columns:
            continue
        if columns[0] != name:
            called[columns[0]] = name
            beside, under = name_and_unit(columns[0])[1], units.pop(columns[0], None)
            if unit := beside or under:
                units[name] = unit
    named = frame.rename(columns=called) if called else frame.copy(deep=False)
    named.attrs = {**frame.attrs, "units": units, "headers": {name: header for header, name in called.items()}}
    return named


def nearest_column(asked: str, header: Iterable[str]) -> str:
    """Return the end of a message that names the column which was probably meant; empty if none is like it.

    >>> nearest_column("D33", ["x", "d33 (pC/N)"]), nearest_column("slope", ["x"])
    ("; did you mean 'd33 (pC/N)'?", '')
    >>> print(nearest_column("d33,eps_r", ["x", "d33 (pC/N)", "eps_r"]))
    ; several columns are a list: [d33,eps_r]
    >>> print(nearest_column("No.", ["Sample, No."]))
    ; a name with a comma is quoted: "Sample, No."
    """
    names = [str(name) for name in header]
    several = [part.strip() for part in asked.split(",")]
    if len(several) > 1 and all(meant(part, names) for part in several):
        return f"; several columns are a list: {typed_list(several)}"
    for name in names:
        if asked in [part.strip() for part in name.split(",")][name.count(",") == 0 :]:
            return f"; a name with a comma is quoted: {double_quoted(name)}"
    bare = {_plain(name_and_unit(name)[0]): name for name in reversed(names)}
    close = difflib.get_close_matches(_plain(asked), list(bare), n=1, cutoff=CLOSE)
    return f"; did you mean '{bare[close[0]]}'?" if close else ""


def listed(header: Sequence[object]) -> str:
    """Return the names of a header as a message lists them.

    >>> listed(["x", "d33"])
    'x, d33'
    """
    return first_few(map(str, header[:SHOWN]), of=len(header))


def _plain(name: str) -> str:
    """Return a name in small letters without blanks, dashes and underscores."""
    return re.sub(r"[\s_\-]+", "", name).casefold()
