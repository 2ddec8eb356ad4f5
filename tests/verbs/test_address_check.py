import base64
import http.server
import os
import socket
import threading

import pytest

from remanence.verbs.address_check import tracking


class Answers(http.server.BaseHTTPRequestHandler):
    """A server that wants a name and a password."""

    def do_GET(self):
        wanted = "Basic " + base64.b64encode(b"me:secret").decode()
        asked = self.headers.get("Authorization")
        self.send_response(404 if not self.path.endswith("/health") else 200 if asked == wanted else 401)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def port():
    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_server_that_answers_is_no_problem_and_no_secret_is_shown(port, monkeypatch):
    found = tracking(f"http://me:secret@127.0.0.1:{port}")
    assert (found.found, found.problem) == (f"http://127.0.0.1:{port}, answers", "")

    refused = tracking(f"http://127.0.0.1:{port}")
    assert refused.problem == "answers, and wants a name and a password (401)"

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    assert tracking(f"http://127.0.0.1:{port}").problem == ""


def test_a_server_that_does_not_answer_is_told_to_be_started():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = tracking(f"http://127.0.0.1:{free.getsockname()[1]}")

    assert found.problem.startswith("does not answer: ")
    assert "mlflow server" in found.advice


def test_a_database_file_is_opened(outputs, monkeypatch):
    uri = f"sqlite:///{outputs}/mlflow.db"
    assert tracking(uri).found == f"{uri}, answers, 0 runs"

    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and may(path, mode))
    assert tracking(uri).problem == "cannot be written to"

    (outputs / "mlflow.db").write_bytes(b"no database" * 100)
    assert tracking(uri).problem == "cannot be read: file is not a database"
    (outputs / "mlflow.db").unlink()
    assert tracking(uri).problem == ""


def test_another_database_says_why_it_does_not_answer():
    assert tracking("mysql+nothing://me:secret@server/db").problem.startswith("does not answer: Can't load plugin")
