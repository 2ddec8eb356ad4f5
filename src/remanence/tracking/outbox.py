"""What could not be sent to MLflow yet, in order, in a file beside the run's other files."""

import json
import os
from pathlib import Path
from typing import Any

from remanence.errors import ConfigurationError

FILE = "outbox.jsonl"

Entry = dict[str, Any]


class Outbox:
    """A queue that outlives its process: one entry a line, the oldest first, as plain JSON.

    The file keeps what was sent until all is: sending an entry again changes nothing.

    Args:
        folder: of the run.

    Raises:
        ConfigurationError: if a line but the last is damaged. The last is what a process was writing when it was
            killed; it is left out, and ``is_damaged`` says so.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.is_damaged = False
        self._entries: list[Entry] = []
        self._sent = 0
        self._saved = 0, 0  # entries and bytes of the file that are known to be whole
        self._read()

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
        self._entries, self._sent, self._saved = [], 0, (0, 0)
        self.path.unlink(missing_ok=True)

    def save(self) -> None:
        """Append to the file what it does not hold yet; it is on the disk when this returns.

        An interruption at any moment leaves whole lines and at most a part of another, which the next call
        writes over.

        Raises:
            OSError: naming the file, if the disk is full; the file is as it was.
        """
        number, size = self._saved
        lines = b"".join(json.dumps(entry).encode() + b"\n" for entry in self._entries[number:])
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.path.open("r+b" if self.path.exists() else "wb") as file:
                file.truncate(size)
                file.seek(size)
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            os.truncate(self.path, size)
            raise OSError(
                error.errno, f"{error.strerror}, what MLflow missed cannot be kept", str(self.path)
            ) from error
        self._saved = len(self._entries), size + len(lines)

    def _read(self) -> None:
        lines = self.path.read_bytes().splitlines(keepends=True) if self.path.is_file() else []
        for number, line in enumerate(lines, start=1):
            try:
                self._entries.append(json.loads(line))
            except ValueError as error:
                if number < len(lines):
                    raise ConfigurationError(f"{self.path}: line {number} is damaged: {error}") from error
                self.is_damaged = True
            else:
                if line.endswith(b"\n"):
                    self._saved = number, self._saved[1] + len(line)
