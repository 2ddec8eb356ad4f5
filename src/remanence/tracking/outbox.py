"""Entries that could not be sent to MLflow yet, in order, in a file in the folder of the run."""

import json
import os
from pathlib import Path
from typing import Any

from remanence.errors import ConfigurationError
from remanence.tracking.paths_below import below

FILE = "outbox.jsonl"
DAMAGED = "outbox.damaged.jsonl"
ASIDE = "outbox.aside.jsonl"

Entry = dict[str, Any]


def _agree(params: list[list[str]], others: list[list[str]]) -> bool:
    """Return whether two lists of parameters give no parameter two values, which MLflow refuses."""
    known = dict(params)
    return all(known.get(key, value) == value for key, value in others)


class Outbox:
    """A queue that outlives its process: a file with one entry per line as plain JSON, the oldest first.

    The file keeps entries that were sent until all entries are sent, because to send an entry again changes nothing.
    For the same reason several processes may share a file, as the processes of a sweep do: no process removes or cuts
    what another process has written.

    A damaged line is left out, such as the last line of a process that was killed while it wrote, or a line that would
    send a file of another folder. ``damaged`` counts these lines. If there are any, the file is renamed and not removed
    once all other entries have been sent.

    Args:
        folder: folder of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.damaged = 0
        self._entries: list[Entry] = []
        self._sent = 0
        content = self.path.read_bytes() if self.path.is_file() else b""
        for line in content.splitlines():
            try:
                entry = json.loads(line)
                if not isinstance(entry, dict):
                    raise TypeError(f"expected an entry, got {type(entry).__name__}")
                if "path" in entry:  # what is sent is a file of this run, whoever wrote the line
                    below(folder, entry["path"], FILE)
            except (ValueError, TypeError, ConfigurationError):
                self.damaged += 1
            else:
                self._entries.append(entry)
        self._saved = len(self._entries), len(content)  # entries in the file; size of the file if nobody else writes

    def __len__(self) -> int:
        """Return how many entries wait."""
        return len(self._entries) - self._sent

    @property
    def first(self) -> Entry:
        """The oldest entry that waits."""
        return self._entries[self._sent]

    def last_status(self, run_id: str) -> str | None:
        """Return the status that the last entry about a run's status sets; None if no entry sets one."""
        changes = [entry for entry in self._entries if entry["call"] == "set_status" and entry["run_id"] == run_id]
        return changes[-1]["status"] if changes else None

    @property
    def is_on_disk(self) -> bool:
        """Whether the file holds any entry; then waiting entries are safe on the disk and must keep their order."""
        return self._saved[0] > 0

    def put(self, entry: Entry) -> None:
        """Add an entry; the next ``save`` writes it to the file."""
        self._entries.append(entry)

    def gather(self, entry: Entry) -> None:
        """Add an entry; metrics, parameters and tags go with those of the same run that wait already.

        A call of MLflow costs the same for one tag as for hundreds. What is in the file stays as it is there.
        """
        waiting = self._batch(entry["run_id"]) if entry["call"] == "log_batch" else None
        if waiting is None or not _agree(waiting["params"], entry["params"]):
            self.put(entry)
            return
        waiting["metrics"] += entry["metrics"]
        for kind in ("params", "tags"):
            waiting[kind] = [[*each] for each in {**dict(waiting[kind]), **dict(entry[kind])}.items()]

    def take_batch(self, run_id: str) -> Entry | None:
        """Remove and return the metrics, parameters and tags of a run to which others are gathered, if any wait."""
        if (waiting := self._batch(run_id)) is not None:
            self._entries = [entry for entry in self._entries if entry is not waiting]
        return waiting

    def _batch(self, run_id: str) -> Entry | None:
        """Return the last call that logs values of a run, if it is not in the file and no status is set after it."""
        for entry in reversed(self._entries[max(self._sent, self._saved[0]) :]):
            if entry["call"] == "set_status":
                return None
            if entry["call"] == "log_batch" and entry["run_id"] == run_id:
                return entry
        return None

    def take(self) -> None:
        """Remove the first entry from the queue; if it was the last one, remove the file as well."""
        self._sent += 1
        if not len(self):
            self.clear()

    def clear(self) -> None:
        """Remove all entries, and the file unless another process has written to it."""
        (_, size), damaged = self._saved, self.damaged
        self._entries, self._sent, self._saved, self.damaged = [], 0, (0, 0), 0
        if self.path.is_file() and self.path.stat().st_size == size:
            if damaged:
                os.replace(self.path, self.path.with_name(DAMAGED))
            else:
                self.path.unlink()

    def put_aside(self) -> None:
        """Keep the file under another name, unless another process has written to it: nobody must send its entries."""
        (number, size), self._entries, self._sent, self._saved = self._saved, [], 0, (0, 0)
        if number and self.path.is_file() and self.path.stat().st_size == size:
            os.replace(self.path, self.path.with_name(ASIDE))

    def save(self) -> None:
        """Append to the file the entries that it does not hold yet; when this returns, they are on the disk.

        Raises:
            OSError: if the disk is full; the error names the file, whose content is unchanged.
        """
        number, size = self._saved if self.path.is_file() else (self._sent, 0)
        lines = b"".join(json.dumps(entry).encode() + b"\n" for entry in self._entries[number:])
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b", buffering=0) as file:
            before = file.seek(0, os.SEEK_END)
            if before:
                file.seek(before - 1)
                lines = lines if file.read() == b"\n" else b"\n" + lines
            try:
                written = 0
                while written < len(lines):
                    written += file.write(lines[written:])
                os.fsync(file.fileno())
            except BaseException as error:  # an interruption as well must not leave half a line
                file.truncate(before)
                if isinstance(error, OSError):
                    message = f"{error.strerror}, and MLflow did not take what is kept there"
                    raise OSError(error.errno, message, str(self.path)) from error
                raise
        self._saved = len(self._entries), size + written
