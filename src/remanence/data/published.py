"""Published data sets: each is fetched once, pinned to a commit and a SHA-256, and kept in the user's cache."""

from pathlib import Path

from remanence.data.published_files import PUBLISHED
from remanence.data.table_file import digest_of
from remanence.errors import DataError
from remanence.foundation.cache_folder import VARIABLE, cache_folder
from remanence.foundation.progress_bar import BYTES, Bar, advancing
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
        with whole_file(target) as unfinished, advancing(name, None, BYTES) as bar:
            pooch.retrieve(
                entry.url,
                f"sha256:{entry.sha256}",
                fname=target.name,
                path=unfinished.parent,
                downloader=pooch.HTTPDownloader(progressbar=_Download(bar)),
            )
    except Exception as error:  # pooch passes on what requests, urllib or the disk raise
        raise DataError(
            f"{name}: not in {cache_folder()} and could not be fetched from {entry.url} ({type(error).__name__}); "
            f"put the file there, or give {entry.own_copy}"
        ) from error
    return target


class _Download:
    """A bar as pooch moves it."""

    def __init__(self, bar: Bar) -> None:
        self._bar, self._total = bar, 0

    @property
    def total(self) -> int:
        """Bytes of the file, which pooch sets when the server has told them."""
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total = total
        self._bar.set_total(total)

    def update(self, size: int) -> None:
        """Move on by a number of bytes."""
        self._bar(size)

    def reset(self) -> None:
        """Take no more: pooch fills the bar again at the end."""
        self._bar = Bar()

    def close(self) -> None:
        """Leave the bar, which is removed when the file is there."""
