"""Opening the tracking database: made once, under a lock, and refused if another version wrote it."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import mlflow
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from remanence.errors import ConfigurationError
from remanence.tracking.address import sqlite_path, without_secrets
from remanence.tracking.schema import VERSION

SCHEMA_TAG = "remanence.schema_version"


def connect(uri: str) -> MlflowClient:
    """Return a client of an existing or new database; a fresh SQLite schema is made under a lock.

    Several processes that open a fresh database at once crash in its migrations.

    Raises:
        ConfigurationError: if the database cannot be opened by this version of MLflow.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    with _kept("MLFLOW_TRACKING_URI"):
        mlflow.set_tracking_uri(uri)  # logging a model has no other way to learn the address
    path = sqlite_path(uri)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(f"{path}.lock") if path is not None else nullcontext():
            client = MlflowClient(uri)
            client.search_experiments(max_results=1)  # the store is opened at the first call
            return client
    except MlflowException as error:
        reason = without_secrets(_first_line(error))
        raise ConfigurationError(f"tracking.uri: cannot open {without_secrets(uri)}: {reason}") from error


def open_experiment(client: MlflowClient, uri: str, name: str, outputs: Path) -> str:
    """Return the id of the MLflow experiment ``name``, made if it is not there.

    Raises:
        ConfigurationError: if another version of remanence wrote it.
    """
    path = sqlite_path(uri)
    with FileLock(f"{path}.lock") if path is not None else nullcontext():
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            # explicit and absolute: MLflow's default is relative to the working directory
            location = (outputs.absolute() / "artifacts" / name).as_uri() if path is not None else None
            return str(client.create_experiment(name, location, tags={SCHEMA_TAG: str(VERSION)}))
    check_version(experiment.tags.get(SCHEMA_TAG), f"MLflow experiment '{name}' in {without_secrets(uri)}")
    if experiment.lifecycle_stage == "deleted":
        raise ConfigurationError(f"MLflow experiment '{name}' is deleted; restore it in the UI or with `mlflow gc`")
    return str(experiment.experiment_id)


def check_version(found: object, where: str) -> None:
    """Raise ConfigurationError unless ``found`` is the schema version that this package writes."""
    if found is None:
        raise ConfigurationError(f"{where} was not written by remanence; move it or set paths.outputs=<new folder>")
    if str(found) != str(VERSION):
        raise ConfigurationError(
            f"{where} has schema version {found}, this remanence reads version {VERSION}; "
            "use the release that wrote it, or set paths.outputs=<new folder>"
        )


@contextmanager
def _kept(variable: str) -> Iterator[None]:
    """Undo what the block does to an environment variable: MLflow exports its address, which would become ours."""
    before = os.environ.get(variable)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = before


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
