import os

import pytest
from flaky import no_answer
from mlflow.exceptions import MlflowException

from remanence.tracking import created_once as module
from remanence.tracking.created_once import RETRIES, created_once
from remanence.tracking.delivery import _new_model
from remanence.tracking.registry import register_run
from remanence.tracking.start import _Creation


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)


class AnswersLost:
    """A client whose server does what it is asked for, and whose first answers to calls that create are lost."""

    def __init__(self, client, lost):
        self.client, self.lost, self.sent = client, lost, []

    def __getattr__(self, name):
        call = getattr(self.client, name)

        def done(*arguments, **named):
            made = call(*arguments, **named)
            if name.startswith("create_"):
                self.sent.append((name, os.environ.get(RETRIES)))
                if len(self.sent) <= self.lost:
                    no_answer()
            return made

        return done


@pytest.fixture
def experiment(client, outputs):
    return client.create_experiment("piezo", (outputs / "artifacts").as_uri())


def test_a_run_and_its_model_are_created_once_although_answers_are_lost(client, experiment, monkeypatch):
    monkeypatch.setenv(RETRIES, "5")
    for_run, for_model = AnswersLost(client, 1), AnswersLost(client, 1)

    run = _Creation(for_run, experiment, "first", {"remanence.config_hash": "abc"})()
    model = _new_model(for_model, run)

    assert [found.info.run_id for found in client.search_runs([experiment])] == [run.info.run_id]
    assert [found.model_id for found in client.search_logged_models([experiment])] == [model.model_id]
    assert for_run.sent + for_model.sent == [("create_run", "0"), ("create_logged_model", "0")], "MLflow sends it once"
    assert os.environ[RETRIES] == "5"


def test_a_version_is_registered_once_although_its_answer_is_lost(train, client, all_runs):
    train("model=linear")
    (run,) = all_runs()
    client.create_registered_model("d33")

    registered = register_run(AnswersLost(client, 1), run.info.run_id, "d33", "champion")

    assert [found.run_id for found in client.search_model_versions("name = 'd33'")] == [run.info.run_id]
    assert registered.address == "models:/d33@champion"


@pytest.mark.parametrize("made", [None, "there"])
def test_what_was_not_created_is_tried_three_times(made):
    tried = []

    def create():
        tried.append(1)
        no_answer()

    if made is None:
        with pytest.raises(MlflowException):
            created_once(create, lambda: made)
    else:
        assert created_once(create, lambda: made) == made
    assert len(tried) == (3 if made is None else 1)


def test_an_answer_that_refuses_is_an_error_at_once():
    tried = []

    def create():
        tried.append(1)
        raise MlflowException("no such experiment")

    with pytest.raises(MlflowException, match="no such experiment"):
        created_once(create, lambda: None)
    assert len(tried) == 1
