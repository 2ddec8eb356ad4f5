"""A copy of a database that may only be read, so that MLflow, which always wants to write, can open it."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from remanence.foundation.temporary_folder import temporary_folder
from remanence.tracking.relocation import home_of, relocate


def readable_copy(database: Path) -> Path:
    """Return a copy of a SQLite file of MLflow in the temporary folder, whose addresses name the artifacts beside it.

    The copy is that of now: if the file has changed since the last call, it is copied again. The copies are removed
    at the end of the process; those of a killed process by the next one that makes a copy.
    """
    states = [path.stat() for path in (database, _beside(database, "-wal")) if path.exists()]
    state = tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in states)
    return Path(_copied(database.absolute(), state).name) / database.name


@lru_cache(maxsize=16)
def _copied(database: Path, state: tuple[tuple[int, int, int], ...]) -> "tempfile.TemporaryDirectory[str]":
    """Return the folder of a copy, which is removed when nobody holds the returned object any more."""
    folder = temporary_folder()
    copy = Path(folder.name) / database.name
    try:
        _back_up(database, copy)
    except sqlite3.OperationalError:  # write-ahead logging without its shared memory: nobody has the file open
        copy.unlink(missing_ok=True)
        for ending in ("", "-wal"):
            if _beside(database, ending).exists():
                shutil.copyfile(_beside(database, ending), _beside(copy, ending))
    relocate(copy, home_of(database))
    return folder


def _back_up(database: Path, copy: Path) -> None:
    """Copy a database that another process may be writing to at this moment."""
    with (
        closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(database.name + ending)
