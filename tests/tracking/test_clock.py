import time

import pytest

from remanence.tracking import patience
from remanence.tracking.clock import now_at


def test_the_clock_of_a_file_is_that_of_this_machine():
    before = time.time()

    assert before <= now_at("sqlite:////data/mlflow.db") <= time.time()


def test_the_clock_of_a_server_is_in_its_answers(monkeypatch):
    monkeypatch.setattr(patience, "check_health", lambda uri: "Thu, 01 Jan 1970 01:00:05 GMT")

    assert now_at("http://server") == 3605.0


def test_a_server_that_does_not_answer_has_no_clock(nobody):
    with pytest.raises(Exception) as caught:  # noqa: PT011  whatever MLflow makes of it
        now_at(nobody)

    assert patience.is_away(caught.value)


@pytest.mark.slow
def test_the_clock_of_postgresql_is_asked():
    from tracking.postgres import postgres

    with postgres() as database:
        before = time.time()
        assert before - 1 <= now_at(database.url("studies")) <= time.time() + 1
        database.kill()
        with pytest.raises(Exception) as caught:  # noqa: PT011  of the driver
            now_at(database.url("studies"))
        assert patience.is_away(caught.value)
        database.start()
        assert before - 1 <= now_at(database.url("studies")) <= time.time() + 1
