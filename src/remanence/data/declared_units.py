"""Units that the header of a table declares, such as ``d33 [pC/N]``."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

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


def spelled(text: str) -> str:
    r"""Return a text in one spelling of those that look alike, as keyboards, Excel and systems write them.

    >>> spelled("\N{MICRO SIGN}m") == spelled("\N{GREEK SMALL LETTER MU}m"), spelled("T\xa0 (ºC)"), spelled("d₃₃, ℃")
    (True, 'T (°C)', 'd33, °C')
    """
    return " ".join(unicodedata.normalize("NFKC", text.replace("º", "°")).split())


def name_and_unit(header: str) -> tuple[str, str | None]:
    """Split a header into name and unit, in brackets, behind a comma, or behind a stroke with blanks (ISO 80000).

    >>> name_and_unit("d33 (pC/N)"), name_and_unit("T, °C"), name_and_unit("T / °C"), name_and_unit("Na/K")
    (('d33', 'pC/N'), ('T', '°C'), ('T', '°C'), ('Na/K', None))
    """
    name, unit = split_unit(header)
    if unit is None and (found := re.fullmatch(r"(.*\S)\s*(?:,\s*|\s+/\s+)(\S+)", header.strip())):
        return found[1], found[2]
    return name, unit


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


def stated_units(frame: pd.DataFrame, given: Mapping[str, str], source: str | Path, key: str) -> dict[str, str]:
    """Return the unit of each column of a table that was read: the one that is given, else that of the header.

    Args:
        frame: cells as read; ``attrs["units"]`` has the units that the header states.
        given: column to unit, from the configuration.
        source: name of the file, for the message.
        key: key of the configuration that gives units, for the message.

    Raises:
        DataError: if the header has another one than is given.
    """
    found: dict[str, str] = frame.attrs.get("units", {})
    for name, unit in found.items():
        if given.get(name, unit) != unit:
            raise DataError(f"{source}: column '{name}' is in {unit}, {key} says {given[name]}")
    return found | dict(given)


def as_named(frame: pd.DataFrame, named: Iterable[str], units: Mapping[str, str], source: str | Path) -> pd.DataFrame:
    """Return a table in which columns are called as a model calls them, where only spelling or the unit behind differ.

    Args:
        frame: cells as read; ``attrs["units"]`` has the units that stand below the header.
        named: columns that the model needs.
        units: units of these columns, used where the column's name does not contain one.
        source: name of the file, for error messages.

    Raises:
        DataError: if a needed column is there in another unit than the model was trained on; the message names both
            columns. A column that the file lacks in every unit is not reported here.
    """
    declared = {name: name_and_unit(name) for name in map(str, frame.columns)}
    below: Mapping[str, str] = frame.attrs.get("units", {})
    called: dict[str, str] = {}
    for name in named:
        bare, unit = name_and_unit(name)
        expected = unit or units.get(name) or NO_UNIT
        if name in declared:
            if expected != NO_UNIT and spelled(below.get(name, expected)) != spelled(expected):
                raise DataError(
                    f"{source}: column '{name}' is in {below[name]}, the model was trained on '{name}' in {expected}; "
                    "convert it"
                )
            continue
        alike = [other for other, (there, _) in declared.items() if spelled(there) == spelled(bare)]
        for other in [other for other in alike if declared[other][0] == bare] or alike:
            given = declared[other][1] or below.get(other)
            if spelled(given or NO_UNIT) != spelled(expected):
                raise DataError(
                    f"{source}: column '{other}' is in {given or NO_UNIT}, the model was trained on '{name}' in "
                    f"{expected}; convert it and call it '{name}'"
                )
            called[other] = name
    return frame.rename(columns=called) if called else frame
