"""Folders that several people share: who may write there, and what the group may do with new files."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remanence.errors import ConfigurationError

GROUP = 0o070


def is_writable(path: Path) -> bool:
    """Return whether this user can write to a folder or file; for a path that does not exist, its folder counts."""
    there = _nearest(path)
    return os.access(there, os.W_OK | os.X_OK if there.is_dir() else os.W_OK)


def files_of(database: Path) -> list[Path]:
    """Return what a process must be able to write to if it changes a SQLite file."""
    beside = [database.with_name(database.name + ending) for ending in ("", "-wal", "-shm")]
    return [database.parent, *filter(Path.exists, beside)]


def may_change(database: Path) -> bool:
    """Return whether this user may change a SQLite file; otherwise it is read as a copy, see ``readable_copy``."""
    return all(map(is_writable, files_of(database)))


def check_writable(path: Path, key: str) -> None:
    """Refuse a folder or file that this user cannot write to, see ``is_writable``.

    Args:
        path: path of a folder or file.
        key: key that names the place, for the message.

    Raises:
        ConfigurationError: if this user cannot write there; it says to whom the place belongs.
    """
    if is_writable(path):
        return
    there = _nearest(path)
    about = there.stat()
    mode = stat.filemode(about.st_mode)
    me, user, group = _user(os.geteuid()), _user(about.st_uid), _group(about.st_gid)
    is_read_only = bool(os.statvfs(there).f_flag & os.ST_RDONLY)
    why = "lies on a file system that is mounted read-only" if is_read_only else f"cannot be written to by {me}"
    raise ConfigurationError(
        f"{key}: {there} belongs to {user}, group {group} ({mode}), and {why}; what is there can be looked "
        "at; to write, set REMANENCE_OUTPUTS=<a folder of your own>"
    )


def check_outputs(outputs: Path, *more: Path) -> None:
    """Refuse outputs in which this user cannot start a run, or resume one.

    Args:
        outputs: folder of all outputs.
        *more: folders in it that the run writes to.

    Raises:
        ConfigurationError: if a folder that holds runs cannot be written to.
    """
    for folder in (outputs, *(outputs / name for name in ("runs", "sweeps", "artifacts")), *more):
        check_writable(folder, "paths.outputs")


@contextmanager
def shared(outputs: Path) -> Iterator[None]:
    """Let the group write to the files that are made inside the block if it may write to ``outputs``.

    Without this, the umask of most people takes this permission from new files, and a colleague cannot resume a run.
    """
    if not _is_of_group(outputs):
        yield
        return
    before = os.umask(0)
    os.umask(before & ~GROUP)
    try:
        yield
    finally:
        os.umask(before)


def make_outputs(outputs: Path) -> None:
    """Make the folder of all outputs, or the folder of a database, if it is not there.

    Raises:
        ConfigurationError: if it cannot be made, because a file has its name or its file system takes no folders.
    """
    try:
        with shared(outputs):
            outputs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"paths.outputs: the folder {outputs} cannot be made: {error.strerror}; "
            "set REMANENCE_OUTPUTS=<a folder of your own>"
        ) from error


def as_others(path: Path) -> None:
    """Give a file the permissions of any new file, if what has written it was more careful than the user's umask."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(0o666 & ~umask)


def share_file(path: Path) -> None:
    """Let the group write to a file if it may write to its folder: SQLite creates its files without this permission.

    SQLite gives the files beside a database the permissions of the database.
    """
    if _is_of_group(path.parent) and path.stat().st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IRGRP | stat.S_IWGRP)


def _is_of_group(folder: Path) -> bool:
    """Return whether a group shares a folder, or the nearest one that exists; one like ``/tmp`` belongs to nobody."""
    mode = _nearest(folder).stat().st_mode
    return bool(mode & stat.S_IWGRP) and not mode & stat.S_ISVTX


def _nearest(path: Path) -> Path:
    """Return a path, or the nearest folder above it that exists."""
    return next(each for each in [path.absolute(), *path.absolute().parents] if each.exists())


def _user(number: int) -> str:
    """Return the name of a user, or the number where it has no name, as in a container."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
