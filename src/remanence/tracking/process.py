"""Whether the process that owns a run or a trial is still alive."""

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Owner:
    """A process that owns something, distinguished from a later process with the same process id."""

    host: str
    pid: int
    since: float
    """Time at which the process became the owner, in seconds since 1970; the process itself started earlier."""

    @classmethod
    def this_process(cls) -> "Owner":
        """Return this process as an owner, from now on."""
        return cls(socket.gethostname(), os.getpid(), time.time())

    @classmethod
    def from_text(cls, text: str) -> "Owner | None":
        """Return the owner that a text of ``to_text`` describes; None for any other text."""
        match text.split():
            case [host, pid, since]:
                with suppress(ValueError):
                    return cls(host, int(pid), float(since))
        return None

    def to_text(self) -> str:
        """Return host, process id and time in one line."""
        return f"{self.host} {self.pid} {self.since!r}"

    @property
    def is_here(self) -> bool:
        """Whether the process runs on this machine, where we can see whether it is alive."""
        return self.host == socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether the process is known to be alive; always False for a process of another machine."""
        if not self.is_here:
            return False
        try:
            process = psutil.Process(self.pid)
            return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= self.since + 1.0)
        except psutil.Error:
            return False
