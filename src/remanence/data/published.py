"""Published data sets: each is fetched once, pinned to a commit and a SHA-256, and kept in the user's cache."""

from pathlib import Path

from remanence.data.published_files import PUBLISHED
from remanence.data.table_file import digest_of
from remanence.errors import DataError
from remanence.foundation.cache_folder import VARIABLE, cache_folder
from remanence.foundation.whole_file import whole_file


def fetch(name: str) -> Path:
    """Return the local copy of a published file; it is downloaded only if no copy has the right content.

    Raises:
        DataError: if the name is unknown or the file cannot be fetched.
    """
    import pooch

    if name not in PUBLISHED:
        raise DataError(f"data.published: unknown file '{name}'; known: {', '.join(PUBLISHED)}")
    entry = PUBLISHED[name]
    target = cache_folder() / name
    if target.is_file() and digest_of(target) == entry.sha256:
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{name}: the cache {cache_folder()} cannot be written to: {error.strerror}; "
            f"set {VARIABLE}=<a folder of your own>"
        ) from error
    try:
        with whole_file(target) as unfinished:
            pooch.retrieve(entry.url, f"sha256:{entry.sha256}", fname=target.name, path=unfinished.parent)
    except Exception as error:  # pooch passes on what requests, urllib or the disk raise
        raise DataError(
            f"{name}: not in {cache_folder()} and could not be fetched from {entry.url} ({type(error).__name__}); "
            f"put the file there, or give {entry.own_copy}"
        ) from error
    return target
