"""Keys of ``data`` whose values are taken exactly as typed, and keys whose values are paths that data are read from."""

import dataclasses
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

from remanence.configuration.on_offer import on_offer
from remanence.foundation.constraints import AsTyped, is_mapping, nodes_of


@cache
def verbatim_keys() -> frozenset[str]:
    """Return the keys whose values are taken as typed, such as ``data.path``, of all data that ``conf`` offers.

    Keys inside an entry that the user names, such as ``data.tables.atoms.path``, are left out: Hydra's grammar reads
    their values, as it reads the whole entry.
    """
    return frozenset(key for key, _ in _marked() if "*" not in key)


def names_file(key: str) -> bool:
    """Return whether the value of a dotted key is a path from which data are read.

    The path says nothing about the content of the data.

    >>> names_file("data.path"), names_file("data.tables.atoms.path"), names_file("data.units.path")
    (True, True, False)
    """
    return _files().fullmatch(key) is not None


def is_missing_file(key: str, value: str) -> bool:
    """Return whether a dotted key names a file, and there is neither this file nor something else of its name.

    >>> is_missing_file("data.image", "nowhere.jpg"), is_missing_file("data.image", "china.jpg")
    (True, False)
    """
    if not names_file(key) or Path(value).exists():
        return False
    return not any(value in mark.besides for marked, mark in _marked() if marked == key)


@cache
def _files() -> re.Pattern[str]:
    patterns = {re.escape(key).replace(r"\*", r"[^.]+") for key, mark in _marked() if mark.names_file}
    return re.compile("|".join(sorted(patterns)))


@cache
def _marked() -> tuple[tuple[str, AsTyped], ...]:
    return tuple({found for described in on_offer("data").values() for found in _of_node(described.schema, "data")})


def _of_node(schema: type, prefix: str) -> Iterator[tuple[str, AsTyped]]:
    for field in dataclasses.fields(schema):
        key = f"{prefix}.{field.name}"
        yield from ((key, mark) for mark in _marks(field.type))
        for node in nodes_of(field.type):
            yield from _of_node(node, f"{key}.*" if is_mapping(field.type) else key)


def _marks(annotation: Any) -> Iterator[AsTyped]:
    """Yield the marks of an annotation and of the members of a union; marks of the entries of a list are left out."""
    yield from (mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, AsTyped))
    if get_origin(annotation) not in (list, dict):
        for part in get_args(annotation):
            yield from _marks(part)
