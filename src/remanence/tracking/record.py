"""``run.json``: what the folder of a run says about itself, readable without a database."""

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from remanence.errors import ConfigurationError
from remanence.tracking.database import check_version
from remanence.tracking.schema import VERSION

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
    """Seconds since the epoch at which this process took the run over."""
    schema_version: int = VERSION

    @classmethod
    def of_this_process(cls, run_id: str, status: str, tracking_uri: str) -> "Record":
        """Return the record of a run that this process owns."""
        return cls(run_id, status, tracking_uri, os.getpid(), socket.gethostname(), time.time())

    def write(self, folder: Path) -> None:
        """Write ``run.json``; it appears whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{FILE}.part"
        unfinished.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        os.replace(unfinished, folder / FILE)

    @property
    def is_alive(self) -> bool:
        """Whether the process that owns the run is still there, as far as this machine can tell."""
        if self.status != "RUNNING" or self.host != socket.gethostname():
            return False
        try:
            owner = psutil.Process(self.pid)
            # a process younger than the record only inherited the number
            return bool(owner.status() != psutil.STATUS_ZOMBIE and owner.create_time() <= self.started + 1.0)
        except psutil.Error:
            return False


def read_record(folder: Path) -> Record:
    """Read ``run.json``.

    Raises:
        ConfigurationError: if it is missing, damaged or of another schema version.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_version(values.get("schema_version"), str(path))
        return Record(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
