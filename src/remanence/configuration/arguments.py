"""The command line of ``train``, before Hydra reads it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remanence.configuration.marked_keys import verbatim_keys
from remanence.errors import ConfigurationError
from remanence.foundation.typed_list import MEANING, PLAIN

RUNS = ("resume", "fork")
"""Keys that name a run; they are taken as typed, because an id that consists of digits is not a number."""


def quote_verbatim(arguments: list[str]) -> list[str]:
    """Quote the values that are taken as typed (see ``is_verbatim``), so that Hydra's grammar does not interpret them.

    ``null``, a value that is already quoted, and a list in brackets are not quoted and keep their meaning.

    >>> quote_verbatim(["data.path=my data=2.csv", "seed=1"])
    ["data.path='my data=2.csv'", 'seed=1']
    """
    return [_quote(argument) for argument in arguments]


def is_verbatim(key: str) -> bool:
    """Return whether the value of a key is taken as typed: it is a path, the name of a column, or the id of a run."""
    return key in RUNS or (key.startswith("data.") and key in verbatim_keys())


def split(argument: str) -> tuple[str, str | None]:
    """Split ``key=value`` at the first ``=``; the value is None if there is no ``=``.

    >>> split("input=a=b.csv")
    ('input', 'a=b.csv')
    """
    key, equals, value = argument.partition("=")
    return key, value if equals else None


def quoted(text: str) -> str:
    r"""Return a text in quotes, escaped so that Hydra's grammar reads the same text back.

    >>> print(quoted("it's"))
    'it\'s'
    """
    # inside Hydra's quotes a backslash is literal unless it stands before a quote; OmegaConf would resolve ${
    escaped = re.sub(r"(\\*)'", r"\1\1\'", text)
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped).replace("${", "\\${")
    return f"'{escaped}'"


def as_text(value: Any) -> str:
    r"""Return a Python value as a user would type it on the command line.

    >>> [as_text(value) for value in (1e-3, True, None, "tanh", "it's", "1", [64, "a"], {"a": 1})]
    ['0.001', 'true', 'null', 'tanh', "'it\\'s'", "'1'", '[64,a]', '{a:1}']
    """
    if isinstance(value, bool | None):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{as_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, int | float):
        return repr(float(value) if isinstance(value, float) else int(value))  # repr of numpy's floats names the type
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(as_text, value)) + "]"
    if callable(plain := getattr(value, "tolist", None)):  # an array or a number of numpy
        return as_text(plain())
    text = str(value)
    return text if PLAIN.fullmatch(text) and text.lower() not in MEANING else quoted(text)


def search_override(key: str, values: Iterable[Any] | str) -> str:
    """Return the override with which a sweep tries several values of a key.

    Some keys take their values as typed, including commas (see ``is_verbatim``). Such a key is therefore searched
    through an option of the sweeper, ``hydra.sweeper.params``.
    """
    text = _search_text(key, values)
    return f"+hydra.sweeper.params={{{key}:{quoted(text)}}}" if is_verbatim(key) else f"{key}={text}"


def _search_text(key: str, values: Iterable[Any] | str) -> str:
    if isinstance(values, str):
        return values
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise ConfigurationError(f"sweep: {key}: expected a list of values or a search as text, got {values!r}")
    texts = [as_text(value) for value in values]
    if not texts:
        raise ConfigurationError(f"sweep: {key}: the list of values is empty")
    return ",".join(texts) if len(texts) > 1 else f"choice({texts[0]})"


def _quote(argument: str) -> str:
    key, value = split(argument)
    if value is None or not is_verbatim(key.lstrip("+")) or value in ("null", "") or _is_marked(value):
        return argument
    return f"{key}={quoted(value)}"


def _is_marked(value: str) -> bool:
    return len(value) > 1 and (value[0] == value[-1] in "'\"" or (value[0] == "[" and value[-1] == "]"))
