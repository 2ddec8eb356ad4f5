"""What a trial asks of the databases: as few questions as its results need."""

from collections import Counter

import pytest
from mlflow import MlflowClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

GRID = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "baselines=none")


@pytest.fixture
def asked(monkeypatch):
    """Name of each call of MLflow's client, and ``commit`` for each transaction, to how often there was one."""
    counts = Counter()
    for name in ("log_batch", "get_run", "search_runs", "update_run", "set_tag", "search_logged_models"):
        call = getattr(MlflowClient, name)

        def counted(self, *arguments, _call=call, _name=name, **named):
            counts[_name] += 1
            return _call(self, *arguments, **named)

        monkeypatch.setattr(MlflowClient, name, counted)

    def commit(connection):
        counts["commit"] += 1

    event.listen(Engine, "commit", commit)
    yield counts
    event.remove(Engine, "commit", commit)


def test_a_further_trial_is_told_in_few_calls(command, asked, children):
    costs = []
    for rates in ("0.001,0.002", "0.001,0.002,0.003,0.004"):
        asked.clear()
        result = command("train", "-m", *GRID, f"model.lr={rates}", f"data.seed={len(rates)}")
        assert result.code == 0, result.err
        costs.append(Counter(asked))
    few, many = costs
    further = {name: (many[name] - few[name]) / 2 for name in many}

    assert further["log_batch"] <= 4, "parameters; curves; what the model is and does; what is known at the end"
    assert further["search_runs"] < 2, "for a result to reuse; for runs that were left, once for all"
    assert further["get_run"] <= 2, "for the figure of the sweep"
    assert (further["update_run"], further["search_logged_models"]) == (0, 0)
    assert further["set_tag"] <= 1, "the claim is given up"
    assert further["commit"] <= 65
    assert [run.info.status for run in children()] == ["FINISHED"] * 6
