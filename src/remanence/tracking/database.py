"""Opening the tracking database: it is created once, under a lock, and refused if another version wrote it."""

import glob
import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Experiment
from mlflow.exceptions import MlflowException
from mlflow.tracking._tracking_service import utils
from sqlalchemy import create_engine
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import NullPool

from remanence.errors import ConfigurationError
from remanence.foundation.causes import causes
from remanence.foundation.first_line import first_line
from remanence.foundation.imports import importing
from remanence.tracking.address import is_database, sqlite_path, without_secrets
from remanence.tracking.advised_command import advised_command
from remanence.tracking.paths_below import below
from remanence.tracking.patience import ServerAway, check_health, is_away, patiently, reason, tell
from remanence.tracking.readable_copy import readable_copy
from remanence.tracking.relocation import ARTIFACTS, artifact_folder, place_tag, relocate
from remanence.tracking.shared_file import identity, one_at_a_time, share
from remanence.tracking.version import VERSION, check_version
from remanence.tracking.writable import check_writable, files_of, make_outputs, may_change, share_file

T = TypeVar("T")

SCHEMA_TAG = "remanence.schema_version"


_OPENED: dict[str, tuple[int, int, int]] = {}
"""Address of the SQLite file that this process has opened last, to the process, device and inode."""


def connect(uri: str, *, patience: float = 0.0, aside: bool = False, again: bool = False) -> MlflowClient:
    """Return a client of an existing or new database; a new SQLite schema is created under a lock.

    Without the lock, several processes that open a new database at once crash in its migrations. A database that was
    moved or copied together with its artifacts names their old place, which is corrected here.

    Args:
        uri: address of the database or server.
        patience: seconds to wait for a server that does not answer. The default 0 is for the first contact of a
            command, where the address is more likely wrong; the runs of a sweep know that the address was right.
        aside: leave MLflow's global tracking address as it is, because a run in another thread may use it.
        again: whether the checks of a file may be left out if it is the one that this process has opened last, as the
            trials of a sweep do one after another.

    Raises:
        ConfigurationError: if the server does not answer, or the database cannot be opened by this version of MLflow,
            or this user cannot write to it.
    """
    path = sqlite_path(uri)
    if again and path is not None and path.exists() and _OPENED.get(uri) == identity(path):
        _make_global(uri)
        return MlflowClient(uri)
    _OPENED.clear()
    if path is not None:
        for place in files_of(path):
            check_writable(place, "tracking.uri")
        if not path.exists():
            make_outputs(path.parent)
            with one_at_a_time(path), _in_one_line(uri):
                if not path.exists():
                    _make(path)
        elif not path.stat().st_size:  # MLflow would take it for a new one
            raise ConfigurationError(f"tracking.uri: {path}: is damaged: it is empty; bring back a copy or remove it")
    client = _client(uri, patience=patience, aside=aside)
    if path is not None:
        share(path)
        relocate(path)
        if not aside:
            _OPENED[uri] = identity(path)
    return client


def damaged_database(error: BaseException, path: Path | None = None) -> ConfigurationError | None:
    """Return the error of a damaged SQLite file for what a library raised; None if it is something else."""
    for cause in causes(error):
        if isinstance(cause, sqlite3.DatabaseError) and re.search("malformed|not a database", str(cause)):
            where = path or "a database"
            return ConfigurationError(f"tracking.uri: {where}: is damaged: {cause}; bring back a copy")
    return None


def open_existing(uri: str, *, aside: bool = False, to_change: bool = False) -> MlflowClient:
    """Return a client of an existing database; a command that looks for a run must not create one.

    A database that this user cannot write to is read as a copy, see ``readable_copy``.

    Args:
        uri: address of the database or server.
        aside: leave MLflow's global tracking address as it is, see ``connect``.
        to_change: whether something will be changed in the database, so that a copy is refused.

    Raises:
        ConfigurationError: if there is no database at this address, or for the reasons that ``connect`` names.
    """
    path = sqlite_path(uri)
    if path is not None and not path.is_file():
        raise ConfigurationError(
            f"tracking.uri: there are no runs at {uri}; tracking.uri=… or REMANENCE_OUTPUTS names another place"
        )
    if path is None or to_change or may_change(path):
        return connect(uri, aside=aside)
    _OPENED.clear()
    return _client(f"sqlite:///{_copy(path)}", aside=aside)


def _copy(path: Path) -> Path:
    try:
        return readable_copy(path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"tracking.uri: cannot read {path}: {first_line(error)}") from error


