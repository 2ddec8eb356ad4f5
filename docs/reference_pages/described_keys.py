"""Every key that a file of ``conf`` offers: its default, what it takes, its unit and what it means."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, get_args

from reference_pages.allowed_values import allowed
from reference_pages.commented_file import CONF, read_commented
from remanence.configuration.configuration import Train
from remanence.configuration.described import Described, describe
from remanence.configuration.sweep_options import Sweeper
from remanence.foundation.constraints import nodes_of

SKIPPED = ("_target_", "kind", "_convert_", "_recursive_")
UNITS = {
    r"_seconds$|(?:^|\.)patience_seconds$|delay_s$": "s",
    r"_min$": "min",
    r"epochs$|^every$|resource$": "epochs",
    r"(?:^|\.)patience$": "epochs",
    r"free_nats$": "nat",
    r"image_size$|(?:^|\.)block$": "pixels",
    r"(?:^|\.)side$": "µm",
}
"""Ends of keys to the unit of their value."""
IN_TEXT = re.compile(r"\b(?:in|,) (µm|nm|kHz|Hz|V|nat|%|z-scores|seconds|pixels|epochs|steps|eV|°C)\b")
RELATED = {"model": ("model/scale/default", "model/head/regression"), "data": ("data/split/_rows",)}
"""Files whose comments explain keys that others only set."""


@dataclass(frozen=True)
class DescribedKey:
    """A key as its page shows it."""

    name: str
    default: object
    allowed: str
    unit: str
    meaning: str
    reason: str = ""
    """Why the default is what it is, and what else may be given, where the meaning stands elsewhere."""


def described_keys(name: str) -> list[DescribedKey]:
    """Return the keys of a file, such as ``data/table``; and those of its bases; a nested choice by its name."""
    values, comments, nested = _merged(name)
    schema, described = _schema(name, values)
    keys = []
    for key, value in values.items():
        if key in SKIPPED:
            continue
        takes = allowed(_annotation(schema, key)) or _allowed_below(key, nested)
        meaning, reason = _meaning(name, key, comments, described, nested)
        keys.append(DescribedKey(key, value, takes, _unit(key, f"{meaning}; {reason}"), meaning, reason))
    for place, file in nested.items():
        keys.append(
            DescribedKey(
                place,
                file.rpartition("/")[2],
                f"a file of {file.rpartition('/')[0]}",
                "",
                read_commented(file).summary.rstrip("."),
            )
        )
    return keys


def target_of(name: str) -> str | None:
    """Return the class that a file, or a base of it, configures."""
    found = _merged(name)[0].get("_target_")
    return str(found) if found is not None else None


def _merged(name: str) -> tuple[dict[str, object], dict[str, str], dict[str, str]]:
    """Return values, comments and nested choices of a file on top of those of its bases."""
    file = read_commented(name)
    values: dict[str, object] = {}
    comments: dict[str, str] = {}
    nested: dict[str, str] = {}
    for base in file.bases:
        below = _merged(base)
        values |= below[0]
        comments |= below[1]
        nested |= below[2]
    for key, value in file.values.items():
        for other in [other for other in values if other.startswith(f"{key}.")]:
            del values[other]
        values[key] = value
    return values, comments | file.comments, nested | file.nested


def _meaning(
    name: str, key: str, comments: dict[str, str], described: Described | None, nested: dict[str, str]
) -> tuple[str, str]:
    """Return what a key means and why: by the docstring of its class, and the comment beside it or its namesake."""
    documented = described.documentation.get(key, "") if described is not None else ""
    said = [_plain(documented), _resolved(comments.get(key, ""), key)]
    if not any(said):
        place, _, inner = key.partition(".")
        if inner and place in nested:
            keys = {each.name: each.meaning for each in described_keys(nested[place])}
            said.append(keys.get(inner, ""))
        said += [_beside_namesake(name, key), _of_mapping(key, comments)]
    first, *more = [text for text in dict.fromkeys(said) if text] or [""]
    if documented and more and not more[0].startswith(first[:25]):
        return ("", more[0])[::-1] if first.startswith("see ") else (first, more[0])
    return more[0] if documented and more else first, ""


def _allowed_below(key: str, nested: dict[str, str]) -> str:
    """Return what a key of a nested file takes."""
    place, _, inner = key.partition(".")
    if not inner or place not in nested:
        return ""
    return next((each.allowed for each in described_keys(nested[place]) if each.name == inner), "")


def _plain(text: str) -> str:
    """Return the text of a docstring as the site writes it."""
    return re.sub(r"\bNone\b", "null", text.replace("``", "`")).rstrip(".")


def _resolved(text: str, key: str) -> str:
    """Return a comment, or the one of the file that it refers to."""
    if (found := re.fullmatch(r"see conf/([\w/]+)\.yaml", text)) is not None:
        return _resolved(read_commented(found.group(1)).comments[key], key)
    return text.rstrip(".")


def _beside_namesake(name: str, key: str) -> str:
    """Return what another file of the group says of a key of this name."""
    last = key.rpartition(".")[2]
    for other in _siblings(name):
        comments = read_commented(other).comments
        if (found := comments.get(key) or comments.get(last)) is not None:
            return _resolved(found, key)
    return ""


def _of_mapping(key: str, comments: dict[str, str]) -> str:
    """Return what is said of the mapping that a key is in."""
    while "." in key:
        key = key.rpartition(".")[0]
        if key in comments:
            return comments[key]
    return ""


def _siblings(name: str) -> list[str]:
    group = name.rpartition("/")[0]
    same_target = [
        f"{group}/{path.stem}" for path in sorted((CONF / group).glob("*.yaml")) if path.stem != name.rpartition("/")[2]
    ]
    return [*RELATED.get(name.partition("/")[0], ()), *same_target]


def _unit(key: str, meaning: str) -> str:
    for pattern, unit in UNITS.items():
        if re.search(pattern, key):
            return unit
    found = IN_TEXT.search(meaning)
    return found.group(1) if found else ""


def _schema(name: str, values: dict[str, object]) -> tuple[type | None, Described | None]:
    """Return the schema of a file's keys, and its class where it names one."""
    if name.startswith("hydra/sweeper"):
        return Sweeper, None
    if name == "train":
        return Train, None
    if isinstance(target := values.get("_target_"), str) and (described := describe(target)) is not None:
        return described.schema, described
    group = name.partition("/")[0]
    field = next((each for each in dataclasses.fields(Train) if each.name == group), None)
    nodes = nodes_of(field.type) if field is not None else []
    fitting = [node for node in nodes if _kind_of(node) in (None, values.get("kind"))]
    return (fitting[0] if fitting else None), None


def _kind_of(node: type) -> object:
    kind = {field.name: field.type for field in dataclasses.fields(node)}.get("kind")  # type: ignore[arg-type]
    arguments = get_args(kind)
    return arguments[0] if len(arguments) == 1 else None


def _annotation(schema: Any, key: str) -> Any:
    """Return the type of a dotted key; a name that the user chooses is passed over."""
    first, _, rest = key.partition(".")
    if schema is None:
        return Any
    known = {field.name: field.type for field in dataclasses.fields(schema)}
    if first not in known:
        return Any
    if not rest:
        return known[first]
    for node in nodes_of(known[first]):
        inner = {field.name for field in dataclasses.fields(node)}
        if rest.partition(".")[0] in inner:
            return _annotation(node, rest)
        if "." in rest and rest.partition(".")[2].partition(".")[0] in inner:
            return _annotation(node, rest.partition(".")[2])
    return Any
