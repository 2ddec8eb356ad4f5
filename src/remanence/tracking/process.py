"""Whether the process that owns a run or a trial is still alive."""

import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Owner:
    """A process that owns something, distinguished from a later process with the same process id."""

    host: str
    pid: int
    since: float
    """Time at which the process became the owner, in seconds since 1970; the process itself started earlier."""
    machine: str = ""
    """See ``machine``; empty for an owner that an earlier version of this package has written down."""

    @classmethod
    def this_process(cls) -> "Owner":
        """Return this process as an owner, from now on."""
        return cls(socket.gethostname(), os.getpid(), time.time(), machine())

    @classmethod
    def from_text(cls, text: str) -> "Owner | None":
        """Return the owner that a text of ``to_text`` describes; None for any other text."""
        match text.split():
            case [host, pid, since, *rest] if len(rest) <= 1:
                with suppress(ValueError):
                    return cls(host, int(pid), float(since), *rest)
        return None

    def to_text(self) -> str:
        """Return host, process id, time and machine in one line."""
        return " ".join(map(str, self.plain())).rstrip()

    def plain(self) -> list[Any]:
        """Return host, process id, time and machine, from which ``Owner(*plain)`` makes the same owner."""
        return [self.host, self.pid, self.since, self.machine]

    @property
    def is_here(self) -> bool:
        """Whether the process runs on this machine, where we can see whether it is alive."""
        return self.host == socket.gethostname() and self.machine in ("", machine())

    @property
    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        this = Owner.this_process()
        return (self.host, self.pid) == (this.host, this.pid) and self.machine in ("", this.machine)

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


def machine() -> str:
    """Return a text that only those processes share which can see each other by their process ids.

    A host name does not do: containers and copies of a virtual machine may have the same one. Linux draws a new boot id
    at every start, and each container has a space of process ids of its own.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:  # no Linux
        return f"{uuid.getnode():x}"
