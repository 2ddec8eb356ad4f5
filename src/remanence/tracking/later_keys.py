"""Keys that are younger than runs which were stored without them.

Whoever adds a key to the configuration adds a line to ``LATER``, at its end, with the value that does what was done
before there was the key::

    Later("trainer.compile", False)
    Later("acquisition", {"kind": "none", "cost": None})                      # a whole group of the root
    Later("duplicates", "split", of="remanence.data.table.Table")             # an argument of a class
    Later("split.purge", 0, of="remanence.data.table.Table", kind="grouped")  # of one kind of split only
    Later("model.scales.*.encoder.norm", None)                                # * is whatever the user calls it
    Later("data.scales.*.encoder.norm", None)                                 # as the data of a chain repeat its scales

What follows from a line:

- A stored configuration or model without the key has this value, whatever ``conf`` gives to new runs.
- Hash and identity of a configuration leave the key out where it has this value: they are those of earlier runs, so
  that a sweep goes on and a grid takes over what is there. Another value enters them.

Where a user's file may leave the key out, leaving it out must mean this value for ever, because nobody could tell what
it makes from an older run: schema and class give the key this default or none, and what new runs get stands in
``conf``. Lines are never changed or taken away.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str, ...]
ENTRY = "*"
"""Stands for the name of each entry of a mapping, which is the user's."""


@dataclass(frozen=True)
class Later:
    """A key that came later."""

    key: str
    """Dotted: from the root, or from each node of the class ``of``, be it data, model or a baseline."""
    value: Any
    """Plain: what reproduces the behaviour of earlier releases."""
    of: str | None = None
    """``_target_`` of the nodes that have the key."""
    kind: str | None = None
    """``kind`` of the node that holds the key, where only one of several kinds has it."""

    def places(self, cfg: Mapping[str, Any]) -> Iterator[KeyPath]:
        """Yield where a configuration has the key or, having the node that holds it, lacks it."""
        for start in _nodes(cfg, self.of) if self.of else [()]:
            for path in _expand(cfg, start, tuple(self.key.split("."))):
                holder = _get(cfg, path[:-1])
                if isinstance(holder, Mapping) and self.kind in (None, holder.get("kind")):
                    yield path


LATER: list[Later] = []
"""All of them, the oldest first."""

_ABSENT = object()


def complete(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored configuration, plain values, with the later keys that it lacks.

    >>> complete({"seed": 0})
    {'seed': 0}
    """
    return _complete(stored, LATER)


def complete_arguments(target: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored arguments of a class with the later ones that they lack.

    Args:
        target: the class, as ``module.name``.
        arguments: plain values; where they hold the ``arguments`` of a ``member``, those of that class as well.
    """
    of_classes = [later for later in LATER if later.of]
    node = _complete({**arguments, "_target_": target}, of_classes)
    completed: dict[str, Any] = _complete_members(_without(node, ("_target_",)))
    return completed


def without(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration, plain values, without the later keys that do what was done before.

    >>> without({"seed": 0})
    {'seed': 0}
    """
    remaining = dict(cfg)
    for later in reversed(LATER):  # a key of a later group goes before the group
        for path in list(later.places(remaining)):
            if _get(remaining, path) == later.value:
                remaining = _without(remaining, path)
    return remaining


def _complete(stored: Mapping[str, Any], laters: Iterable[Later]) -> dict[str, Any]:
    completed = dict(stored)
    for later in laters:
        for path in list(later.places(completed)):
            if _get(completed, path) is _ABSENT:
                completed = put(completed, path, later.value)
    return completed


def _complete_members(value: Any) -> Any:
    """Return a value in which the arguments of every ``member`` are complete."""
    if isinstance(value, Mapping):
        plain = {key: _complete_members(inner) for key, inner in value.items()}
        if isinstance(plain.get("member"), str) and isinstance(plain.get("arguments"), Mapping):
            plain["arguments"] = complete_arguments(plain["member"], plain["arguments"])
        return plain
    return value


def _nodes(node: Any, target: str, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the paths of the nodes of a class."""
    if isinstance(node, Mapping):
        if node.get("_target_") == target:
            yield path
        for key, value in node.items():
            yield from _nodes(value, target, (*path, key))


def _expand(cfg: Mapping[str, Any], start: KeyPath, parts: KeyPath) -> Iterator[KeyPath]:
    """Yield ``start`` and ``parts`` as one path, a path for each entry where a part stands for any."""
    if ENTRY not in parts:
        yield (*start, *parts)
        return
    at = parts.index(ENTRY)
    above = (*start, *parts[:at])
    entries = _get(cfg, above)
    for name in entries if isinstance(entries, Mapping) else ():
        yield from _expand(cfg, (*above, name), parts[at + 1 :])


def _get(node: Any, path: KeyPath) -> Any:
    for part in path:
        if not isinstance(node, Mapping) or part not in node:
            return _ABSENT
        node = node[part]
    return node


def put(node: Any, path: KeyPath, value: Any) -> Any:
    """Return a copy with a value at a path; what is on the way and no mapping becomes one."""
    if not path:
        return value
    there = node if isinstance(node, Mapping) else {}
    return {**there, path[0]: put(there.get(path[0]), path[1:], value)}


def _without(node: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return a copy without what is at a path."""
    first, *rest = path
    if not rest:
        return {key: value for key, value in node.items() if key != first}
    return {**node, first: _without(node[first], tuple(rest))}
