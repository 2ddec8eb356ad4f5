"""The names that ``conf`` offers.

A file whose name begins with ``_`` is a part that other files share; a user cannot choose it.
"""

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
