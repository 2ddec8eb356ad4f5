import socket
import time

import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

from remanence.errors import ConfigurationError
from remanence.tracking import patience
from remanence.tracking.database import connect
from remanence.tracking.patience import check_health, is_away, patiently, reason


@pytest.fixture
def silent():
    """An address where somebody listens and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def raised(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011  whatever MLflow makes of it
        call()
    return caught.value


def answer(status):
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError(f"{status}", response=response)


def test_a_refused_connection_is_known_within_seconds(nobody):
    began = time.monotonic()
    error = raised(lambda: MlflowClient(nobody).get_run("a" * 32))

    assert time.monotonic() - began < 4.5
    assert is_away(error)
    assert reason(error) == "[Errno 111] Connection refused"


def test_a_server_that_listens_and_is_silent_is_known_too(silent, monkeypatch):
    monkeypatch.setattr(patience, "HEALTH_SECONDS", 0.2)

    assert is_away(raised(lambda: check_health(silent)))


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (answer(503), True),
        (answer(500), True),
        (answer(429), True),
        (answer(404), False),
        (answer(401), False),
        (RestException({"error_code": "TEMPORARILY_UNAVAILABLE", "message": "no"}), True),
        (RestException({"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "no"}), True),
        (RestException({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"}), False),
        (RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}), False),
        (requests.ConnectionError("reset"), True),
        (requests.ReadTimeout("slow"), True),
        (requests.exceptions.InvalidURL("what"), False),
        (MlflowException("(sqlite3.OperationalError) database is locked"), True),
        (MlflowException("no such metric"), False),
        (OSError(28, "No space left on device"), False),
        (ValueError("a mistake"), False),
    ],
)
def test_a_server_that_is_away_is_told_from_one_that_refuses(error, away):
    assert is_away(error) is away


def test_what_mlflow_makes_of_an_error_keeps_its_reason():
    def call():
        try:
            raise requests.ConnectionError("pool") from ConnectionResetError(104, "Connection reset by peer")
        except requests.ConnectionError:
            raise MlflowException("API request to http://me:hush@host failed")  # noqa: B904  as MLflow does

    error = raised(call)

    assert is_away(error)
    assert reason(error) == "[Errno 104] Connection reset by peer"
    assert reason(MlflowException("no answer of http://me:hush@host\nmore")) == "no answer of http://host"


def test_a_call_is_tried_again_until_it_is_answered_and_said_once(monkeypatch, capsys):
    monkeypatch.setattr(patience, "PAUSE", 0.0)
    answers = iter([requests.ConnectionError("refused"), requests.ConnectionError("refused"), 7])

    def call():
        if isinstance(now := next(answers), Exception):
            raise now
        return now

    assert patiently(call, "http://me:hush@host", 100) == 7
    assert capsys.readouterr().err == "remanence: http://host does not answer (refused), tried again for 100 s\n"


def test_an_error_of_another_kind_is_not_tried_again(monkeypatch):
    tries = []

    def call():
        tries.append(1)
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        patiently(call, "", 100)
    assert len(tries) == 1


def test_a_wrong_address_is_answered_at_once_and_named(nobody):
    began = time.monotonic()
    with pytest.raises(ConfigurationError) as caught:
        connect(nobody)

    assert str(caught.value) == f"tracking.uri: {nobody} does not answer: [Errno 111] Connection refused"
    assert time.monotonic() - began < 2


def test_a_run_of_a_sweep_waits_for_a_server_that_was_there_before(nobody, capsys, monkeypatch):
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match="does not answer"):
        connect(nobody, patience=0.3)

    assert 0.3 <= time.monotonic() - began < 3
    assert "tried again for 0.3 s" in capsys.readouterr().err
