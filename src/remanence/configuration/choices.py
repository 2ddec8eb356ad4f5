"""The names that ``conf`` offers.

A file whose name begins with ``_`` is a part that other files share; a user cannot choose it.
"""

import re
from pathlib import Path


def choices(folder: Path) -> list[str]:
    """Return the names that a user may choose in a group, such as ``piezo/ns`` in ``experiment``.

    Args:
        folder: folder of the group in ``conf``.
    """
    files = (path.relative_to(folder) for path in folder.rglob("*.yaml"))
    return sorted(str(file.with_suffix("")) for file in files if not is_part(file.stem))


def is_part(name: str) -> bool:
    """Return whether a name in a group is the name of a part, which only other files use.

    >>> is_part("piezo/_base"), is_part("piezo/ns")
    (True, False)
    """
    return name.rpartition("/")[2].startswith("_")


def without_parts(listing: str) -> str:
    """Return Hydra's listing of groups (one per line) without the names of parts.

    >>> without_parts("pruner: _reporting, asha, median")
    'pruner: asha, median'
    """
    return re.sub(r"(?<=[:,] )_\w+(?:, |$)", "", listing, flags=re.MULTILINE)
