"""What a trial asks of the databases, as few questions as its results need; and of the user's own file."""

from collections import Counter

import pytest
from mlflow import MlflowClient
from optuna.trial import TrialState
from sqlalchemy import event
from sqlalchemy.engine import Engine

from remanence.verbs import train as verb

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


def test_a_file_that_changes_during_a_sweep_ends_it_and_the_same_command_goes_on(
    command, children, trials, table, monkeypatch
):
    path = table()
    first, other = path.read_bytes(), path.read_bytes().replace(b"NS", b"QS", 1)
    search = ("model=ridge", "model.alphas=[0.1],[1.0]", "baselines=none", "figures=brief", "data/split=stratified")
    asked = ("train", "-m", "experiment=piezo/table", f"data.path={path}", "data.target=d33", "data.features=[x,kind]")
    trained = verb.train

    def train_and_edit(*arguments, **named):
        values = trained(*arguments, **named)
        path.write_bytes(other)
        return values

    monkeypatch.setattr(verb, "train", train_and_edit)
    result = command(*asked, *search, "sweep.name=edited")

    assert result.code == 1
    assert f"the sweep edited was stopped: {path}: has changed since the sweep began (SHA-256 " in result.err
    assert len(children()) == 1
    assert [trial.state for trial in trials("edited")] == [TrialState.COMPLETE, TrialState.WAITING]

    monkeypatch.setattr(verb, "train", trained)
    path.write_bytes(first)

    assert command(*asked, *search, "sweep.name=edited").code == 0
    assert [run.info.status for run in children()] == ["FINISHED"] * 2
    assert len({run.inputs.dataset_inputs[0].dataset.digest for run in children()}) == 1
