"""The grammar of every verb but ``train``: ``key=value``, split at the first ``=``."""

from collections.abc import Sequence

from remanence.configuration.arguments import split
from remanence.configuration.keys import known_keys
from remanence.configuration.validate import nearest
from remanence.errors import ConfigurationError
from remanence.tracking.parameters import names_file

ADDRESS = "tracking.uri"


def read_arguments(
    verb: str, arguments: Sequence[str], *, required: Sequence[str] = (), optional: Sequence[str] = (), group: str = ""
) -> dict[str, str]:
    """Return the values of a verb's keys; each verb takes ``tracking.uri``, where the runs are.

    Args:
        verb: for messages.
        arguments: as typed.
        required: keys that must be given.
        optional: further keys.
        group: of the configuration, whose keys are taken as well, such as ``data`` for ``data.cycle``.

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
        if key not in known:
            raise ConfigurationError(f"{verb}: unknown key '{key}'{nearest(key, known) or f'; keys: {shown}'}")
        if key in given:
            raise ConfigurationError(f"{verb}: {key} is given twice")
        given[key] = value
    for key in required:
        if not given.get(key):
            raise ConfigurationError(f"{verb}: {key}=… must be given")
    return given


def check_changes(verb: str, changes: Sequence[str], *, of_spectra: bool, has_file: bool) -> None:
    """Refuse overrides of ``data`` where there is nothing to be read in another way.

    Args:
        verb: for messages.
        changes: overrides of ``data`` beside the file.
        of_spectra: whether the run is on spectra.
        has_file: whether a file is given in the place of the run's own.

    Raises:
        ConfigurationError: if there is one for a table, without a file, or for another file.
    """
    for change in changes:
        if names_file(change.partition("=")[0]):
            raise ConfigurationError(f"{verb}: {change}: what is read is named already; give one of them")
    if changes and not of_spectra:
        raise ConfigurationError(
            f"{verb}: {changes[0]}: a table is read by the names of its columns; only scans take it"
        )
    if changes and not has_file:
        raise ConfigurationError(f"{verb}: {changes[0]}: say of which file, with data.path=…")
