"""Where the database is."""

import os
import re
from pathlib import Path


def tracking_uri(configured: str | None, outputs: str | Path) -> str:
    """Return the MLflow address: the configured one, else MLFLOW_TRACKING_URI, else SQLite under ``outputs``.

    The default is absolute, so that runs do not scatter over working directories.
    """
    return configured or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path(outputs).absolute()}/mlflow.db"


def default_outputs() -> Path:
    """Return the folder for everything written: ``REMANENCE_OUTPUTS``, by default ``outputs`` here."""
    return Path(os.environ.get("REMANENCE_OUTPUTS") or "outputs")


def sqlite_path(uri: str) -> Path | None:
    """Return the file behind a SQLite address, None for any other.

    >>> str(sqlite_path("sqlite:////data/mlflow.db"))
    '/data/mlflow.db'
    """
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def is_database(uri: str) -> bool:
    """Return whether runs are written to a database itself, so that nobody else says where their files go.

    >>> is_database("postgresql+psycopg2://server/mlflow"), is_database("http://server")
    (True, False)
    """
    return uri.startswith(("sqlite:", "postgresql", "mysql", "mssql"))


def without_secrets(uri: str) -> str:
    """Return the address, or a command line that holds it, without user name and password, fit to be stored.

    >>> without_secrets("https://me:secret@server/mlflow")
    'https://server/mlflow'
    >>> without_secrets("postgresql://server/mlflow?user=me&password=secret")
    'postgresql://server/mlflow?user=me&password=…'
    """
    uri = re.sub(r"//[^/\s]*@", "//", uri)
    return re.sub(r"(?i)([?&][^=&\s]*(?:password|token|secret)[^=&\s]*=)[^&\s']*", r"\1…", uri)
