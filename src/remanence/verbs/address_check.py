"""Whether the place where runs are recorded answers."""

import os
import sqlite3
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from remanence.foundation.first_line import first_line
from remanence.tracking.address import sqlite_path, without_secrets
from remanence.tracking.writable import may_change
from remanence.verbs.checkup import NOT_YET, Check

PATIENCE = 5.0
"""Seconds to wait for a server."""
NAME = "tracking"


def tracking(uri: str) -> Check:
    """Return the address of the runs, and whether it answers.

    Args:
        uri: address of a SQLite file, of a server or of another database.
    """
    shown, path = without_secrets(uri), sqlite_path(uri)
    if path is not None:
        return _file(path, shown)
    return _server(uri, shown) if uri.startswith(("http://", "https://")) else _database(uri, shown)


def _file(path: Path, shown: str) -> Check:
    if not path.exists():
        return Check(NAME, f"{shown}{NOT_YET}")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE)) as database:
            number = database.execute("select count(*) from runs").fetchone()[0]
    except sqlite3.Error as error:
        advice = "put a copy of it back, or move it away: the next run makes a new one, and run folders stay"
        return Check(NAME, shown, f"cannot be read: {error}", advice)
    found = f"{shown}, answers, {number} runs"
    if may_change(path):
        return Check(NAME, found)
    advice = "runs can be looked at; to train, set REMANENCE_OUTPUTS=<a folder of your own>"
    return Check(NAME, found, "cannot be written to", advice)


def _server(uri: str, shown: str) -> Check:
    try:
        with urllib.request.urlopen(_health(uri), timeout=PATIENCE):
            return Check(NAME, f"{shown}, answers")
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            advice = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            return Check(NAME, shown, f"answers, and wants a name and a password ({error.code})", advice)
        return Check(NAME, shown, f"answers {error.code}: no MLflow server", "see whether the address is right")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        advice = "start it (mlflow server --workers 1), or leave tracking.uri and MLFLOW_TRACKING_URI out for a file"
        return Check(NAME, shown, f"does not answer: {without_secrets(str(reason))}", advice)


def _health(uri: str) -> urllib.request.Request:
    """Return the request for MLflow's page of its health, with the name and password of the address or of MLflow."""
    parts = urlsplit(uri)
    name = parts.username or os.environ.get("MLFLOW_TRACKING_USERNAME")
    password = parts.password or os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
    place = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(f"{parts.scheme}://{place}{parts.path.rstrip('/')}/health")
    if name:
        request.add_header("Authorization", "Basic " + b64encode(f"{name}:{password}".encode()).decode())
    return request


def _database(uri: str, shown: str) -> Check:
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(uri)
        with engine.connect():
            return Check(NAME, f"{shown}, answers")
    except Exception as error:  # drivers raise errors of their own, or are not installed
        return Check(
            NAME,
            shown,
            f"does not answer: {without_secrets(first_line(error))}",
            "see whether it runs, and the address",
        )
