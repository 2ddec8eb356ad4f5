"""A YAML of ``conf`` with its comments: what the file is for, and what is said beside each key."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

CONF = Path(__file__).parents[2] / "conf"
KEY = re.compile(r"^(?P<indent> *)(?:- )?(?P<key>[\w./@-]+):(?P<rest>(?: .*)?)$")
COMMENT_COLUMN = 8
"""A comment that begins here or further right goes on with the one beside the key above it."""


@dataclass
class CommentedFile:
    """One file of ``conf``."""

    summary: str
    """What stands at its top."""
    values: dict[str, object]
    """Dotted key to its value, mappings taken apart, in the order of the file."""
    comments: dict[str, str]
    """Dotted key to what stands beside it, or above it at its own indent."""
    bases: list[str] = field(default_factory=list)
    """Files of the same group that it begins with."""
    nested: dict[str, str] = field(default_factory=dict)
    """Dotted place below this file to the file that is taken there, such as ``split``: ``data/split/kfold``."""


@cache
def read_commented(name: str) -> CommentedFile:
    """Read a file, such as ``data/table``; keys of ``defaults`` are not among its values.

    >>> read_commented("model/pca").comments["n_components"]
    'as many as the paper keeps for the PZT loops; 3 for the toy spectra'
    """
    text = (CONF / f"{name}.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text) or {}
    group = name.rpartition("/")[0]
    found = CommentedFile(_summary(text), {}, _comments(text))
    for entry in content.pop("defaults", []):
        _add_default(found, entry, group)
    found.values = dict(_flat(content, ""))
    return found


def _add_default(found: CommentedFile, entry: object, group: str) -> None:
    if isinstance(entry, str):
        if entry != "_self_" and (CONF / group / f"{entry}.yaml").exists():
            found.bases.append(f"{group}/{entry}" if group else entry)
        return
    assert isinstance(entry, dict)
    ((where, chosen),) = entry.items()
    if where.startswith("override ") or chosen is None:
        return
    source, _, place = where.partition("@")
    folder = source.lstrip("/") if source.startswith("/") or not group else f"{group}/{source}"
    if (CONF / folder / f"{chosen}.yaml").exists():
        found.nested[place or source] = f"{folder}/{chosen}"


def _flat(values: dict[str, object], prefix: str) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for key, value in values.items():
        if isinstance(value, dict) and value:
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def _summary(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @"):
            lines.append(line.lstrip("# ").strip())
    return " ".join(lines)


def _comments(text: str) -> dict[str, str]:
    """Return the comment of each key; one that goes on in further lines is joined."""
    comments: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    above: list[str] = []
    latest, is_top = "", True
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("#"):
            indent = len(line) - len(line.lstrip())
            if indent >= COMMENT_COLUMN and latest:
                comments[latest] = f"{comments.get(latest, '')} {bare.lstrip('# ')}".strip()
            elif not is_top:
                above.append(bare.lstrip("# "))
            continue
        is_top = is_top and not bare
        found = KEY.match(_uncommented(line))
        if found is None:
            if latest and (beside := _beside(line)):
                comments[latest] = f"{comments.get(latest, '')} {beside}".strip()
            continue
        indent = len(found["indent"])
        stack = [entry for entry in stack if entry[0] < indent]
        latest = ".".join([*(key for _, key in stack), found["key"]])
        stack.append((indent, found["key"]))
        said = [text for text in (" ".join(above), _beside(line)) if text]
        above = []
        if said:
            comments[latest] = "; ".join(said)
    return comments


def _uncommented(line: str) -> str:
    return re.sub(r"\s+#\s.*$", "", line).rstrip()


def _beside(line: str) -> str:
    found = re.search(r"\s#\s+(.*)$", line)
    return found.group(1).strip() if found else ""
