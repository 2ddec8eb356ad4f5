"""Completions of one word of a command line of ``train``, from the index; nothing heavy is imported."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Candidates = dict[str, str]
"""Whole words that may stand where one is typed, to what they are; unfinished ones end in ``=`` or ``.``."""
SEPARATORS = ",["
"""Characters behind which another value may begin."""
FREQUENT = ("data/split", "hydra/launcher")
"""Groups within others that are offered before a slash is typed."""


def override_candidates(index: Mapping[str, Any], typed: Sequence[str], current: str) -> Candidates:
    """Return what the word that is being typed can become.

    Args:
        index: see ``completion_index``.
        typed: the other words of the command, which may choose an experiment, data and a model.
        current: the word so far, such as ``model.act`` or ``experiment=pi``.
    """
    mark = current[:1] if current[:1] in ("+", "~") else ""
    word = current.removeprefix(mark)
    keys = _keys(index, typed)
    key, equals, value = word.partition("=")
    found = _values(index, keys, key, value) if equals else dict(_next_names(index, keys, word))
    return {f"{mark}{each}": about for each, about in found.items()}


def key_candidates(index: Mapping[str, Any], typed: Sequence[str], current: str) -> Candidates:
    """Return the keys and groups that the word can become, without ``=``."""
    found = _next_names(index, _keys(index, typed), current)
    return {name.removesuffix("="): about for name, about in found}


def file_candidates(before: str, value: str) -> Candidates:
    """Return the files and folders that a path can become, behind the text before it."""
    folder, _, start = value.rpartition("/")
    try:
        entries = sorted(os.scandir(os.path.expanduser(folder or ("/" if value.startswith("/") else "."))), key=str)
    except OSError:
        return {}
    shown = [entry for entry in entries if entry.name.startswith(start) and (start or not entry.name.startswith("."))]
    above = f"{folder}/" if "/" in value else ""
    return {f"{before}{above}{entry.name}{'/' * entry.is_dir()}": "" for entry in shown}


def _keys(index: Mapping[str, Any], typed: Sequence[str]) -> dict[str, Any]:
    """Return the keys of the configuration that is being typed, as far as the words choose one."""
    given: dict[str, str] = dict(word.lstrip("+").split("=", 1) for word in typed if "=" in word)
    chosen = index["chosen"].get(given.get("experiment", ""), index["chosen"][""])
    keys = dict(index["keys"])
    for group, classes in index["classes"].items():
        names = given.get(group, chosen.get(group, "")).split(",")
        known = [classes[name] for name in names if classes.get(name)] or list(classes.values())
        for each in known:
            keys |= {key: entry for key, entry in each.items() if key not in keys}
    return keys


def _next_names(index: Mapping[str, Any], keys: Mapping[str, Any], word: str) -> Iterator[tuple[str, str]]:
    for group, about in index["about"].items():
        if group.startswith(word) and "." not in group and ("/" not in group or "/" in word or group in FREQUENT):
            yield f"{group}=", about
    above = word.count(".")
    for key, entry in keys.items():
        shown = _named(key, word)
        if shown.startswith(word):
            head = ".".join(shown.split(".")[: above + 1])
            yield (f"{head}=", entry["about"]) if head == shown else (f"{head}.", "")


def _named(key: str, typed: str) -> str:
    """Return a key with the names of the user's own that are typed, or the part of it before one that is not."""
    parts, given = key.split("."), typed.split(".")[:-1]
    for place, part in enumerate(parts):
        if part == "*":
            if place >= len(given):
                return ".".join([*parts[:place], ""])
            parts[place] = given[place]
    return ".".join(parts)


def _values(index: Mapping[str, Any], keys: Mapping[str, Any], key: str, value: str) -> Candidates:
    end = max(value.rfind(mark) for mark in SEPARATORS) + 1
    before, start = f"{key}={value[:end]}", value[end:]
    if key in index["groups"]:
        choices: Candidates = index["groups"][key]
        return {f"{before}{name}": about for name, about in choices.items() if name.startswith(start)}
    entry = next((entry for known, entry in keys.items() if _named(known, f"{key}.") == key), None)
    if entry is None:
        return {}
    if entry["is_file"]:
        return file_candidates(before, start)
    return {f"{before}{name}": "" for name in entry["values"] if name.startswith(start)}
