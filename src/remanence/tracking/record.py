"""``run.json``: identity and state of a run, in the run's folder, readable without a database."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from remanence.errors import ConfigurationError
from remanence.tracking.database import check_version
from remanence.tracking.process import Owner
from remanence.tracking.version import VERSION

FILE = "run.json"


@dataclass
class Record:
    """Identity and state of a run."""

    run_id: str
    status: str
    tracking_uri: str
    """Without user name and password."""
    pid: int
    host: str
    started: float
    """Time at which this process took the run over, in seconds since 1970."""
    schema_version: int = VERSION

    @classmethod
    def of_this_process(cls, run_id: str, status: str, tracking_uri: str) -> "Record":
        """Return the record of a run that this process owns."""
        owner = Owner.this_process()
        return cls(run_id, status, tracking_uri, owner.pid, owner.host, owner.since)

    def write(self, folder: Path) -> None:
        """Write ``run.json``; the file is written completely or not at all.

        Raises:
            OSError: if the disk is full; the error names the file, and an earlier ``run.json`` is unchanged.
        """
        path, unfinished = folder / FILE, folder / f".{FILE}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
            os.replace(unfinished, path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise OSError(error.errno, error.strerror, str(path)) from error

    @property
    def owner(self) -> Owner:
        """The process that owns the run, or that owned it until the run ended."""
        return Owner(self.host, self.pid, self.started)

    @property
    def is_here(self) -> bool:
        """Whether the owner of the run is a process of this machine, where we can see whether it is alive."""
        return self.owner.is_here

    @property
    def is_alive(self) -> bool:
        """Whether the run is RUNNING and its owner is known to be alive, see ``Owner.is_alive``."""
        return self.status == "RUNNING" and self.owner.is_alive


def read_record(folder: Path) -> Record:
    """Read ``run.json``.

    Raises:
        ConfigurationError: if the file is missing, damaged or of another schema version.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_version(values.get("schema_version"), str(path))
        record = Record(**values)
        for name, kind in {
            "run_id": str,
            "status": str,
            "tracking_uri": str,
            "pid": int,
            "started": float | int,
        }.items():
            if not isinstance(getattr(record, name), kind):
                raise TypeError(f"{name} is {getattr(record, name)!r}")
        return record
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
