"""Reading many runs straight from the tables of MLflow's database: a few queries, and MLflow is not imported."""

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, TextClause, bindparam, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from remanence.tracking.address import is_database, sqlite_path
from remanence.tracking.readable_copy import readable_copy
from remanence.tracking.relocation import relocate
from remanence.tracking.writable import may_change

SCHEMA = "dc11669786a5"
"""Version of MLflow's tables that is read here; a database of another version is read through MLflow."""
AT_ONCE = 500
"""Number of runs in one query; SQLite accepts some thousand values."""
NAMED = ("remanence.paper", "remanence.config", "remanence.sweep", "remanence.sweep_name")
"""Tags by which runs are asked for."""
Answer = TypeVar("Answer")


@dataclass
class StoredInfo:
    """Identity and state of a run, with the names of MLflow's ``RunInfo``."""

    run_id: str
    run_name: str
    status: str
    experiment_id: str
    start_time: int
    artifact_uri: str = ""


@dataclass
class StoredData:
    """What a run logged, with the names of MLflow's ``RunData``."""

    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class StoredRun:
    """A run as it is in the database; as far as it goes, it has the attributes of an MLflow run."""

    info: StoredInfo
    data: StoredData = field(default_factory=StoredData)
    datasets: list[tuple[str, str]] = field(default_factory=list)
    """Name and digest of each data set that the run read."""


def stored_runs(uri: str, wanted: str | None) -> list[StoredRun] | None:
    """Return the runs that ``search.tracked_runs`` finds, the oldest first.

    Returns:
        None if the address is no database, the database has tables of another version, or it cannot be read from here;
        then MLflow has to be asked.
    """
    return _asked(uri, lambda connection: _read(connection, _ids(connection, wanted)))


def stored_history(uri: str, ids: Sequence[str], key: str) -> dict[str, list[tuple[int, float]]] | None:
    """Return for each run the steps and finite values of a metric, by step; a run without the metric is left out.

    Args:
        uri: address of the database.
        ids: ids of the runs.
        key: name of the metric.

    Returns:
        None where ``stored_runs`` returns None.
    """
    query = "SELECT run_uuid, step, value FROM metrics WHERE key = :key AND is_nan = :is_nan AND run_uuid IN :ids"

    def read(connection: Connection) -> dict[str, list[tuple[int, float]]]:
        found: dict[str, dict[int, float]] = {}
        asked = _expanding(f"{query} ORDER BY step, timestamp", ids=ids)
        for run_id, step, value in connection.execute(asked, {"key": key, "is_nan": False, "ids": list(ids)}):
            found.setdefault(run_id, {})[step] = value
        return {run_id: list(points.items()) for run_id, points in found.items()}

    return _asked(uri, read)


def _asked(uri: str, read: Callable[[Connection], Answer]) -> Answer | None:
    """Return what a function reads from the database; None where MLflow has to be asked instead."""
    path = sqlite_path(uri)
    if not is_database(uri) or (path is not None and not path.is_file()):
        return None
    try:
        if path is not None and may_change(path):
            relocate(path)  # as whenever a database is opened, so that MLflow finds the artifacts, too
        elif path is not None:
            path = readable_copy(path)
        engine = create_engine(uri if path is None else f"sqlite:///file:{path.absolute()}?mode=ro&uri=true")
        with engine.connect() as connection:
            if connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() != [SCHEMA]:
                return None
            return read(connection)
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError, ValueError):  # of a port that is no number
        return None


def _ids(connection: Connection, wanted: str | None) -> list[str]:
    """Return the ids of the runs, the oldest first, by the rules of ``search.tracked_runs``."""
    if wanted is None:
        found = _column(connection, "SELECT run_uuid FROM tags WHERE key = 'remanence.config'")
    else:
        named = "SELECT run_uuid FROM tags WHERE key IN :keys AND value = :wanted"
        found = _column(connection, named, keys=NAMED, wanted=wanted)
        of_sweep = _column(connection, named, keys=NAMED[2:], wanted=wanted)
        of_sweep |= _column(connection, "SELECT run_uuid FROM runs WHERE name = :wanted", wanted=wanted)
        for parent in _active(connection, of_sweep & _parents(connection)):
            trials = "SELECT run_uuid FROM tags WHERE key = 'remanence.sweep' AND value = :parent"
            reused = "SELECT run_uuid FROM tags WHERE key = 'remanence.reused_by' AND value LIKE :pattern"
            found |= _column(connection, trials, parent=parent)
            found |= _column(connection, reused, pattern=f"%{parent}%")
    return _active(connection, found - _parents(connection))


def _parents(connection: Connection) -> set[str]:
    """Return the ids of the runs that group a sweep."""
    return _column(connection, "SELECT run_uuid FROM tags WHERE key = 'remanence.kind' AND value = 'sweep'")


def _active(connection: Connection, wanted: set[str]) -> list[str]:
    """Return those runs that are not deleted, nor is their experiment, the oldest first."""
    rows = connection.execute(
        text(
            "SELECT runs.run_uuid FROM runs JOIN experiments ON experiments.experiment_id = runs.experiment_id "
            "WHERE runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active' "
            "ORDER BY runs.start_time, runs.run_uuid"
        )
    )
    return [run_id for (run_id,) in rows if run_id in wanted]


def _read(connection: Connection, ids: Sequence[str]) -> list[StoredRun]:
    runs: dict[str, StoredRun] = {}
    shared: dict[str, str] = {}  # most runs have the same keys and values: each text is kept once
    for some in (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)):
        about = (
            "SELECT run_uuid, name, status, experiment_id, start_time, artifact_uri FROM runs WHERE run_uuid IN :ids"
        )
        for run_id, name, status, experiment, start, artifacts in _rows(connection, about, some):
            runs[run_id] = StoredRun(StoredInfo(run_id, name, status, str(experiment), start, artifacts or ""))
        for table in ("params", "tags"):
            query = f"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN :ids"
            for run_id, key, value in _rows(connection, query, some):
                kept: dict[str, str] = getattr(runs[run_id].data, table)
                kept[shared.setdefault(key, key)] = shared.setdefault(value, value)
        query = "SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE run_uuid IN :ids"
        for run_id, key, value, is_nan in _rows(connection, query, some):
            runs[run_id].data.metrics[shared.setdefault(key, key)] = math.nan if is_nan else value
        query = (
            "SELECT inputs.destination_id, datasets.name, datasets.digest FROM inputs "
            "JOIN datasets ON datasets.dataset_uuid = inputs.source_id "
            "WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN' AND inputs.destination_id IN :ids"
        )
        for run_id, name, digest in _rows(connection, query, some):
            runs[run_id].datasets.append((name, digest))
    return [runs[run_id] for run_id in ids]


def _rows(connection: Connection, query: str, ids: Sequence[str]) -> Iterator[Any]:
    return iter(connection.execute(_expanding(query, ids=ids), {"ids": list(ids)}))


def _column(connection: Connection, query: str, **values: Any) -> set[str]:
    return set(connection.execute(_expanding(query, **values), values).scalars())


def _expanding(query: str, **values: Any) -> TextClause:
    """Return a query in which each value that is a sequence stands for a list."""
    several = [name for name, value in values.items() if not isinstance(value, str)]
    return text(query).bindparams(*(bindparam(name, expanding=True) for name in several))
