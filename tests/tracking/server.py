"""A real ``mlflow server`` that tests start, kill and start again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from mlflow import MlflowClient

PATIENCE = 120.0
"""Seconds that a server may take to answer on a loaded machine; it usually takes ten."""


class Server:
    """An MLflow server on a port of its own, with artifacts in ``folder``; all proxied by HTTP.

    Args:
        folder: new folder.
        backend: address of its database.
    """

    def __init__(self, folder: Path, backend: str) -> None:
        self.folder, self.backend = folder, backend
        folder.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self._process: subprocess.Popen | None = None

    @property
    def client(self) -> MlflowClient:
        """A client that is none of the commands'."""
        return MlflowClient(self.uri)

    def launch(self) -> None:
        """Start without waiting for the first answer."""
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", self.backend, "--workers", "1"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        # without its job runner it is two processes instead of fourteen
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        environment.pop("MLFLOW_TRACKING_URI", None)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True, cwd=self.folder
            )

    def wait(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(requests.RequestException):
                if requests.get(f"{self.uri}/health", timeout=1).ok:
                    return
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def start(self) -> None:
        """Start and wait for the first answer."""
        self.launch()
        self.wait()

    def kill(self) -> None:
        """Kill it and its workers at once, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def serve(folder: Path, database: Path) -> Iterator[Server]:
    """Run a server of a SQLite file inside the block.

    Args:
        folder: new; its database and artifacts are written there.
        database: migrated and empty, copied because making one takes seconds.
    """
    folder.mkdir(parents=True)
    shutil.copy(database, folder / "mlflow.db")
    with serve_database(folder / "files", f"sqlite:///{folder}/mlflow.db") as server:
        yield server


@contextmanager
def serve_database(folder: Path, backend: str) -> Iterator[Server]:
    """Run a server of any database inside the block.

    Args:
        folder: new; artifacts are written there.
        backend: address of the database, which may be empty.
    """
    server = Server(folder, backend)
    try:
        server.start()
        yield server
    finally:
        server.kill()
