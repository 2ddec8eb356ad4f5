"""``remanence ui``: serve the MLflow UI on this machine for the database that runs are written to."""

import os
import socket

from remanence.errors import ConfigurationError
from remanence.tracking.address import default_outputs, sqlite_path, tracking_uri, without_secrets
from remanence.verbs.arguments import ADDRESS, read_arguments

HOST = "127.0.0.1"
GRACE = 3
"""Seconds for answers that are under way when the server is asked to stop."""


def main(arguments: list[str]) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C; if runs are on a server, which has a UI, only print its address."""
    given = read_arguments("ui", arguments, optional=["port"])
    uri = tracking_uri(given.get(ADDRESS), default_outputs())
    if uri.startswith(("http://", "https://")):
        print(f"MLflow UI: {without_secrets(uri)}")
        return 0
    port = _free_port(given.get("port", "5000"))
    from remanence.tracking.database import connect, open_existing

    path = sqlite_path(uri)
    # creates a new database; one that may only be read is served as a copy
    client = connect(uri) if path is None or not path.exists() else open_existing(uri)
    print(f"MLflow UI: http://{HOST}:{port}  (Ctrl-C stops it)", flush=True)
    serve(client.tracking_uri, port)
    return 0


def serve(uri: str, port: int) -> None:
    """Serve a database in this process until a signal ends the process.

    ``mlflow server`` would start further processes: they outlive this one if it is killed, and their command lines
    show the address of the database, which may hold a password.

    Args:
        uri: address of the database, which no other process sees.
        port: port on this machine.
    """
    # as ``mlflow server`` does; with these, the application refuses requests that other websites send from a browser
    os.environ |= {"_MLFLOW_SERVER_FILE_STORE": uri, "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true"}
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"  # jobs would take a dozen further processes
    import uvicorn
    from mlflow.server.handlers import initialize_backend_stores

    from remanence.tracking.interruption import interruptible

    initialize_backend_stores(uri, uri, "mlflow-artifacts:/")
    application = "mlflow.server.fastapi_app:app"
    with interruptible():  # at the end, uvicorn sends itself again the signal that ended it; a copy is then removed
        uvicorn.run(application, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=GRACE)


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
