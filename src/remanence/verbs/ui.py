"""``remanence ui``: serve the MLflow UI on this machine for the database that runs are written to."""

import os
import socket
import subprocess
import sys

from remanence.errors import ConfigurationError
from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
from remanence.verbs.arguments import ADDRESS, read_arguments

HOST = "127.0.0.1"


def main(arguments: list[str]) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C; if runs are on a server, which has a UI, only print its address."""
    given = read_arguments("ui", arguments, optional=["port"])
    uri = tracking_uri(given.get(ADDRESS), default_outputs())
    if uri.startswith(("http://", "https://")):
        print(f"MLflow UI: {without_secrets(uri)}")
        return 0
    port = _free_port(given.get("port", "5000"))
    from remanence.tracking.database import connect

    connect(uri)  # creates a new database here, because the server's processes would collide when creating it
    print(f"MLflow UI: http://{HOST}:{port}  (Ctrl-C stops it)", flush=True)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, "--workers", "1"]
    command += ["--host", HOST, "--port", str(port)]
    # by default MLflow's server takes 14 processes and 3 GB; without its job runner it takes two processes
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return subprocess.call(command, env=environment)


def _free_port(given: str) -> int:
    """Return the port that was asked for.

    Raises:
        ConfigurationError: if the text is not a port, or another process uses the port.
    """
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        raise ConfigurationError(f"ui: port must be a number from 1 to 65535, got '{given}'")
    with socket.socket() as listener:
        # as the server does, so that a port counts as free immediately after another server has ended
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, int(given)))
        except OSError as error:
            raise ConfigurationError(f"ui: port {given} cannot be used: {error.strerror}; give port=…") from error
    return int(given)
