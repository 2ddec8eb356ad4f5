"""Names of every key that the package's schemas know, for suggestions."""

import dataclasses
from collections.abc import Iterator

from remanence.configuration.schema import Train
from remanence.schema import SCHEMAS, nodes_of


def known_keys() -> list[str]:
    """Return dotted keys, such as ``model.lr``, of the root schema and of all data sets and models."""
    keys = {key for key in _keys(Train, "") if key.partition(".")[0] not in ("data", "model", "baselines")}
    for target, schema in SCHEMAS.items():
        group = "data" if target.startswith("remanence.data.") else "model"
        keys |= {group, *_keys(schema, f"{group}.")}
    return sorted(keys)


def _keys(schema: type, prefix: str) -> Iterator[str]:
    for field in dataclasses.fields(schema):
        yield f"{prefix}{field.name}"
        for node in nodes_of(field.type):
            yield from _keys(node, f"{prefix}{field.name}.")
