"""A SQLite database and the artifacts beside it are one thing: where they are moved or copied to, they belong together.

MLflow stores absolute addresses of artifacts, which name the place where an experiment was created.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from remanence.tracking.address import sqlite_path

ARTIFACTS = "artifacts"
"""Folder of the artifacts, in the folder of all outputs."""
PLACE_TAG = "remanence.artifacts"
"""Tag of an experiment: whether its artifacts lie ``beside`` the database, and move with it, or ``elsewhere``."""
BESIDE, ELSEWHERE = "beside", "elsewhere"
ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Tables of MLflow and their columns that hold addresses of artifacts."""
BUSY_SECONDS = 60
"""Seconds to wait for other writers of the database."""


def place_tag(database: Path | None, outputs: Path) -> dict[str, str]:
    """Return the tag of a new experiment; no tag if the database is no file, because then nothing can move with it."""
    if database is None:
        return {}
    return {PLACE_TAG: BESIDE if _is_same(home_of(database), outputs.absolute()) else ELSEWHERE}


def relocate(database: Path, home: Path | None = None) -> bool:
    """Let the addresses in a database name the artifacts beside it; return whether it had been moved or copied.

    Addresses of artifacts that never lay beside the database stay as they are. All addresses change in one
    transaction. Two names of one folder, as a link and what it leads to, are one place.

    Args:
        database: SQLite file of MLflow.
        home: folder of the artifacts and the database; given if ``database`` itself is a copy somewhere else.
    """
    home = home or home_of(database)
    connection = sqlite3.connect(f"file:{quote(str(database.absolute()))}?mode=rw", uri=True, timeout=BUSY_SECONDS)
    connection.isolation_level = None  # the transaction below is the only one
    with closing(connection):
        if not _former_homes(connection, home):
            return False
        connection.execute("BEGIN IMMEDIATE")  # nobody else writes from here on: what was read is read again
        for former in _former_homes(connection, home):
            before, after = f"{former}/{ARTIFACTS}/", f"{home.as_uri()}/{ARTIFACTS}/"
            for table, column in ADDRESSES:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                    (after, len(before) + 1, len(before), before),
                )
        connection.execute("COMMIT")
    return True


def moved_address(address: str, folder: Path) -> str:
    """Return the address of the database with which the outputs were moved or copied that a folder of a run lies in.

    Args:
        address: address that the run was recorded under.
        folder: folder of the run, as it is now.
    """
    path = sqlite_path(address)
    above = [] if path is None else [parent / path.name for parent in folder.absolute().parents]
    return next((f"sqlite:///{database}" for database in above if database.is_file()), address)


def artifact_folder(address: str) -> Path | None:
    """Return the folder on this machine that an address of artifacts names; None for any other address.

    >>> str(artifact_folder("file:///my%20data/artifacts"))
    '/my data/artifacts'
    """
    return Path(unquote(urlsplit(address).path)) if address.startswith("file:///") else None


def _former_homes(connection: sqlite3.Connection, home: Path) -> set[str]:
    """Return the addresses of folders in which the database has lain together with artifacts."""
    experiments = connection.execute(
        "SELECT experiments.experiment_id, artifact_location, value FROM experiments LEFT JOIN experiment_tags "
        "ON experiment_tags.experiment_id = experiments.experiment_id AND key = ?",
        (PLACE_TAG,),
    ).fetchall()
    former = set()
    for experiment, location, place in experiments:
        folder, _, name = str(location).rpartition(f"/{ARTIFACTS}/")
        there = artifact_folder(folder)
        if there is None or _is_same(there, home):
            continue
        if place == BESIDE or (place is None and _has_run_of(connection, experiment, home / ARTIFACTS / unquote(name))):
            former.add(folder)
    return former


def _has_run_of(connection: sqlite3.Connection, experiment: int, artifacts: Path) -> bool:
    """Return whether the artifacts of a run lie in a folder; experiments of earlier releases have no ``PLACE_TAG``."""
    runs = connection.execute("SELECT run_uuid FROM runs WHERE experiment_id = ?", (experiment,))
    return any((artifacts / run_id).is_dir() for (run_id,) in runs)


def home_of(database: Path) -> Path:
    """Return the folder of a database; that of the file itself if the path is a link to it."""
    return (database.resolve() if database.is_symlink() else database.absolute()).parent


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)  # by device and inode: a link and two mounts of one folder are one place
    except OSError:
        return one == other
