"""What could not be sent to MLflow yet, in order, in a file beside the run's other files."""

import json
import os
from pathlib import Path
from typing import Any

FILE = "outbox.jsonl"
DAMAGED = "outbox.damaged.jsonl"

Entry = dict[str, Any]


class Outbox:
    """A queue that outlives its process: one entry a line, the oldest first, as plain JSON.

    The file keeps what was sent until all is: sending an entry again changes nothing. For the same reason several
    processes may share a file, as those of one sweep do: none removes or cuts what another has written.

    A line that is damaged, as the last one of a process that was killed while it wrote, is left out; ``damaged``
    counts them, and the file is kept under another name when the rest has been sent.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.damaged = 0
        self._entries: list[Entry] = []
        self._sent = 0
        content = self.path.read_bytes() if self.path.is_file() else b""
        for line in content.splitlines():
            try:
                self._entries.append(json.loads(line))
            except ValueError:
                self.damaged += 1
        self._saved = len(self._entries), len(content)  # entries in the file, and its size if nobody else writes

    def __len__(self) -> int:
        """Return how many entries wait."""
        return len(self._entries) - self._sent

    @property
    def first(self) -> Entry:
        """The oldest entry that waits."""
        return self._entries[self._sent]

    def last_status(self, run_id: str) -> str | None:
        """Return the status that a run has after the last entry, None if none changes it."""
        changes = [entry for entry in self._entries if entry["call"] == "set_status" and entry["run_id"] == run_id]
        return changes[-1]["status"] if changes else None

    @property
    def is_on_disk(self) -> bool:
        """Whether the file holds any entry, so that what waits is safe and must keep its order."""
        return self._saved[0] > 0

    def put(self, entry: Entry) -> None:
        """Add an entry, to the file with the next ``save``."""
        self._entries.append(entry)

    def take(self) -> None:
        """Forget the first entry; with the last one the file goes."""
        self._sent += 1
        if not len(self):
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        (_, size), damaged = self._saved, self.damaged
        self._entries, self._sent, self._saved, self.damaged = [], 0, (0, 0), 0
        if self.path.is_file() and self.path.stat().st_size == size:
            if damaged:
                os.replace(self.path, self.path.with_name(DAMAGED))
            else:
                self.path.unlink()

    def save(self) -> None:
        """Append to the file what it does not hold yet; it is on the disk when this returns.

        Raises:
            OSError: naming the file, if the disk is full; the file is as it was.
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
            except BaseException as error:  # also an interruption
                file.truncate(before)
                if isinstance(error, OSError):
                    message = f"{error.strerror}, and MLflow did not take what is kept there"
                    raise OSError(error.errno, message, str(self.path)) from error
                raise
        self._saved = len(self._entries), size + written
