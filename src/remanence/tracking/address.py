"""The address of the tracking database, and the folder for everything that is written."""

import os
import re
from pathlib import Path

SECRET = "pass|pwd|token|secret|credential|api_?key|access_?key|odbc_connect"
"""Pattern of the names of those keys of an address that hold a secret."""


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


def without_secrets(text: str) -> str:
    """Return an address, or a text with addresses in it, without user names and passwords.

    The result may be stored and shown. A password may hold any character. Where it cannot be told where it ends, more
    is left out rather than less: all up to the last ``@`` before the end of the line or the next address.

    >>> without_secrets("https://me:secret@server/mlflow")
    'https://server/mlflow'
    >>> without_secrets("postgresql://me:a/b@c?d@server/mlflow?user=me&password=secret")
    'postgresql://server/mlflow?user=me&password=…'
    """
    return _masked(text, ".")


def argument_without_secrets(argument: str) -> str:
    """Return one argument of a command without secrets, in which a password may hold several lines.

    >>> argument_without_secrets("tracking.uri=mysql://me:it's mine@server/db")
    'tracking.uri=mysql://server/db'
    """
    return _masked(argument, "(?s:.)")


def _masked(text: str, inside: str) -> str:
    """Mask each address of a text; its password consists of characters that match ``inside``."""
    parts = re.split(r"(?i)(?=\b[a-z][a-z0-9+.\-]*://)", text)
    # a name and a password, or a name alone; what begins with a slash is a path, and a port may end an address
    login = rf"(?i)^([a-z][a-z0-9+.\-]*://)(?:[^\s/:]*:(?:(?!\d+(?:\s|$)){inside}*|\S*)|[^\s/]*)@"
    shown = "".join(re.sub(login, r"\1", part) for part in parts)
    return re.sub(rf"(?i)([?&;][^=&\s]*(?:{SECRET})[^=&\s]*=)[^&\s'\"]*", r"\1…", shown)
