"""The index from which completions are answered: all groups, choices, keys and values, in the user's cache.

It is made again when a file of a folder of choices, or of the package, has changed. Reading it imports nothing of
Hydra, torch or pydantic.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from remanence.foundation.cache_folder import cache_folder

VERSION = 1
"""Of the layout of the index."""
READ = (".py", ".yaml")
"""Endings of the files that an index is made from."""


def completion_index(folders: Sequence[Path]) -> dict[str, Any]:
    """Return the index of some folders of choices, see ``indexed_choices.indexed``; it is made if it is not there.

    Args:
        folders: folders of choices, see ``search_path.conf_folders``.
    """
    stamp, file = _stamp(folders), _file(folders)
    with suppress(OSError, ValueError):
        stored = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(stored, dict) and stored.get("stamp") == stamp:
            return stored
    from remanence.configuration.indexed_choices import indexed
    from remanence.foundation.whole_file import write_text

    made = {"stamp": stamp, **indexed(folders)}
    with suppress(OSError):  # a cache that cannot be written makes completions slow, and nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps(made))
    return made


def _file(folders: Sequence[Path]) -> Path:
    named = "\n".join(str(folder.absolute()) for folder in folders)
    return cache_folder() / "completion" / f"{hashlib.sha256(named.encode()).hexdigest()[:16]}.json"


def _stamp(folders: Sequence[Path]) -> str:
    """Return a digest of the names, sizes and times of all files that the index is made from."""
    found = hashlib.sha256(f"{VERSION} {sys.version_info[:2]}".encode())
    for folder in (*folders, Path(__file__).parents[1]):
        for entry in sorted(_entries(folder)):
            found.update(entry.encode())
    return found.hexdigest()


def _entries(folder: Path) -> Iterator[str]:
    waiting = [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir() and entry.name != "__pycache__":
                    waiting.append(entry.path)
                elif entry.name.endswith(READ):
                    state = entry.stat()
                    yield f"{entry.path} {state.st_size} {state.st_mtime_ns}\n"
