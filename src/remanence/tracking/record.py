"""``run.json``: identity and state of a run, in the run's folder, readable without a database."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from remanence.errors import ConfigurationError
from remanence.foundation.whole_file import write_text
from remanence.tracking.process import Owner
from remanence.tracking.version import VERSION, check_version

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
    machine: str = ""
    """See ``process.machine``; empty in the record of an earlier release."""

    @classmethod
    def of_this_process(cls, run_id: str, status: str, tracking_uri: str) -> "Record":
        """Return the record of a run that this process owns."""
        owner = Owner.this_process()
        return cls(run_id, status, tracking_uri, owner.pid, owner.host, owner.since, machine=owner.machine)

    def write(self, folder: Path) -> None:
        """Write ``run.json``; the file is written completely or not at all.

        Raises:
            OSError: if the disk is full; the error names the file, and an earlier ``run.json`` is unchanged.
        """
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / FILE, json.dumps(asdict(self), indent=2) + "\n")

    @property
    def owner(self) -> Owner:
        """The process that owns the run, or that owned it until the run ended."""
        return Owner(self.host, self.pid, self.started, self.machine)

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


def check_owned(folder: Path, run_id: str) -> None:
    """Refuse a folder that another run, or nobody that we know, has written, before anything is written into it.

    Raises:
        ConfigurationError: if the folder holds files, but no ``run.json`` of this run.
    """
    if (folder / FILE).is_file():
        found = read_record(folder).run_id
        if found != run_id:
            raise ConfigurationError(f"run {run_id}: {folder} is the folder of run {found}; nothing is written there")
    elif folder.is_dir() and any(each.suffix != ".jsonl" for each in folder.iterdir()):
        raise ConfigurationError(f"run {run_id}: {folder} has no {FILE}, so nobody knows whose it is; move it away")
