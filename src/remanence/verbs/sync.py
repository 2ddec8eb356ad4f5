"""``remanence sync <run folder>``: send what a server missed while it did not answer."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from remanence.configuration.arguments import split
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console

CREDENTIALS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
"""Environment variables that MLflow sends to a server; a run's folder, which may be somebody else's, names none."""

if TYPE_CHECKING:
    from remanence.tracking.client import RunClient


def main(arguments: list[str]) -> int:
    """Send the waiting entries in the folder of each run, by default to the server on which the run was recorded."""
    addresses = [split(argument)[1] for argument in arguments if argument.startswith("tracking.uri=")]
    folders = [argument for argument in arguments if not argument.startswith("tracking.uri=")]
    if not folders or len(addresses) > 1:
        raise ConfigurationError("sync: name the folder of a run: remanence sync <run folder> [tracking.uri=…]")
    for folder in folders:
        console.print(sync(Path(folder).absolute(), addresses[0] if addresses else None))
    return 0


def sync(folder: Path, address: str | None = None) -> str:
    """Send the outbox of a run that has ended, in order, and return a line that says what was done.

    Entries that have already arrived are sent again without effect, so this may be interrupted and repeated.

    Args:
        folder: folder of the run.
        address: address of the server; None takes MLFLOW_TRACKING_URI, else the address in ``run.json``.

    Raises:
        ConfigurationError: if the folder is not the folder of a run, if the process of the run still runs, or if the
            server does not answer or does not have the run.
        TrackingLost: if the server stops answering again, or refuses an entry.
    """
    if not (folder / "run.json").is_file():
        raise ConfigurationError(f"sync: {folder} is not the folder of a run: it has no run.json")
    from remanence.tracking.outbox import Outbox
    from remanence.tracking.record import read_record
    from remanence.tracking.relocation import moved_address

    record = read_record(folder)
    if record.is_alive:
        raise ConfigurationError(f"sync: run {record.run_id} still runs as process {record.pid}, which sends by itself")
    outbox = Outbox(folder)
    number, damaged = len(outbox), f"; {outbox.damaged} damaged, left out and kept" if outbox.damaged else ""
    if not number:
        return f"run {record.run_id}: nothing to send{damaged}"
    uri = address or os.environ.get("MLFLOW_TRACKING_URI") or moved_address(record.tracking_uri, folder)
    is_named = not address and not os.environ.get("MLFLOW_TRACKING_URI")
    if is_named and uri.startswith("http") and set(CREDENTIALS) & os.environ.keys():
        raise ConfigurationError(
            f"sync: run.json names the server {uri}, which would get your password; if it may, add tracking.uri={uri}"
        )
    client, shown = _client(folder, record.run_id, uri)
    queued = outbox.last_status(record.run_id)
    status = record.status if queued in (None, "RUNNING") else queued
    if status == "RUNNING" and record.is_here:
        status = "KILLED"  # the process of the run was killed before it could write this down
    if status not in ("RUNNING", queued):
        client.set_terminated(record.run_id, status=status)
    client.settle(0)
    replace(record, status=status, tracking_uri=shown).write(folder)
    return f"run {record.run_id}: sent {number} entries to {shown}, {status}{damaged}"


def _client(folder: Path, run_id: str, uri: str) -> tuple["RunClient", str]:
    """Return a client of the run, and the address of the server without secrets."""
    from remanence.tracking.address import without_secrets
    from remanence.tracking.client import RunClient
    from remanence.tracking.database import open_existing
    from remanence.tracking.search import find_run

    shown = without_secrets(uri)
    database = open_existing(uri)
    try:
        find_run(database, run_id, shown)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"sync: {error}; nothing was sent, and {folder} stays as it is; tracking.uri=… names another server"
        ) from error
    return RunClient(database, folder, uri=shown), shown
