import socket
import subprocess
import sys

import pytest


@pytest.fixture
def served(monkeypatch):
    """Keep the command of the server and its environment instead of starting it."""
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, env: calls.append((command, env)) or 0)
    return calls


@pytest.mark.parametrize("port", ["0", "65536", "-1", "web", "5e3", ""])
def test_what_is_no_port_is_one_line(command, served, port):
    result = command("ui", f"port={port}")

    assert result.code == 2
    assert result.err == f"remanence: error: ui: port must be a number from 1 to 65535, got '{port}'\n"
    assert served == []


def test_a_port_where_somebody_serves_is_one_line(command, served):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        result = command("ui", f"port={port}")

    assert result.code == 2
    assert result.err == f"remanence: error: ui: port {port} cannot be used: Address already in use; give port=…\n"
    assert served == []


def test_a_server_over_the_runs_is_started_on_this_machine_only(command, served, nobody, outputs):
    port = nobody.rpartition(":")[2]

    result = command("ui", f"port={port}")

    assert result.out == f"MLflow UI: http://127.0.0.1:{port}  (Ctrl-C stops it)\n"
    ((typed, environment),) = served
    assert typed[:4] == [sys.executable, "-m", "mlflow", "server"]
    given = dict(zip(typed[4::2], typed[5::2], strict=True))
    assert given["--backend-store-uri"] == f"sqlite:///{outputs}/mlflow.db"
    assert (given["--host"], given["--port"]) == ("127.0.0.1", port)
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_a_tracking_server_has_its_own_ui_whose_address_is_printed_without_its_password(command, served):
    result = command("ui", "tracking.uri=http://me:secret@host:5000")

    assert (result.code, served) == (0, [])
    assert result.out.startswith("MLflow UI: http")
    assert "host:5000" in result.out
    assert "secret" not in result.out
