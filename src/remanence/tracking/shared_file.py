"""A SQLite file that many processes write to."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock

from remanence.tracking.writable import shared

NETWORK_DISKS = ("nfs", "cifs", "smb", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "afs", "9p", "fuse")


def share(path: Path) -> None:
    """Switch a SQLite file to write-ahead logging (WAL), so that processes can write while others read.

    Eight processes then log two to three times as many points per second. The file keeps this setting. WAL needs
    memory that the processes share, and would damage a file on a network disk; there the file is left as it is.
    """
    mounts = [mount for mount in psutil.disk_partitions(all=True) if path.absolute().is_relative_to(mount.mountpoint)]
    here = max(mounts, key=lambda mount: len(mount.mountpoint), default=None)
    if here is not None and here.fstype.startswith(NETWORK_DISKS):
        return
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path, timeout=1)) as database:
        database.execute("PRAGMA journal_mode=WAL")  # refused while a process of an older release uses the file


def identity(path: Path) -> tuple[int, int, int]:
    """Return what tells a file from another of its name, and this process from the one that it was forked from."""
    about = path.stat()
    return os.getpid(), about.st_dev, about.st_ino


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let no other process into the block that has named the same SQLite file."""
    with shared(path.parent), FileLock(f"{path}.lock"):
        yield
