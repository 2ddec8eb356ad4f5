"""Finding what takes room under the outputs and is not needed: whatever is found can be removed without a loss."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from mlflow.entities import ViewType

from remanence.errors import ConfigurationError
from remanence.foundation.whole_file import left_overs
from remanence.tracking.address import without_secrets
from remanence.tracking.outbox import FILE as OUTBOX
from remanence.tracking.own_files import own_files
from remanence.tracking.record import FILE, Record, read_record
from remanence.tracking.relocation import moved_address
from remanence.tracking.search import ids, search

AGE = 3600.0
"""Seconds since its last change after which a temporary file is taken for that of a process that has died."""
COPIES = "checkpoints of finished runs, which their artifacts hold as well"
DELETED = "folders of deleted runs, whose artifacts remain"
ORPHANS = "folders of runs that are no more in the database"
LEFT_OVERS = "files that killed processes left half written"


@dataclass
class Findings:
    """What can be removed, and what is left alone."""

    files: dict[str, list[Path]] = field(default_factory=dict)
    """Reason to the files that can be removed."""
    left: Counter[str] = field(default_factory=Counter)
    """Reason to the number of runs whose files are left alone."""

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes for each reason."""
        return {reason: sum(path.stat().st_size for path in files) for reason, files in self.files.items()}


def find_unneeded(client: MlflowClient, uri: str, outputs: Path) -> Findings:
    """Return the files under the outputs that no run needs any more.

    Args:
        client: MLflow's client of the database.
        uri: address of the database.
        outputs: folder of all outputs.
    """
    known = known_runs(client)
    began = min(each.creation_time or 0 for each in client.search_experiments(view_type=ViewType.ALL)) / 1000
    found = Findings()
    for folder, record in run_folders(outputs):
        run = known.get(record.run_id)
        reason = why_left(folder, record, run, without_secrets(uri))
        if reason is not None:
            found.left[reason] += 1
        elif run is None and not _is_orphan(record, began, outputs):
            found.left["that the database has never known, or whose artifacts are still there"] += 1
        elif run is None or run.info.lifecycle_stage == "deleted":
            found.files.setdefault(ORPHANS if run is None else DELETED, []).extend(own_files(folder))
        elif run.info.status == "FINISHED":
            found.files.setdefault(COPIES, []).extend(_copies(client, run, folder))
    found.files[LEFT_OVERS] = list(_left_overs(outputs))
    found.files = {reason: files for reason, files in found.files.items() if files}
    return found


def known_runs(client: MlflowClient) -> dict[str, MlflowRun]:
    """Return id to run of every run in the database, deleted ones included."""
    experiments = ids(client.search_experiments(view_type=ViewType.ALL))
    return {run.info.run_id: run for run in search(client, "", experiments, ViewType.ALL)}


def run_folders(outputs: Path) -> Iterator[tuple[Path, Record]]:
    """Yield the folder of every run under the outputs, and its record."""
    for place in ("runs", "sweeps"):
        for path in sorted((outputs / place).rglob(FILE)):
            try:
                yield path.parent, read_record(path.parent)
            except ConfigurationError:  # damaged, or of another release: not ours to judge
                continue


def why_left(folder: Path, record: Record, run: MlflowRun | None, uri: str) -> str | None:
    """Return why the files of a run must be left alone; None if its files may be looked at.

    Args:
        folder: folder of the run.
        record: its ``run.json``.
        run: run in the database, deleted or not; None if the database does not know it.
        uri: address of the database, without secrets.
    """
    if (folder / FILE).stat().st_uid != os.getuid():
        return "of other users"
    if run is None and moved_address(record.tracking_uri, folder) != uri:
        return f"recorded in another database; tracking.uri={record.tracking_uri} names it"
    status = record.status if run is None else run.info.status
    if record.is_alive or "RUNNING" in (status, record.status):
        return "that run, or died and can be resumed"
    if (folder / OUTBOX).exists():
        return "with entries that the server has not received; remanence sync sends them"
    if run is not None and run.info.lifecycle_stage != "deleted" and status != "FINISHED":
        return "that can be resumed"
    return None


def _is_orphan(record: Record, began: float, outputs: Path) -> bool:
    """Return whether a run that the database does not know was removed from it for good, with its artifacts.

    The folder of any other run may be the last that is left of it: the database may be new, or an older copy.

    Args:
        record: ``run.json`` of the run.
        began: time at which the database was created, in seconds since 1970.
        outputs: folder of all outputs.
    """
    artifacts = (path for place in outputs.glob(f"artifacts/*/{record.run_id}") for path in place.rglob("*"))
    return record.started > began and not any(path.is_file() for path in artifacts)


def _copies(client: MlflowClient, run: MlflowRun, folder: Path) -> Iterator[Path]:
    """Yield the checkpoints of a run that its artifacts hold in the same size, if its model is logged."""
    mine = [path for path in own_files(folder) if path.parent.name == "checkpoints"]
    if not mine or not (run.outputs and run.outputs.model_outputs):
        return
    stored: Mapping[str, int | None] = {
        entry.path: entry.file_size for entry in client.list_artifacts(run.info.run_id, "checkpoints")
    }
    for path in mine:
        if stored.get(f"checkpoints/{path.name}") == path.stat().st_size:
            yield path


def _left_overs(outputs: Path) -> Iterator[Path]:
    """Yield what this user's processes left when they were killed: half-made databases, and half-written files."""
    for place in ("runs", "sweeps"):
        yield from (path for path in left_overs(outputs / place) if path.lstat().st_uid == os.getuid())
    # files of earlier releases, which say nothing of their process
    patterns = [outputs.glob("*.db.new-*"), *((outputs / place).rglob(".*.part") for place in ("runs", "sweeps"))]
    for path in sorted(path for found in patterns for path in found):
        about = path.lstat()
        is_own = path.is_file() and not path.is_symlink() and about.st_uid == os.getuid()
        if is_own and time.time() - about.st_mtime > AGE:
            yield path
