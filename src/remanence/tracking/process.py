"""Whether the process that owns something is still there."""

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Owner:
    """A process, told apart from a later one that inherits its number."""

    host: str
    pid: int
    since: float
    """Seconds since the epoch at which it took over; it is older than that."""

    @classmethod
    def this_process(cls) -> "Owner":
        """Return the owner of what this process takes over now."""
        return cls(socket.gethostname(), os.getpid(), time.time())

    @classmethod
    def from_text(cls, text: str) -> "Owner | None":
        """Return the owner that ``to_text`` wrote down, None for another text."""
        match text.split():
            case [host, pid, since]:
                with suppress(ValueError):
                    return cls(host, int(pid), float(since))
        return None

    def to_text(self) -> str:
        """Return host, process and time in one line."""
        return f"{self.host} {self.pid} {self.since!r}"

    @property
    def is_here(self) -> bool:
        """Whether it is of this machine, so that its death can be seen."""
        return self.host == socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether it is still there, as far as this machine can tell."""
        if not self.is_here:
            return False
        try:
            process = psutil.Process(self.pid)
            return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= self.since + 1.0)
        except psutil.Error:
            return False
