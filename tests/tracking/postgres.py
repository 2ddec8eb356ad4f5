"""A real PostgreSQL server that tests start, kill and start again."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 120.0
"""Seconds that it may take to answer on a loaded machine; it usually takes one."""


def binaries() -> Path:
    """Return the folder of ``initdb`` and ``postgres``, which Debian and Ubuntu keep off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    assert found or on_path, "PostgreSQL is not installed: make services"
    return found[-1].parent if found else Path(str(on_path)).parent


class Postgres:
    """A server on a port of its own, with its files in a new folder below the system's temporary one."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="remanence-postgres-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.user: str | None = None
        if os.getuid() == 0:  # the server refuses to run as root
            self.user = "postgres" if "postgres" in [entry.pw_name for entry in pwd.getpwall()] else "nobody"
            shutil.chown(self.folder, self.user)
        self._process: subprocess.Popen | None = None
        self._run("initdb", "--pgdata", str(self.folder / "data"), "--auth", "trust", "--username", "tester")
        self.start()
        for name in ("runs", "studies"):
            self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", "tester", name)

    def url(self, database: str) -> str:
        """Return the address of a database: ``runs`` or ``studies``."""
        return f"postgresql://tester@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", str(self.folder / "data"), *options),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        ready = self._command("pg_isready", "--host", "127.0.0.1", "--port", str(self.port), "--quiet")
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it and its processes at once, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Kill it and remove its files."""
        self.kill()
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(self._command(program, *arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def _command(self, program: str, *arguments: str) -> list[str]:
        as_user = ["setpriv", f"--reuid={self.user}", "--clear-groups"] if self.user else []
        return [*as_user, str(binaries() / program), *arguments]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server inside the block."""
    server = Postgres()
    try:
        yield server
    finally:
        server.remove()
