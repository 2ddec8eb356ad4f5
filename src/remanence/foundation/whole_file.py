"""Writing of a file or folder that appears under its name whole or not at all; an earlier file stays until then."""

import errno
import fcntl
import hashlib
import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "remanence.lock"
"""Empty file beside an unfinished one; the process that writes holds its lock, which ends with the process."""
LONGEST = 150  # bytes of a name that stands in the name of a folder with more in it; file systems allow 255
SILENCE = 24 * 3600.0
"""Seconds without a change after which an unfinished file of another machine counts as left over."""


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a path to write to; what was written there becomes ``path`` when the block ends without an error.

    The file to write has the name of ``path``, and stands in a hidden folder beside it and thus on the same disk. It is
    brought to the disk before it takes its place, where it has the mode and the group of the file that it replaces. A
    symbolic link stays: the file that it leads to is replaced. A pipe or a device is written to directly.

    If the block fails or is interrupted, ``path`` is as it was before and nothing is left beside it. What a process
    that was killed has left there is removed by the next one that writes ``path``.

    Raises:
        OSError: if the file cannot be written; the error names ``path``.
    """
    earlier = _stat(path)
    if earlier is not None and not stat.S_ISREG(earlier.st_mode):
        yield Path(path)
        return
    if earlier is not None and not os.access(path, os.W_OK):  # to replace a protected file would be allowed
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    place = Path(os.path.realpath(path))
    remove_left_overs(place)
    try:
        folder, lock = _new_folder(place)
        try:
            unfinished = folder / place.name
            yield unfinished
            if earlier is not None:
                _take_over(earlier, unfinished)
            else:  # some writers make files that are the user's alone; the lock has the mode of any new file
                os.chmod(unfinished, stat.S_IMODE(os.fstat(lock).st_mode))
            _bring_to_disk(unfinished)
            os.replace(unfinished, place)
            with suppress(OSError):  # some file systems have this for files only
                _bring_to_disk(place.parent)
        finally:
            _remove(folder)
            os.close(lock)
    except OSError as error:
        ours = error.filename is None or str(error.filename).startswith(str(place.parent / _prefix(place)))
        if ours and error.errno is not None:  # otherwise it is about another file, which was read inside the block
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Yield an empty folder to write to; it becomes the folder ``path`` when the block ends without an error.

    As with ``whole_file``, what was written is brought to the disk before, and nothing is left if the block fails.

    Raises:
        FileExistsError: if ``path`` is there, and is no empty folder.
        OSError: if the folder cannot be written; the error names ``path``.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    remove_left_overs(place)
    try:
        folder, lock = _new_folder(place)
        try:
            unfinished = folder / place.name
            unfinished.mkdir()
            yield unfinished
            for written in unfinished.rglob("*"):
                if not written.is_dir():
                    _bring_to_disk(written)
            os.replace(unfinished, place)  # over an empty folder, but over no other
        finally:
            _remove(folder)
            os.close(lock)
    except OSError as error:
        if error.errno is not None and str(error.filename).startswith(str(place.parent / _prefix(place))):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def write_text(path: str | Path, text: str) -> None:
    """Write a text as UTF-8, see ``whole_file``."""
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def remove_left_overs(place: Path) -> None:
    """Remove what processes that are dead have left over of ``place``, an absolute path without symbolic links."""
    with suppress(OSError):  # a folder that cannot be listed may still be written to
        for found in os.scandir(place.parent):
            if found.name.startswith(_prefix(place)) and found.is_dir(follow_symlinks=False):
                _remove_if_left_over(Path(found.path))


def left_overs(place: Path) -> Iterator[Path]:
    """Yield the files that processes that are dead have left unfinished, somewhere below a folder."""
    for folder in place.rglob(".*.part-*"):
        if folder.is_dir() and not folder.is_symlink():
            with suppress(OSError), _abandoned(folder):
                files = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
                yield from sorted(files, key=lambda path: path.name == LOCK)


def _stat(path: str | Path) -> os.stat_result | None:
    """Return what is known of a file; None if there is none, or no folder for it."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _prefix(place: Path) -> str:
    name = os.fsencode(place.name)
    return f".{place.name if len(name) <= LONGEST else hashlib.sha256(name).hexdigest()}.part-"


def _new_folder(place: Path) -> tuple[Path, int]:
    """Return a new folder beside ``place``, and the file with its lock, which is held as long as the file is open.

    The name of the folder ends with the host, because the locks of some network file systems end at the machine.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(place), suffix=host_mark(), dir=place.parent))
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileNotFoundError:  # another process has just taken the folder for left over
            continue
        except BaseException:
            _remove(folder)
            raise
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # likewise
            os.close(lock)
            continue
        except OSError:  # a file system without locks: there nothing will be told left over
            return folder, lock
        if (folder / LOCK).exists():
            return folder, lock
        os.close(lock)  # likewise


def _remove_if_left_over(folder: Path) -> None:
    """Remove a folder of ``_new_folder`` if the process that made it is dead."""
    with suppress(OSError):
        try:
            with _abandoned(folder):
                _remove(folder)
        except FileNotFoundError:
            folder.rmdir()  # only if it is empty: otherwise it is not ours


@contextmanager
def _abandoned(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of ``_new_folder``.

    Raises:
        FileNotFoundError: if the folder has no lock.
        OSError: if the process that made it may be alive.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises as long as the process is alive
        changed = max(entry.stat(follow_symlinks=False).st_mtime for entry in os.scandir(folder))
        if not folder.name.endswith(host_mark()) and time.time() - changed <= SILENCE:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(folder))
        yield
    finally:
        os.close(lock)


def _remove(folder: Path) -> None:
    """Remove a folder and its files, the lock last, so that what an interruption leaves is still known as ours."""
    with suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name == LOCK):
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        folder.rmdir()


def host_mark() -> str:
    """Return the end of the names of folders that this machine makes."""
    return f"@{socket.gethostname()[:60]}"


def _take_over(earlier: os.stat_result, path: Path) -> None:
    """Give a file the group and the mode of the file that it is going to replace."""
    with suppress(OSError):  # a group that this user is not in
        os.chown(path, -1, earlier.st_gid)
    os.chmod(path, stat.S_IMODE(earlier.st_mode))


def _bring_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
