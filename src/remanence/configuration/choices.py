"""The names that ``conf`` offers; files that begin with ``_`` are parts which other files share, and are no choices."""

import re
from pathlib import Path


def choices(folder: Path) -> list[str]:
    """Return the names that a user may choose from the folder of a group, such as ``piezo/ns`` of ``experiment``."""
    files = (path.relative_to(folder) for path in folder.rglob("*.yaml"))
    return sorted(str(file.with_suffix("")) for file in files if not is_part(file.stem))


def is_part(name: str) -> bool:
    """Return whether a name in a group is that of a part.

    >>> is_part("piezo/_base"), is_part("piezo/ns")
    (True, False)
    """
    return name.rpartition("/")[2].startswith("_")


def without_parts(listing: str) -> str:
    """Return Hydra's list of groups, a line each, without the names of parts.

    >>> without_parts("pruner: _reporting, asha, median")
    'pruner: asha, median'
    """
    return re.sub(r"(?<=[:,] )_\w+(?:, |$)", "", listing, flags=re.MULTILINE)
