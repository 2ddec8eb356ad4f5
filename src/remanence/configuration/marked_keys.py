"""Keys of data whose values are taken as typed, and those among them that name what is read."""

import dataclasses
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from remanence.configuration.on_offer import on_offer
from remanence.foundation.constraints import AsTyped, nodes_of


@cache
def verbatim_keys() -> frozenset[str]:
    """Return the keys of the data on offer whose values are taken as typed, such as ``data.path``.

    A key of an entry that the user named, such as ``data.tables.atoms.path``, is read in Hydra's grammar like the whole
    of the entry.
    """
    return frozenset(key for key, _ in _marked() if "*" not in key)


def names_file(key: str) -> bool:
    """Return whether the value of a dotted key is where data are read from, which says nothing about what they are.

    >>> names_file("data.path"), names_file("data.tables.atoms.path"), names_file("data.units.path")
    (True, True, False)
    """
    return _files().fullmatch(key) is not None


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
            yield from _of_node(node, f"{key}.*" if _is_mapping(field.type) else key)


def _marks(annotation: Any) -> Iterator[AsTyped]:
    """Yield the marks of an annotation and of the members of a union; those of the entries of a list do not count."""
    yield from (mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, AsTyped))
    if get_origin(annotation) not in (list, dict):
        for part in get_args(annotation):
            yield from _marks(part)


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(get_origin(part) is dict for part in get_args(annotation))
