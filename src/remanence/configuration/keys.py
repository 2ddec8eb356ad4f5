"""All keys that the package's schemas know, for suggestions in error messages."""

import dataclasses
from collections.abc import Iterator
from itertools import zip_longest

from remanence.configuration.configuration import Train
from remanence.configuration.on_offer import on_offer
from remanence.configuration.sweep_options import Sweeper
from remanence.foundation.constraints import is_mapping, nodes_of

ENTRY = "*"
"""Part of a key that stands for a name in a mapping whose names the user chooses."""


def known_keys(typed: str = "") -> list[str]:
    """Return dotted keys, such as ``model.lr``, of the root schema and of all data sets and models.

    Args:
        typed: a key as the user typed it. Where a known key has ``*``, the name in ``typed`` at the same place is used,
            such as ``ions`` in ``model.scales.ions.latent_dim``.
    """
    keys = {key for key in _keys(Train, "") if key.partition(".")[0] not in ("data", "model", "baselines")}
    keys |= set(_keys(Sweeper, "hydra.sweeper."))
    for group in ("data", "model"):
        for described in on_offer(group).values():
            keys |= {group, *_keys(described.schema, f"{group}.")}
    return sorted({_named(key, typed) for key in keys})


def _named(key: str, typed: str) -> str:
    parts = zip_longest(key.split("."), typed.split("."))
    return ".".join(given or known if known == ENTRY else known for known, given in parts if known is not None)


def _keys(schema: type, prefix: str) -> Iterator[str]:
    for field in dataclasses.fields(schema):
        key = f"{prefix}{field.name}"
        yield key
        for node in nodes_of(field.type):
            yield from _keys(node, f"{key}.{ENTRY}." if is_mapping(field.type) else f"{key}.")
