"""``remanence explain model.loss [experiment=…]``: what a key or a group means, its value, and what gives it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from remanence.configuration.composed_files import Composed, Setting, compose_files
from remanence.configuration.explained_key import MISSING, ExplainedKey, explain_key, plain_values, typed
from remanence.configuration.folder import conf_folder
from remanence.configuration.key_schema import NOTHING
from remanence.configuration.offers import SAMPLER, Offer, offers
from remanence.configuration.search_path import conf_folders
from remanence.errors import ConfigurationError
from remanence.tracking.later_keys import get

WIDTH = 11
"""Columns of the names of lines."""
MOST_CHARACTERS = 60
"""Largest number of characters of a value in a list of keys."""


def main(arguments: list[str]) -> int:
    """Explain the keys and groups among the arguments in the composition that the other arguments ask for."""
    wanted = [argument for argument in arguments if "=" not in argument and not argument.startswith(("~", "-"))]
    if not wanted:
        raise ConfigurationError("explain: name a key or a group, such as: explain model.loss experiment=piezo/ns")
    composed = compose_files([each for each in arguments if each not in (*wanted, "-m", "--multirun")])
    offered = {offer.group: offer for offer in offers(conf_folders(arguments)) if offer.group != SAMPLER}
    for number, key in enumerate(wanted):
        if number:
            print()
        _explain(key.removesuffix("="), composed, offered)
    return 0


def _explain(key: str, composed: Composed, offered: Mapping[str, Offer]) -> None:
    group = key if key in offered else key.replace(".", "/")
    node = get(plain_values(composed), key.replace("/", ".").split("."))
    if group in offered:
        _print_group(offered[group], composed, node)
    elif isinstance(node, Mapping) and node:
        found = explain_key(key, composed)
        _line(key, found.meaning)
        _line("comment", found.comment)
        _print_keys(key, node)
    else:
        _print_key(explain_key(key, composed))


def _print_key(found: ExplainedKey) -> None:
    _line(found.key, found.meaning)
    _line("comment", found.comment)
    _line("allowed", found.allowed)
    _line("unit", found.unit)
    _line("default", _shown(found.default))
    resolved = "" if found.value == found.written else f" = {typed(found.value)}"
    _line("value", f"{_shown(found.written)}{resolved}")
    if not found.settings:
        _line("set in", f"no file: the class has it; +{found.key}=… sets it")
    for label, setting in zip(_labels(len(found.settings)), reversed(found.settings), strict=True):
        why = f"   # {setting.comment}" if setting.comment not in ("", found.comment, found.meaning) else ""
        _line(label, f"{_where(setting)}{why}")


def _labels(number: int) -> Sequence[str]:
    return ["set in", *["instead of"] * (number - 1)] if number else []


def _shown(value: Any) -> str:
    if value is NOTHING:
        return "none"
    return "must be given" if value == MISSING else typed(value)


def _where(setting: Setting) -> str:
    place = Path(setting.where)
    if place.suffix != ".yaml" or not place.is_file():
        return f"the command line: {setting.where}"
    return f"{shown_file(place)}: {typed(setting.value)}"


def shown_file(file: Path) -> str:
    """Return a file of choices as it is called in messages: ``conf/…`` of the package, else where it lies."""
    if file.is_relative_to(conf_folder()):
        return f"conf/{file.relative_to(conf_folder())}"
    return os.path.relpath(file) if file.is_relative_to(Path.cwd()) else str(file)


def _print_group(offer: Offer, composed: Composed, node: Any) -> None:
    chosen = composed.choices.get(offer.group)
    _line(offer.group, offer.about)
    if chosen:
        file = next(
            (each for each in reversed(composed.files) if each.file.match(f"{offer.group}/{chosen}.yaml")), None
        )
        _line("chosen", f"{chosen}   # {file.about}" if file is not None else chosen)
        _line("set in", _chooser(offer.group, composed))
    print("choices")
    width = max(map(len, offer.choices))
    for name, about in offer.choices.items():
        print(f"  {name:{width}}  {about}".rstrip())
    if isinstance(node, Mapping) and node:
        _print_keys(offer.group.replace("/", "."), node)


def _chooser(group: str, composed: Composed) -> str:
    typed_choice = next((each for each in reversed(composed.typed) if each.split("=")[0].lstrip("+") == group), None)
    if typed_choice is not None:
        return f"the command line: {typed_choice}"
    return f"conf/{composed.chosen_by.get(group, 'train.yaml')}"


def _print_keys(above: str, node: Mapping[str, Any]) -> None:
    shown = {name: typed(value) for name, value in node.items() if name != "_target_"}
    width = max(map(len, shown), default=0)
    print("keys" + (f"   of {node['_target_']}" if "_target_" in node else ""))
    for name, text in shown.items():
        value = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
        print(f"  {above}.{name:{width}}  {value}")


def _line(name: str, text: str) -> None:
    if text or name not in ("comment", "unit", "allowed"):
        print(f"{name:{WIDTH}} {text}".rstrip() if len(name) < WIDTH else f"{name}   {text}".rstrip())
