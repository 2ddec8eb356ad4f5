"""The grammar of the arguments of every verb except ``train``: ``key=value``, split at the first ``=``."""

from collections.abc import Sequence

from remanence.configuration.arguments import split
from remanence.configuration.keys import known_keys
from remanence.configuration.validate import nearest
from remanence.errors import ConfigurationError
from remanence.foundation.trust import PACKAGE, allowed_targets

ADDRESS = "tracking.uri"


def read_arguments(
    verb: str, arguments: Sequence[str], *, required: Sequence[str] = (), optional: Sequence[str] = (), group: str = ""
) -> dict[str, str]:
    """Return key to value of the arguments of a verb; every verb accepts ``tracking.uri``, the address of the runs.

    Args:
        verb: name of the verb, for messages.
        arguments: arguments as typed.
        required: keys that must be given.
        optional: further keys that may be given.
        group: group of the configuration whose keys are accepted as well, such as ``data`` for ``data.cycle``.

    Raises:
        ConfigurationError: for an argument without ``=``, an unknown key, a key given twice or a missing one.
    """
    own = [*required, *optional, ADDRESS]
    known = [*own, *(key for key in known_keys() if group and key.startswith(f"{group}."))]
    shown = ", ".join([*own, *([f"{group}.*"] if group else [])])
    given: dict[str, str] = {}
    for argument in arguments:
        key, value = split(argument)
        if value is None:
            raise ConfigurationError(f"{verb}: expected key=value, got '{argument}'; keys: {shown}")
        if key not in known and not (group and key.startswith(f"{group}.") and _has_own_classes()):
            raise ConfigurationError(f"{verb}: unknown key '{key}'{nearest(key, known) or f'; keys: {shown}'}")
        if key in given:
            raise ConfigurationError(f"{verb}: {key} is given twice")
        given[key] = value
    for key in required:
        if not given.get(key):
            raise ConfigurationError(f"{verb}: {key}=… must be given")
    return given


def named_first(arguments: Sequence[str], **endings: str) -> list[str]:
    """Return arguments with a key before each that has none: the first key whose ending a word has, and that is free.

    >>> named_first(["run=a", "out.zip"], output=".zip", run="")
    ['run=a', 'output=out.zip']
    """
    named: list[str] = []
    for argument in arguments:
        taken = {split(each)[0] for each in [*named, *arguments] if "=" in each}
        keys = [key for key, ending in endings.items() if key not in taken and argument.lower().endswith(ending)]
        named.append(f"{keys[0]}={argument}" if "=" not in argument and keys else argument)
    return named


def _has_own_classes() -> bool:
    """Return whether the user allows classes of other packages, whose keys we cannot know."""
    return allowed_targets() != [PACKAGE]
