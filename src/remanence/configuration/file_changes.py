"""What a file of choices changes: the groups that it chooses and the keys that it sets, its own parts included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

OWN = ("defaults", "hydra")
"""Keys of a file that belong to Hydra; a search is in the second."""


@dataclass
class FileChanges:
    """Changes of a file and of the files that it is made of, the later ones over the earlier ones."""

    groups: dict[str, str] = field(default_factory=dict)
    """Group to the file chosen for it, such as ``baselines`` to ``none``."""
    keys: dict[str, Any] = field(default_factory=dict)
    """Dotted key to value."""
    searched: dict[str, Any] = field(default_factory=dict)
    """Key to its search, of ``hydra.sweeper.params``."""


def file_changes(group: str, name: str, folders: Sequence[Path]) -> FileChanges:
    """Return what a file of the groups ``experiment`` and ``sweep`` changes, without composing anything.

    Args:
        group: the group.
        name: name of the file in the group, such as ``piezo/bayes``.
        folders: folders of choices, see ``search_path.conf_folders``.
    """
    changes = FileChanges()
    _collect(f"{group}/{name}", folders, changes, ())
    return changes


def read_choice(path: str, folders: Sequence[Path]) -> dict[str, Any]:
    """Return the content of a file of choices; none if there is no such file."""
    file = next((found for folder in folders if (found := folder / f"{path}.yaml").is_file()), None)
    content = yaml.safe_load(file.read_text(encoding="utf-8")) if file is not None else None
    return content if isinstance(content, dict) else {}


def parts(path: str, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files that a file is made of, which it names in its ``defaults``."""
    for entry in content.get("defaults") or ():
        if isinstance(entry, str) and entry != "_self_":
            yield _path(entry, path)


def _path(entry: str, path: str) -> str:
    """Return an entry of ``defaults`` of a file as a path below the folders of choices."""
    return entry.removeprefix("/") if entry.startswith("/") else f"{path.partition('/')[0]}/{entry}"


def _choice(entry: tuple[object, object]) -> tuple[str, str]:
    return str(entry[0]).removeprefix("override ").lstrip("/"), str(entry[1])


def _collect(path: str, folders: Sequence[Path], changes: FileChanges, above: tuple[str, ...]) -> None:
    if path in above:
        return
    content = read_choice(path, folders)
    entries = list(content.get("defaults") or ())
    for entry in entries if "_self_" in entries else ["_self_", *entries]:  # Hydra's place of what is not placed
        if entry == "_self_":
            changes.keys |= dict(_leaves({key: value for key, value in content.items() if key not in OWN}))
        elif isinstance(entry, str):
            _collect(_path(entry, path), folders, changes, (*above, path))
        else:
            changes.groups |= {group: name for group, name in map(_choice, entry.items()) if "hydra/" not in group}
    sweeper = (content.get("hydra") or {}).get("sweeper") or {}
    changes.searched |= sweeper.get("params") or {}


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
