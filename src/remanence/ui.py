"""``remanence ui``: the MLflow UI on this machine, over the database that runs are written to."""

import os
import subprocess
import sys

from remanence.arguments import read_arguments
from remanence.errors import ConfigurationError
from remanence.tracking.address import default_outputs, tracking_uri


def main(arguments: list[str]) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C."""
    given = read_arguments("ui", arguments, optional=["port"])
    port = given.get("port", "5000")
    if not port.isdigit():
        raise ConfigurationError(f"ui: port must be a number, got '{port}'")
    from remanence.tracking.database import connect

    uri = tracking_uri(None, default_outputs())
    connect(uri)  # makes a fresh database once; the server's processes would collide over it
    print(f"MLflow UI: http://127.0.0.1:{port}  (Ctrl-C stops it)", flush=True)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", port]
    # MLflow's default server is 14 processes and 3 GB; without its job runner it is two
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return subprocess.call(command, env=environment)
