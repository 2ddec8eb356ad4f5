"""Names of inputs in what a user asks of a search: ``x=0:0.25,"T, sintering"=1100:1180``."""

import re

from remanence.configuration.validate import nearest
from remanence.data.column_names import meant
from remanence.data.columns import Columns
from remanence.errors import ConfigurationError

_CLOSING = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}


def raw_inputs(columns: Columns) -> list[str]:
    """Return the columns of a table that a model takes, a composition first."""
    return [*([columns.composition] if columns.composition else []), *columns.features]


def split_parts(text: str, key: str) -> list[str]:
    """Split a text at its commas outside brackets and quotes.

    Raises:
        ConfigurationError: if a part is empty, or a bracket or quote is not closed.

    >>> split_parts('x=0:1, "a, b"=[1,2]', "over")
    ['x=0:1', '"a, b"=[1,2]']
    """
    parts, awaited = [""], list[str]()
    for letter in text:
        if awaited and letter == awaited[-1]:
            awaited.pop()
        elif letter in _CLOSING and not (awaited and awaited[-1] in "\"'"):
            awaited.append(_CLOSING[letter])
        elif letter == "," and not awaited:
            parts.append("")
            continue
        parts[-1] += letter
    if awaited:
        raise ConfigurationError(f"{key}: a '{awaited[-1]}' is missing in '{text}'")
    parts = [part.strip() for part in parts]
    if not all(parts):
        raise ConfigurationError(f"{key}: there is nothing before or after a comma in '{text}'")
    return parts


def split_value(part: str, key: str) -> tuple[str, str]:
    """Split ``name=value``, where the name may stand in quotes.

    Raises:
        ConfigurationError: if there is no name or no value.

    >>> split_value('"a=b" = 1', "given")
    ('a=b', '1')
    """
    found = re.fullmatch(r"""("[^"]+"|'[^']+'|[^=]+?)\s*=\s*(\S.*)""", part)
    if found is None:
        example = "'x=0:0.25'" if key == "over" else "'x=0.1'"
        raise ConfigurationError(f"{key}: expected such as {example}, got '{part}'")
    name = found[1].strip()
    return (name[1:-1] if name[0] in "\"'" else name), found[2].strip()


def find_input(name: str, columns: Columns, key: str) -> str:
    """Return the column that a user calls ``name``; its unit may be left out.

    Raises:
        ConfigurationError: if the model takes no such column, naming the nearest one.
    """
    known = raw_inputs(columns)
    if len(found := meant(name, known)) == 1:
        return found[0]
    hint = nearest(name, known)
    if key == "over" and columns.composition and not hint:
        hint = "; formulas of end members are mixed by such as 'NaNbO3:KNbO3=0:1'"
    raise ConfigurationError(f"{key}: the run's inputs are {', '.join(known)}, not '{name}'{hint}")


def typed_name(name: str) -> str:
    """Return a column's name as a user types it: in quotes if a comma, an equals sign or a bracket would be misread.

    >>> typed_name("T_sint (°C)"), typed_name("x = [Ba]")
    ('T_sint (°C)', '"x = [Ba]"')
    """
    quote = "'" if '"' in name else '"'
    return f"{quote}{name}{quote}" if re.search(r"[,=\[\]{}'\"]", name) else name
