"""The database of the studies."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import RDBStorage
from optuna.storages._rdb.models import TrialModel, TrialUserAttributeModel, VersionInfoModel
from optuna.trial import TrialState
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from remanence.errors import ConfigurationError
from remanence.foundation.first_line import first_line
from remanence.tracking.address import sqlite_path, without_secrets
from remanence.tracking.clock import engine
from remanence.tracking.shared_file import identity, one_at_a_time, share
from remanence.tracking.writable import check_writable, files_of, share_file, shared

BUSY_SECONDS = 60
"""Seconds for which a writer waits for other writers of a SQLite file."""
SERVER = {"pool_pre_ping": True}
"""Options of SQLAlchemy for a server: a connection that a restart of the server has cut is opened again."""
FIRST_CONTACTS = 10
"""Number of tries, half a second apart, to open a server's database while other processes create its tables."""

_OPENED: dict[str, tuple[tuple[int, int, int], RDBStorage]] = {}
"""Address of the SQLite file of studies that this process has opened last, to its identity and the storage."""


def study_url(configured: str | None, outputs: str | Path) -> str:
    """Return the address of the database: the configured one, else REMANENCE_STORAGE, else SQLite under ``outputs``."""
    return configured or os.environ.get("REMANENCE_STORAGE") or f"sqlite:///{Path(outputs).absolute()}/sweeps.db"


@contextmanager
def study_lock(url: str) -> Iterator[None]:
    """Let no other process take trials inside the block.

    The lock is a file beside a SQLite file, or a locked row in a table of a server.
    """
    path = sqlite_path(url)
    if path is not None:
        with one_at_a_time(path):
            yield
    else:
        with engine(url).begin() as connection:
            connection.execute(select(VersionInfoModel.version_info_id).with_for_update())
            yield


def open_storage(url: str) -> RDBStorage:
    """Open the database of studies at an address; several processes may open it at the same time.

    Raises:
        ConfigurationError: if the database cannot be opened.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path = sqlite_path(url)
    try:
        if path is None:
            return _open_server(url)
        for place in files_of(path):
            check_writable(place, "sweep.storage")
        if path.exists() and (known := _OPENED.get(url)) is not None and known[0] == identity(path):
            return known[1]  # as the trials of a sweep do, one after another
        with shared(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        with study_lock(url):  # without the lock, several processes that create the tables at once fail
            if not path.exists():
                share(path)
                share_file(path)
            storage = RDBStorage(url, engine_kwargs={"connect_args": {"timeout": BUSY_SECONDS}})
        _OPENED.clear()
        _OPENED[url] = identity(path), storage
        return storage
    except (SQLAlchemyError, ImportError, RuntimeError, sqlite3.Error, OSError) as error:
        reason = without_secrets(first_line(error))
        raise ConfigurationError(f"sweep.storage: cannot open {without_secrets(url)}: {reason}") from error


def trial_states(storage: RDBStorage, study_id: int) -> dict[int, TrialState]:
    """Return the state of each trial of a study by its number; Optuna would read all about each trial."""
    with Session(storage.engine) as session:
        found = session.execute(select(TrialModel.number, TrialModel.state).where(TrialModel.study_id == study_id))
        return {int(number): state for number, state in found}


def set_attributes(storage: RDBStorage, trial_id: int, about: Mapping[str, Any]) -> TrialState:
    """Set attributes of a trial in one transaction, where Optuna takes one for each, and return its state.

    Raises:
        UpdateFinishedTrialError: if the trial has ended.
    """
    try:
        with Session(storage.engine) as session, session.begin():
            found: Any = TrialModel.find_or_raise_by_id(trial_id, session)  # SQLAlchemy does not type what columns hold
            state: TrialState = found.state
            storage.check_trial_is_updatable(trial_id, state)
            stored = TrialUserAttributeModel.where_trial_id(trial_id, session)
            known: dict[str, Any] = {str(each.key): each for each in stored}
            texts = {key: json.dumps(value) for key, value in about.items()}
            for key in known.keys() & texts.keys():
                known[key].value_json = texts[key]
            new = [{"trial_id": trial_id, "key": key, "value_json": texts[key]} for key in texts if key not in known]
            if new:
                session.execute(insert(TrialUserAttributeModel), new)
    except IntegrityError:  # another process has just set one of them for the first time
        for key, value in about.items():
            storage.set_trial_user_attr(trial_id, key, value)
    return state


def _open_server(url: str) -> RDBStorage:
    """Open a database on a server, in several tries.

    If several machines find the database empty and create its tables at once, all but one are refused at first.
    """
    for _ in range(FIRST_CONTACTS):
        try:
            return RDBStorage(url, engine_kwargs=SERVER)
        except (IntegrityError, ProgrammingError):
            time.sleep(0.5)
    return RDBStorage(url, engine_kwargs=SERVER)
