import re
import shutil
import signal
import socket
import sys

import psutil
import pytest
import requests
from served_ui import PATIENCE, of_session, running

from remanence.verbs import ui
from tracking import read_only


@pytest.fixture
def served(monkeypatch):
    """Keep the address and the port of the server instead of serving."""
    calls = []
    monkeypatch.setattr(ui, "serve", lambda uri, port: calls.append((uri, port)), raising=False)
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


def test_the_database_of_the_runs_is_served(command, served, nobody, outputs):
    port = nobody.rpartition(":")[2]

    result = command("ui", f"port={port}")

    assert result.out == f"MLflow UI: http://127.0.0.1:{port}  (Ctrl-C stops it)\n"
    assert served == [(f"sqlite:///{outputs}/mlflow.db", int(port))]


def test_a_tracking_server_has_its_own_ui_whose_address_is_printed_without_its_password(command, served):
    result = command("ui", "tracking.uri=http://me:secret@host:5000")

    assert (result.code, served) == (0, [])
    assert result.out.startswith("MLflow UI: http")
    assert "host:5000" in result.out
    assert "secret" not in result.out


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name
)
def test_no_signal_leaves_a_server_or_holds_the_port(outputs, nobody, how):
    port = int(nobody.rpartition(":")[2])
    with running(port) as process:
        assert of_session(process.pid) == [process.pid]
        connections = psutil.Process(process.pid).net_connections()
        assert {each.laddr for each in connections if each.status == "LISTEN"} == {("127.0.0.1", port)}

        process.send_signal(how)
        process.wait(timeout=PATIENCE)

        assert of_session(process.pid) == []
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))


@pytest.mark.slow
def test_the_address_of_the_database_is_on_no_command_line_and_other_hosts_are_refused(outputs, nobody, tmp_path):
    port, secret = int(nobody.rpartition(":")[2]), tmp_path / "s-e-c-r-e-t.db"
    shutil.copy(outputs / "mlflow.db", secret)
    with running(port, MLFLOW_TRACKING_URI=f"sqlite:///{secret}") as process:
        lines = [" ".join(psutil.Process(number).cmdline()) for number in of_session(process.pid)]
        assert lines
        assert not [line for line in lines if "s-e-c-r-e-t" in line]
        address = f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/get?experiment_id=0"
        assert requests.get(address, timeout=60).json()["experiment"]["name"] == "Default"
        assert requests.get(address, headers={"Host": "evil.example"}, timeout=60).status_code == 403


@pytest.mark.slow
def test_runs_that_may_only_be_read_are_served_from_a_copy(train, outputs, nobody, tmp_path):
    run = train("model=linear").info.run_id
    there, port = tmp_path / "elsewhere", int(nobody.rpartition(":")[2])
    shutil.move(outputs, there)
    if isinstance(why := read_only.where_nobody_writes(there), str):
        pytest.skip(why)
    (temporary := tmp_path / "temporary").mkdir()
    typed = [sys.executable, read_only.__file__, str(there), '["ui"]', "ui", f"port={port}"]
    with running(port, *typed, TMPDIR=str(temporary), REMANENCE_OUTPUTS=str(there)) as process:
        artifact = f"http://127.0.0.1:{port}/get-artifact?path=config.yaml&run_uuid={run}"
        assert re.search("^data:$", requests.get(artifact, timeout=60).text, re.MULTILINE)
        assert len(list(temporary.glob("remanence-*/mlflow.db"))) == 1

        process.terminate()
        process.wait(timeout=PATIENCE)

    assert list(temporary.glob("remanence-*")) == []
