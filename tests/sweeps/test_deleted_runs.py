"""A run that was deleted in MLflow is not named as the best of a sweep."""

import pytest
import small_sweep
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_STATE
from small_study import front, study, trial

import remanence as rm
from remanence.sweeps.page import study_page
from remanence.sweeps.trial_table import best_trials

SMALL = ("data.replicates=4", "baselines=none", "figures=brief")


@pytest.fixture
def untrained(monkeypatch):
    """Runs whose metrics follow from their learning rate."""
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)


@pytest.mark.parametrize("gone_for_good", [False, True])
def test_the_best_is_the_best_of_the_runs_that_exist(
    untrained, command, client, parent, artifact, outputs, gone_for_good
):
    typed = ("train", "-m", "experiment=piezo/single", "model.lr=0.3,0.1,0.2", *SMALL, "sweep.name=mine")
    assert command(*typed).code == 0
    first, second = (rm.runs("mine").set_index("model.lr")["id"][lr] for lr in (0.1, 0.2))
    assert parent().data.tags["remanence.best.run"] == first
    client.delete_run(first)
    if gone_for_good:
        client._tracking_client.store._hard_delete_run(first)

    result = command(*typed)

    assert result.code == 0, result.err
    assert f"trial 1 would be among the best, but its run {first} was deleted" in result.out
    assert f"best: trial 2, run {second}: model.lr=0.2" in result.out
    tags = parent().data.tags
    assert (tags["remanence.best.run"], tags["remanence.best.model.lr"]) == (second, "0.2")
    assert parent().data.metrics["best/val/mse"] == 0.2
    assert f"its run {first} was deleted" in artifact(parent(), "figures/sweep.html").read_text()
    found = rm.sweep("piezo/single", {"model.lr": [0.3, 0.1, 0.2]}, *SMALL, name="mine")
    assert found.best.id == second
    ended = parent().info.end_time
    assert command(*typed).out == result.out.partition("\n")[2], "the second time, nothing is left to be changed"
    assert parent().info.end_time == ended


def test_a_sweep_of_which_every_run_was_deleted_has_no_best(untrained, command, client, children):
    typed = ("train", "-m", "experiment=piezo/single", "model.lr=0.3,0.1", *SMALL, "sweep.name=mine")
    assert command(*typed).code == 0
    for run in children():
        client.delete_run(run.info.run_id)

    result = command(*typed)

    assert result.code == 0, result.err
    assert result.out.count("has a value, but its run") == 2
    assert "best:" not in result.out
    assert rm.sweep("piezo/single", {"model.lr": [0.3, 0.1]}, *SMALL, name="mine").best is None


def test_a_front_without_a_deleted_run_is_another_front():
    made = front()
    runs = [str(number) * 32 for number in range(4)]
    named = study(
        *(trial(*each.values, run=run) for each, run in zip(made.trials, runs, strict=True)),
        directions=("minimize", "maximize"),
        objective=("val/mse", "test/r2"),
    )

    assert [best.number for best in best_trials(named)] == [2, 1]
    assert [best.number for best in best_trials(named, {runs[1]})] == [2]
    assert [best.number for best in best_trials(named, {runs[1], runs[2]})] == [3, 0]
    assert "trial 1 would be among the best" in study_page(named, {runs[1]})


def test_a_database_that_fails_is_not_a_deleted_run():
    from remanence.sweeps.deleted_runs import deleted_runs

    class Broken:
        def get_run(self, run):
            raise MlflowException("no", error_code=INVALID_STATE)

    with pytest.raises(MlflowException, match="no"):
        deleted_runs(front(), Broken())
