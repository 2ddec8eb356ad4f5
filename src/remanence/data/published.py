"""Published data sets: each is fetched once, pinned to a commit and a SHA-256, and kept in the user's cache."""

import os
from pathlib import Path

from remanence.data.published_files import PUBLISHED
from remanence.errors import DataError


def cache() -> Path:
    """Return the folder of fetched files: ``REMANENCE_DATA_DIR`` if it is set, else the user's cache folder."""
    import pooch

    return Path(os.environ.get("REMANENCE_DATA_DIR") or pooch.os_cache("remanence"))


def fetch(name: str) -> Path:
    """Return the local copy of a published file; it is downloaded only if no copy has the right content.

    Raises:
        DataError: if the name is unknown or the file cannot be fetched.
    """
    import pooch

    if name not in PUBLISHED:
        raise DataError(f"data.published: unknown file '{name}'; known: {', '.join(PUBLISHED)}")
    entry = PUBLISHED[name]
    target = cache() / name
    try:
        found = pooch.retrieve(entry.url, f"sha256:{entry.sha256}", fname=target.name, path=target.parent)
    except Exception as error:  # pooch passes on what requests, urllib or the disk raise
        raise DataError(
            f"{name}: not in {cache()} and could not be fetched from {entry.url} ({type(error).__name__}); "
            f"put the file there, or give {entry.own_copy}"
        ) from error
    return Path(found)
