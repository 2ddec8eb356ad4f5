"""A notebook as it is written, in jupytext's percent format, and what is stored of what its cells show."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
STORED = NOTEBOOKS / "rendered"
CELL = re.compile(r"^# %%(.*)\n", re.MULTILINE)
NAMES = ("own_data", "piezo", "beps", "nested")
"""In the order of the site."""


@dataclass(frozen=True)
class Cell:
    """Text, or code."""

    is_text: bool
    content: str


def cells(source: str) -> list[Cell]:
    r"""Return the cells of a notebook.

    >>> cells("# %% [markdown]\n# # Title\n#\n# Text\n\n# %%\n1 + 1\n")
    [Cell(is_text=True, content='# Title\n\nText'), Cell(is_text=False, content='1 + 1')]
    """
    _, *parts = CELL.split(source)
    found = []
    for mark, body in zip(parts[::2], parts[1::2], strict=True):
        is_text = "[markdown]" in mark
        found.append(Cell(is_text, (re.sub(r"^# ?", "", body, flags=re.MULTILINE) if is_text else body).strip()))
    return found


def source_of(name: str) -> str:
    """Return the source of a notebook."""
    return (NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8")


def digest(source: str) -> str:
    """Return what tells whether stored outputs are those of a source."""
    return hashlib.sha256(source.encode()).hexdigest()


def stored(name: str) -> dict[str, Any] | None:
    """Return what is stored: ``source``, the digest, and ``outputs``, a list of outputs for each cell with code.

    An output has one of ``text``, ``html`` (a table) and ``figure`` (the name of a file beside it). None if the
    notebook has not been run for the site.
    """
    if not (STORED / f"{name}.json").exists():
        return None
    read: dict[str, Any] = json.loads((STORED / f"{name}.json").read_text(encoding="utf-8"))
    return read
