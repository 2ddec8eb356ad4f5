"""The command line of ``train``, before Hydra reads it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from remanence.configuration.marked_keys import verbatim_keys

RUNS = ("resume", "fork")
"""Keys that name a run: an id of digits is no number."""

PLAIN = re.compile(r"[A-Za-z_][\w./\-]*")
"""Text that Hydra's grammar reads as text."""
MEANING = ("null", "true", "false", "nan", "inf")
"""Text that it reads as something else."""


def quote_verbatim(arguments: list[str]) -> list[str]:
    """Quote the values that are taken as typed, see ``is_verbatim``, so that Hydra's grammar does not read them.

    ``null``, a value that is already quoted, and a list in brackets keep their meaning.

    >>> quote_verbatim(["data.path=my data=2.csv", "seed=1"])
    ["data.path='my data=2.csv'", 'seed=1']
    """
    return [_quote(argument) for argument in arguments]


def is_verbatim(key: str) -> bool:
    """Return whether the value of a key is taken as typed: a path, the name of a column, the id of a run."""
    return key in RUNS or (key.startswith("data.") and key in verbatim_keys())


def split(argument: str) -> tuple[str, str | None]:
    """Split ``key=value`` at the first ``=``; the value is None where there is none.

    >>> split("input=a=b.csv")
    ('input', 'a=b.csv')
    """
    key, equals, value = argument.partition("=")
    return key, value if equals else None


def quoted(text: str) -> str:
    r"""Return a text as Hydra's grammar has to see it to read it back.

    >>> print(quoted("it's"))
    'it\'s'
    """
    # in Hydra's quotes a backslash is literal unless it stands before a quote, and OmegaConf reads ${
    escaped = re.sub(r"(\\*)'", r"\1\1\'", text)
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped).replace("${", "\\${")
    return f"'{escaped}'"


def as_text(value: Any) -> str:
    r"""Return a value of Python as it is typed on a command line.

    >>> [as_text(value) for value in (1e-3, True, None, "tanh", "it's", "1", [64, "a"], {"a": 1})]
    ['0.001', 'true', 'null', 'tanh', "'it\\'s'", "'1'", '[64,a]', '{a:1}']
    """
    if isinstance(value, bool | None):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{as_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, int | float):
        return repr(float(value) if isinstance(value, float) else int(value))  # numpy's own say that they are
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(as_text, value)) + "]"
    if callable(plain := getattr(value, "tolist", None)):  # of numpy
        return as_text(plain())
    text = str(value)
    return text if PLAIN.fullmatch(text) and text.lower() not in MEANING else quoted(text)


def _quote(argument: str) -> str:
    key, value = split(argument)
    if value is None or not is_verbatim(key.lstrip("+")) or value in ("null", "") or _is_marked(value):
        return argument
    return f"{key}={quoted(value)}"


def _is_marked(value: str) -> bool:
    return len(value) > 1 and (value[0] == value[-1] in "'\"" or (value[0] == "[" and value[-1] == "]"))
