"""Making the index of completions: groups and their choices, keys and their values, and what experiments choose."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from remanence.configuration.allowed_values import allowed_values, allowed_words
from remanence.configuration.configuration import Train
from remanence.configuration.described import describe
from remanence.configuration.file_changes import file_changes, parts, read_choice
from remanence.configuration.groups import choices_of_groups
from remanence.configuration.keys import ENTRY
from remanence.configuration.marked_keys import names_file
from remanence.configuration.offers import offers
from remanence.configuration.sweep_options import Sweeper
from remanence.configuration.yaml_comments import key_comments
from remanence.foundation.constraints import is_mapping, nodes_of

CLASSES = ("data", "model")
"""Groups whose keys are the arguments of the class that a file names."""
Keys = dict[str, dict[str, Any]]
"""Dotted key to ``about``, ``values`` and ``is_file``."""


def indexed(folders: Sequence[Path]) -> dict[str, Any]:
    """Return the index.

    ``groups``: group to name to description; ``keys``: those of every configuration; ``classes``: ``data`` and
    ``model`` to name to keys; ``chosen``: ``""`` and each experiment to the data and the model that it chooses.
    """
    groups = choices_of_groups(folders)
    roots = {entry: name for entry, name in _defaults(folders).items() if entry in CLASSES}
    chosen = {name: file_changes("experiment", name, folders).groups for name in _names(groups, "experiment")}
    about = _comments(groups, folders)
    root: Keys = dict(_keys(Train, "", about)) | dict(_keys(Sweeper, "hydra.sweeper.", about))
    return {
        "groups": {offer.group: dict(offer.choices) for offer in offers(folders)},
        "about": {offer.group: offer.about for offer in offers(folders)},
        "keys": {key: entry for key, entry in root.items() if key.partition(".")[0] not in (*CLASSES, "baselines")},
        "classes": {
            group: {name: _of_class(group, name, folders, about) for name in _names(groups, group)} for group in CLASSES
        },
        "chosen": {
            "": roots,
            **{
                name: roots | {each: found[each] for each in CLASSES if each in found} for name, found in chosen.items()
            },
        },
    }


def _names(groups: dict[str, Any], group: str) -> list[str]:
    return [choice.name for choice in groups.get(group, ())]


def _defaults(folders: Sequence[Path]) -> dict[str, str]:
    entries = read_choice("train", folders)["defaults"]
    return {str(group): str(name) for entry in entries if isinstance(entry, dict) for group, name in entry.items()}


def _comments(groups: dict[str, Any], folders: Sequence[Path]) -> dict[str, str]:
    """Return dotted key to the comment beside it in the first file that has one."""
    found = key_comments((folders[0] / "train.yaml").read_text(encoding="utf-8"))
    for group in groups:
        if group in ("experiment", "sweep"):
            continue
        prefix = group.replace("/", ".")
        for folder in folders:
            for file in sorted((folder / group).glob("*.yaml")):
                for key, said in key_comments(file.read_text(encoding="utf-8")).items():
                    found.setdefault(f"{prefix}.{key}", said)
    return found


def _of_class(group: str, name: str, folders: Sequence[Path], about: dict[str, str]) -> Keys:
    described = describe(str(_target(f"{group}/{name}", folders)))
    if described is None:
        return {}
    said = {f"{group}.{key}": text.replace("``", "").removesuffix(".") for key, text in described.documentation.items()}
    return dict(_keys(described.schema, f"{group}.", about | said))


def _target(path: str, folders: Sequence[Path]) -> str | None:
    """Return the class that a file names, or that one of the files names of which it is made."""
    content = read_choice(path, folders)
    inner = (_target(part, folders) for part in parts(path, content))
    return content.get("_target_") or next(filter(None, inner), None)


def _keys(schema: type, prefix: str, about: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in dataclasses.fields(schema):
        key = f"{prefix}{field.name}"
        inner = nodes_of(field.type)
        if not inner:
            said = about.get(key) or allowed_words(field.type)
            yield key, {"about": said, "values": allowed_values(field.type), "is_file": names_file(key)}
        below = f"{key}.{ENTRY}." if is_mapping(field.type) else f"{key}."
        for node in inner:
            yield from _keys(node, below, about)
