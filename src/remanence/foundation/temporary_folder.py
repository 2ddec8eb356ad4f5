"""Folders for what a process needs for a while; what a killed process has left of them is removed by the next."""

import fcntl
import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from remanence.foundation.whole_file import host_mark

PREFIX = "remanence-"


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a new folder, which is removed when nobody holds the returned object, or at the end of the process.

    The process holds the lock of the folder, which ends with the process. Folders of this user whose process is dead
    are removed first; those of other machines, whose locks some file systems do not show here, stay.
    """
    _remove_left_overs(Path(tempfile.gettempdir()))
    while True:
        folder = tempfile.TemporaryDirectory(prefix=PREFIX, suffix=host_mark(), ignore_cleanup_errors=True)
        try:
            lock = _lock(Path(folder.name))
        except (FileNotFoundError, BlockingIOError):  # another process has just taken the folder for left over
            continue
        except OSError:  # a file system without locks: there nothing will be told left over
            return folder
        if Path(folder.name).exists():
            weakref.finalize(folder, os.close, lock)
            return folder
        os.close(lock)  # likewise


def _remove_left_overs(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*{host_mark()}"):
        with suppress(OSError):  # of another user, or of a process that is alive
            lock = _lock(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path) -> int:
    """Return the descriptor of a folder, whose lock is held as long as it is open.

    Raises:
        OSError: if the lock cannot be had.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock
