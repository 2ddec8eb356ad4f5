"""What a user may say about how experiments are chosen: how many, and by which acquisition function."""

from collections.abc import Mapping
from typing import cast, get_args

from remanence.errors import ConfigurationError
from remanence.science.acquisition import Kind


def read_number(asked: Mapping[str, str], key: str, default: int, *, least: int = 1) -> int:
    """Return a whole number that a user typed.

    Raises:
        ConfigurationError: if it is none, or smaller than ``least``.

    >>> read_number({"n": "3"}, "n", 5)
    3
    """
    text = asked.get(key, str(default))
    if not text.isdecimal() or int(text) < least:
        raise ConfigurationError(f"suggest: {key} must be a whole number of at least {least}, got '{text}'")
    return int(text)


def acquisition(asked: Mapping[str, str], *, goals: int = 1) -> Kind:
    """Return the acquisition function that a user named, or else the upper bound.

    Args:
        asked: keys and values, as typed.
        goals: number of goals.

    Raises:
        ConfigurationError: if there is no such function, or it takes a single goal and there are several.
    """
    known = get_args(Kind)
    kind = asked.get("acquisition", known[0])
    if kind not in known:
        raise ConfigurationError(f"acquisition: expected {' or '.join(known)}, got '{kind}'")
    if kind != "upper_bound" and goals > 1:
        raise ConfigurationError("acquisition: several goals take acquisition=upper_bound")
    return cast(Kind, kind)
