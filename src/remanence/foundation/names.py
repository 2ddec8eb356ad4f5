"""Names of metrics, tags and files, made from the names that users give to columns, and told apart where they meet."""

import hashlib
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from remanence.errors import ConfigurationError

FILE_BYTES = 150
"""Largest length of a file's name; file systems take 255 bytes, of which some are left for what stands around it."""
METRIC_BYTES = 225
"""Largest length of a column's name in a metric, before which there is at least ``augmentation/shapiro_p/``."""
MLFLOW_LENGTH = 250
"""Largest length of the name of a metric, a parameter or a tag."""

BEST = "best_of_repeats"
"""Part of the names of the metrics of a target's best repetition; nothing of a user's is called so in metrics."""
NETWORK = "network"
"""Part of the names of the metrics of the networks inside a blend; no target is called so in metrics."""


def plain_name(text: str) -> str:
    """Return ``text`` without the characters that MLflow does not take in a name, or that a file system refuses.

    MLflow takes the letters and digits of every alphabet.

    >>> plain_name("d33 (pC/N)"), plain_name("ε_r"), plain_name("%")
    ('d33_pC_N', 'ε_r', 'target')
    """
    name = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", text)).strip("_")
    return name if name.strip(".") else "target"  # . and .. would be folders


def check_name(key: str, name: str, *, taken: Collection[str] = ()) -> None:
    """Refuse a name that the user chose in a configuration if no metric and no file can have it.

    Args:
        key: dotted key that ends in the name, for the message.
        name: the name.
        taken: names that mean something else.

    Raises:
        ConfigurationError: if the name has other characters than letters, digits, blanks, ``_``, ``.`` and ``-``, or is
            taken.
    """
    if not re.fullmatch(r"[\w.-]([\w.\- ]*[\w-])?", name) or not name.strip("."):
        raise ConfigurationError(f"{key}: a name has letters, digits, _, . and - only, got {name!r}")
    if name.casefold() in taken:
        raise ConfigurationError(f"{key}: '{name}' means something else in the tables of a run; take another name")


def name_and_unit(label: str) -> tuple[str, str, str]:
    """Return the name in a label, its unit in brackets, and what stands behind the unit.

    >>> name_and_unit("piezoresponse (arb. units), cycle 1"), name_and_unit("slope (1/(ln Hz))")
    (('piezoresponse', 'arb. units', ', cycle 1'), ('slope', '1/(ln Hz)', ''))
    >>> name_and_unit("time step")
    ('time step', '', '')
    """
    found = re.fullmatch(r"(.*?\S) \((.*?)\)((?:,.*)?)", label)
    return (found[1], found[2], found[3]) if found else (label, "", "")


def metric_names(columns: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Return for each column the name that it has in metrics; no two columns have the same one.

    The names do not depend on the order of the columns, so that runs agree on them.

    Args:
        columns: names of columns, each once.
        taken: names that mean something else in the metrics of a run.

    >>> metric_names(["d33 (pC/N)", "a%", "a#"])
    {'d33 (pC/N)': 'd33_pC_N', 'a%': 'a_percent_sign', 'a#': 'a_number_sign'}
    """
    return _told_apart(list(columns), taken, str, lambda name: _shorten(plain_name(name), METRIC_BYTES))


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each name that of a file, without ending; no two are one file, even where capitals do not count.

    >>> file_names(["D33", "d33", "eps_r"])
    {'D33': 'D33', 'd33': 'd33_2', 'eps_r': 'eps_r'}
    """
    return _told_apart(list(names), (), str.casefold, lambda name: _shorten(plain_name(name), FILE_BYTES))


def free_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return ``wanted``, in its order, with a number behind each name that is taken or was wanted before.

    >>> free_names(["row", "d33_error"], ["x", "row"])
    ['row_2', 'd33_error']
    """
    used, free = set(taken), []
    for name in wanted:
        free.append(_numbered(name, used))
        used.add(free[-1])
    return free


def key_names(keys: Iterable[str]) -> dict[str, str]:
    """Return for each dotted key the name of its parameter or tag in MLflow; no two keys meet.

    >>> key_names(["model.lr", "data.units.a%", "data.units.a#", "data.units.C//N"])["data.units.a%"]
    'data.units.a_percent_sign'
    """

    def plain(key: str) -> str:
        name = re.sub(r"[^\w.\-/: ]", "_", unicodedata.normalize("NFC", key))
        is_path = name != posixpath.normpath(name) or name.startswith(("/", ".."))
        return _shorten(name.replace("/", "_") if is_path else name, MLFLOW_LENGTH)

    return _told_apart(list(keys), (), str, plain)


def find_metric(name: str, metrics: Collection[str]) -> str | None:
    """Return the metric called ``name``, or the only one that an earlier release called so; None if there is none.

    Earlier releases kept ASCII letters only: ``test/ε_r/r2`` was ``test/r/r2``.

    >>> find_metric("test/r/r2", ["test/ε_r/r2", "test/d33/r2"])
    'test/ε_r/r2'
    """
    if name in metrics:
        return name
    found = [metric for metric in metrics if not metric.isascii() and _earlier(metric) == _earlier(name)]
    return found[0] if len(found) == 1 else None


def _told_apart(
    names: Sequence[str], taken: Collection[str], same: Callable[[str], str], plain: Callable[[str], str]
) -> dict[str, str]:
    """Return what ``plain`` makes of each name, with more of the name where two would be the same under ``same``."""
    made = {name: plain(name) for name in names}
    count = Counter(map(same, made.values()))
    used = {same(name) for name in taken}
    found: dict[str, str] = {}
    # a column that is called so already keeps its name, whatever other names become
    for name in sorted(made, key=lambda name: (made[name] != name, name)):
        own = made[name]
        if count[same(own)] > 1 and own != name:
            own = plain(_spelled(name))
        found[name] = _numbered(own, used, same)
        used.add(same(found[name]))
    return {name: found[name] for name in names}


def _spelled(name: str) -> str:
    """Return ``name`` with words for the characters that no plain name has: ``a_percent_sign`` for ``a%``."""

    def word(found: re.Match[str]) -> str:
        return f"_{unicodedata.name(found[0], f'character_{ord(found[0]):x}').lower().replace(' ', '_')}_"

    spelled = re.sub(r"[^\w.\- ]", word, unicodedata.normalize("NFC", name))
    return re.sub(r"[_ ]+", "_", spelled).strip("_")


def _numbered(name: str, used: Collection[str], same: Callable[[str], str] = str) -> str:
    number, free = 2, name
    while same(free) in used:
        number, free = number + 1, f"{name}_{number}"
    return free


def _shorten(name: str, most: int) -> str:
    """Return ``name``, or its beginning and a digest of all of it, in at most ``most`` bytes."""
    content = name.encode()
    if len(content) <= most:
        return name
    return f"{content[: most - 9].decode(errors='ignore')}_{hashlib.sha256(content).hexdigest()[:8]}"


def _earlier(metric: str) -> str:
    parts = (re.sub(r"[^A-Za-z0-9.-]+", "_", part).strip("_") for part in metric.split("/"))
    return "/".join(part or "target" for part in parts)
