"""A SQLite file that many processes write to."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psutil

NETWORK_DISKS = ("nfs", "cifs", "smb", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "afs", "9p", "fuse")


def share(path: Path) -> None:
    """Let processes write to a SQLite file while others read: two to three times the points per second of eight.

    The file remembers it. It needs memory that the processes share, so on the disk of a network it would be damaged.
    """
    mounts = [mount for mount in psutil.disk_partitions(all=True) if path.absolute().is_relative_to(mount.mountpoint)]
    here = max(mounts, key=lambda mount: len(mount.mountpoint), default=None)
    if here is not None and here.fstype.startswith(NETWORK_DISKS):
        return
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path, timeout=1)) as database:
        database.execute("PRAGMA journal_mode=WAL")  # refused while a process of an older release uses the file
