"""What the schemas say of one dotted key of a composed configuration."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from remanence.configuration.configuration import Train
from remanence.configuration.described import describe
from remanence.configuration.sweep_options import Sweeper
from remanence.foundation.constraints import is_mapping, nodes_of

NOTHING = object()
"""Stands for the default of a key that has none."""


@dataclass(frozen=True)
class KeySchema:
    """The type of a key, and what its class says of it."""

    annotation: Any = Any
    default: Any = NOTHING
    documentation: str = ""
    target: str | None = None
    """Class that takes the key as an argument."""


def key_schema(key: str, values: Mapping[str, Any]) -> KeySchema | None:
    """Return what is known of a key; None if no schema has it.

    Args:
        key: dotted key, such as ``model.lr`` or ``trainer.max_epochs``.
        values: the composed configuration, plain and unresolved; ``_target_`` and ``kind`` choose among schemas.
    """
    above, name = _described_node(key, values)
    described = describe(str(above.get("_target_"))) if above is not None else None
    if described is not None and name:
        first, *inner = name.split(".")
        field = _field(described.schema, first)
        if field is None:
            return None
        if inner:
            known = _in_nodes(field.type, inner, _below(above, first))
            return known or KeySchema(documentation=described.documentation.get(first, ""))
        default = described.defaults.get(first, NOTHING)
        return KeySchema(field.type, default, described.documentation.get(first, ""), described.target)
    if key.startswith("hydra.sweeper."):
        return _in_nodes(Sweeper, key.split(".")[2:], {})
    return _in_nodes(Train, key.split("."), values) if above is None else None


def schema_keys(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the dotted arguments of the classes that a configuration names, also those that no file sets."""
    for key, node in _named_nodes(values).items():
        described = describe(str(node.get("_target_")))
        if described is not None:
            yield from (f"{key}.{field.name}" for field in dataclasses.fields(described.schema))


def _named_nodes(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    baselines = {f"baselines.{name}": node for name, node in (values.get("baselines") or {}).items()}
    nodes = {"data": values.get("data"), "model": values.get("model"), **baselines}
    return {key: node for key, node in nodes.items() if isinstance(node, Mapping)}


def _described_node(key: str, values: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """Return the node with a class that a key is in, and the rest of the key."""
    for name, node in _named_nodes(values).items():
        if key.startswith(f"{name}."):
            return node, key.removeprefix(f"{name}.")
    return None, ""


def _in_nodes(annotation: Any, path: list[str], values: Any) -> KeySchema | None:
    """Follow a path through nodes of schemas; ``kind`` of the values chooses among several nodes."""
    if not path:
        return KeySchema(annotation)
    for schema in _of_kind(nodes_of(annotation), values):
        if is_mapping(annotation):
            return _in_nodes(schema, path[1:], _below(values, path[0]))
        field = _field(schema, path[0])
        if field is None:
            continue
        if len(path) == 1:
            default = field.default if field.default is not dataclasses.MISSING else NOTHING
            return KeySchema(field.type, default)
        return _in_nodes(field.type, path[1:], _below(values, path[0]))
    return None


def _of_kind(schemas: list[type], values: Any) -> list[type]:
    kind = values.get("kind") if isinstance(values, Mapping) else None
    return [each for each in schemas if kind in get_args(getattr(_field(each, "kind"), "type", None))] or schemas


def _field(schema: type, name: str) -> Any:
    return next((field for field in dataclasses.fields(schema) if field.name == name), None)


def _below(values: Any, name: str) -> Any:
    return values.get(name) if isinstance(values, Mapping) else None
