"""The address of the tracking database, and the folder for everything that is written."""

import os
import re
from pathlib import Path


def tracking_uri(configured: str | None, outputs: str | Path) -> str:
    """Return the MLflow address: the configured one, else MLFLOW_TRACKING_URI, else SQLite under ``outputs``.

    The default path is absolute, so that runs from different working directories end up in one database.
    """
    return configured or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path(outputs).absolute()}/mlflow.db"


def default_outputs() -> Path:
    """Return the folder for everything written: ``REMANENCE_OUTPUTS``, else ``outputs`` in the working directory."""
    return Path(os.environ.get("REMANENCE_OUTPUTS") or "outputs")


def sqlite_path(uri: str) -> Path | None:
    """Return the path of the file that a SQLite address names; None for an address of any other kind.

    >>> str(sqlite_path("sqlite:////data/mlflow.db"))
    '/data/mlflow.db'
    """
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def is_database(uri: str) -> bool:
    """Return whether runs are written to the database directly; then no server decides where artifacts are stored.

    >>> is_database("postgresql+psycopg2://server/mlflow"), is_database("http://server")
    (True, False)
    """
    return uri.startswith(("sqlite:", "postgresql", "mysql", "mssql"))


def without_secrets(uri: str) -> str:
    """Return an address, or a command line with an address in it, without user names and passwords.

    The result may be stored and shown.

    >>> without_secrets("https://me:secret@server/mlflow")
    'https://server/mlflow'
    >>> without_secrets("postgresql://server/mlflow?user=me&password=secret")
    'postgresql://server/mlflow?user=me&password=…'
    """
    uri = re.sub(r"//[^/\s]*@", "//", uri)
    return re.sub(r"(?i)([?&][^=&\s]*(?:password|token|secret)[^=&\s]*=)[^&\s']*", r"\1…", uri)
