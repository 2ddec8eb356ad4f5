"""Units that the header of a table declares, such as ``d33 [pC/N]``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from remanence.data.table_file import check_header, read_table
from remanence.errors import DataError

NO_UNIT = "no declared unit"
DERIVED = r"_(predicted|error|low|high)(_\d+)?$"
"""Ending of the name of a column that a run derives from another column; both columns have the same unit."""


def split_unit(name: str) -> tuple[str, str | None]:
    """Split a column's header into its name and the unit in brackets behind the name.

    >>> split_unit("d33 [pC/N]"), split_unit("d33 (m/V)"), split_unit("d33")
    (('d33', 'pC/N'), ('d33', 'm/V'), ('d33', None))
    """
    found = re.fullmatch(r"(.*\S)\s*[\[(]([^\[\]()]+)[\])]\s*", name)
    return (found.group(1), found.group(2).strip()) if found else (name.strip(), None)


def units_of(columns: Iterable[str], declared: Mapping[str, str]) -> dict[str, str]:
    """Return the unit of each column that has one, either in ``declared`` or in brackets behind its name.

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
    """Refuse a file in which a column has a different unit from the one that the model was trained on.

    Args:
        header: column names of the file.
        named: columns that the model needs.
        units: units of these columns, used where the column's name does not contain one.
        source: name of the file, for error messages.

    Raises:
        DataError: if a needed column is there in another unit; the message names both columns. A column that the file
            lacks in every unit is not reported here.
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
    """Read a table as ``read_table`` does, but report a named column in another unit as such, not as missing."""
    frame = read_table(path, [])
    check_units(frame.columns.tolist(), named, units, path)
    check_header(frame.columns.tolist(), named, path)
    return frame
