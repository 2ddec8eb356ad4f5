"""Units that the header of a table declares, such as ``d33 [pC/N]``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from remanence.data.table_file import check_header, read_table
from remanence.errors import DataError

NO_UNIT = "no declared unit"
DERIVED = r"_(predicted|error|low|high)$"
"""End of the name of a column that a run makes of another one, whose unit it has."""


def split_unit(name: str) -> tuple[str, str | None]:
    """Split a column's name and the unit in brackets behind it.

    >>> split_unit("d33 [pC/N]"), split_unit("d33 (m/V)"), split_unit("d33")
    (('d33', 'pC/N'), ('d33', 'm/V'), ('d33', None))
    """
    found = re.fullmatch(r"(.*\S)\s*[\[(]([^\[\]()]+)[\])]\s*", name)
    return (found.group(1), found.group(2).strip()) if found else (name.strip(), None)


def units_of(columns: Iterable[str], declared: Mapping[str, str]) -> dict[str, str]:
    """Return the unit of each column that has one, declared for it or behind its name.

    >>> units_of(["x", "d33", "d33_low", "T [K]"], {"d33": "pC/N"})
    {'d33': 'pC/N', 'd33_low': 'pC/N', 'T [K]': 'K'}
    """
    units = {}
    for name in map(str, columns):
        of = name if name in declared else re.sub(DERIVED, "", name)
        if unit := declared.get(of) or split_unit(of)[1]:
            units[name] = unit
    return units


def check_units(header: Sequence[str], named: Iterable[str], units: Mapping[str, str], source: str | Path) -> None:
    """Refuse a column that is there with another unit than the model was trained on.

    Args:
        header: names in a file.
        named: columns that the model needs.
        units: declared for them where their names do not.
        source: file, for messages.

    Raises:
        DataError: naming both columns. A column that is not there in any unit is not looked at.
    """
    declared = {name: split_unit(name) for name in map(str, header)}
    for name in named:
        if name in declared:
            continue
        bare, unit = split_unit(name)
        expected = unit or units.get(name) or NO_UNIT
        for other, (there, given) in declared.items():
            if there == bare:
                raise DataError(
                    f"{source}: column '{other}' is in {given or NO_UNIT}, the model was trained on '{name}' in "
                    f"{expected}; convert it and call it '{name}'"
                )


def read_declared(path: str | Path, named: Sequence[str], units: Mapping[str, str]) -> pd.DataFrame:
    """Read a table as ``read_table`` does; a named column in another unit is refused as such, not as missing."""
    frame = read_table(path, [])
    check_units(frame.columns.tolist(), named, units, path)
    check_header(frame.columns.tolist(), named, path)
    return frame