def _client(uri: str, *, patience: float = 0.0, aside: bool = False) -> MlflowClient:
    """Return a client of a database that is there, or of a server."""
    if not aside:
        _make_global(uri)
    # MLflow keeps the place of a run's artifacts by the id of the run, which copies of a database share
    getattr(utils, "_artifact_repos_cache", {}).clear()
    with _in_one_line(uri), importing():  # MLflow imports its database modules only when it opens a database
        return reach(lambda: _open(uri), uri, patience)


def _make_global(uri: str) -> None:
    with _kept("MLFLOW_TRACKING_URI"):
        mlflow.set_tracking_uri(uri)  # logging a model has no other way to learn the address


@contextmanager
def _in_one_line(uri: str) -> Iterator[None]:
    try:
        yield
    except (MlflowException, DatabaseError) as error:
        if (damaged := damaged_database(error, sqlite_path(uri))) is not None:
            raise damaged from error
        why = without_secrets(first_line(error))
        raise ConfigurationError(f"tracking.uri: cannot open {without_secrets(uri)}: {why}") from error


def reach(call: Callable[[], T], uri: str, patience: float) -> T:
    """Return what ``call`` returns; while the server does not answer, try again for ``patience`` seconds.

    Raises:
        ServerAway: if the server does not answer within this time.
    """
    try:
        return patiently(call, uri, patience)
    except Exception as error:
        if not is_away(error):
            raise
        raise ServerAway(f"tracking.uri: {without_secrets(uri)} does not answer: {reason(error)}") from error


def open_experiment(client: MlflowClient, uri: str, name: str, outputs: Path) -> str:
    """Return the id of the MLflow experiment ``name``; create the experiment if there is none.

    Raises:
        ConfigurationError: if another version of remanence wrote the experiment, or the experiment is deleted.
    """
    path = sqlite_path(uri)
    folder = below(outputs.absolute() / ARTIFACTS, name, "experiment")
    with one_at_a_time(path) if path is not None else nullcontext():
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            # an absolute artifact location, because MLflow's default is relative to the working directory
            location = folder.as_uri() if is_database(uri) else None
            tags = {SCHEMA_TAG: str(VERSION), **place_tag(path, outputs)}
            try:
                return str(client.create_experiment(name, location, tags=tags))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
                experiment = client.get_experiment_by_name(name)  # another process has just created it on the server
    return usable_experiment(experiment, uri, outputs)


def usable_experiment(experiment: Experiment, uri: str, outputs: Path) -> str:
    """Return the id of an MLflow experiment in which a run can be started.

    Raises:
        ConfigurationError: if another version of remanence wrote the experiment, or the experiment is deleted.
    """
    name = experiment.name
    check_version(experiment.tags.get(SCHEMA_TAG), f"MLflow experiment '{name}' in {without_secrets(uri)}")
    if experiment.lifecycle_stage == "deleted":
        command = advised_command("restore", name, uri=without_secrets(uri), outputs=outputs)
        raise ConfigurationError(f"MLflow experiment '{name}' is deleted; `{command}` brings it back with its runs")
    there = artifact_folder(experiment.artifact_location)
    if there is not None and not there.exists() and not there.is_relative_to(outputs.absolute()):
        tell(f"artifacts of experiment '{name}' go to {there}, as its database {without_secrets(uri)} says")
    return str(experiment.experiment_id)


def _make(path: Path) -> None:
    """Create a database beside ``path``, then move it there: MLflow cannot open a database that is half created."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.new-*"):
        if re.fullmatch(r"\.new-[0-9a-f]{32}(-wal|-shm|-journal)?", left.name.removeprefix(path.name)):
            left.unlink()
    new = path.with_name(f"{path.name}.new-{uuid4().hex}")  # a new name, because MLflow caches connections by name
    _open(f"sqlite:///{new}")
    share_file(new)
    os.replace(new, path)


def _open(uri: str) -> MlflowClient:
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # our callers report an error in one line
    check_health(uri)
    if is_database(uri) and sqlite_path(uri) is None:
        _connect_once(uri)
    client = MlflowClient(uri)
    client.search_experiments(max_results=1)  # MLflow opens the database only at the first call
    return client


def _connect_once(uri: str) -> None:
    """Connect without a second try: MLflow tries ten times, which takes 102 s where nobody answers."""
    try:
        engine = create_engine(uri, poolclass=NullPool)
    except (ArgumentError, ValueError, ImportError) as error:  # of a port that is no number; of a missing driver
        why = without_secrets(first_line(error))
        raise ConfigurationError(f"tracking.uri: cannot open {without_secrets(uri)}: {why}") from None
    with engine.connect():
        pass


@contextmanager
def _kept(variable: str) -> Iterator[None]:
    """Restore an environment variable after the block.

    MLflow exports its tracking address; without this, ``tracking_uri`` would take the exported address for the user's.
    """
    before = os.environ.get(variable)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = before
