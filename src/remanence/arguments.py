"""The grammar of every verb but ``train``: ``key=value``, split at the first ``=``."""

from collections.abc import Sequence

from remanence.configuration.arguments import split
from remanence.configuration.validate import nearest
from remanence.errors import ConfigurationError


def read_arguments(
    verb: str, arguments: Sequence[str], *, required: Sequence[str] = (), optional: Sequence[str] = ()
) -> dict[str, str]:
    """Return the values of a verb's keys.

    Raises:
        ConfigurationError: for an argument without ``=``, an unknown key, a key given twice or a missing one.
    """
    known = [*required, *optional]
    given: dict[str, str] = {}
    for argument in arguments:
        key, value = split(argument)
        if value is None:
            raise ConfigurationError(f"{verb}: expected key=value, got '{argument}'; keys: {', '.join(known)}")
        if key not in known:
            raise ConfigurationError(f"{verb}: unknown key '{key}'{nearest(key, known) or f'; keys: {known}'}")
        if key in given:
            raise ConfigurationError(f"{verb}: {key} is given twice")
        given[key] = value
    for key in required:
        if not given.get(key):
            raise ConfigurationError(f"{verb}: {key}=… must be given")
    return given
