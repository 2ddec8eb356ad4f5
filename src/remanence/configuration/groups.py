"""The choices of every group, with the description that each file gives of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from remanence.configuration.choices import is_part
from remanence.configuration.yaml_comments import first_comment

ANYWHERE = "# @package _global_"
"""First line of files that set keys of any group: they are named by their folder, as ``piezo/ns`` of ``experiment``."""


@dataclass(frozen=True)
class Choice:
    """A file that a user can choose."""

    name: str
    """Name in its group, such as ``piezo/ns``."""
    about: str
    """Description of the file, in one line."""
    file: Path


def choices_of_groups(folders: Iterable[Path]) -> dict[str, list[Choice]]:
    """Return each group, such as ``experiment`` or ``data/split``, to its choices, both by name.

    Args:
        folders: folders of choices, see ``conf_folders``; of files of one name, that of the first folder is taken.
    """
    found: dict[str, dict[str, Choice]] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.yaml")):
            if is_part(file.stem) or file.parent == folder:
                continue
            text = file.read_text(encoding="utf-8")
            inner = file.relative_to(folder)
            group = inner.parts[0] if text.startswith(ANYWHERE) else str(inner.parent)
            name = str(inner.with_suffix("").relative_to(group))
            found.setdefault(group, {}).setdefault(name, Choice(name, first_comment(text), file))
    return {group: [named[name] for name in sorted(named)] for group, named in sorted(found.items())}
