"""Deletions are undone; the runs of a sweep are tracked without training."""

import shlex

import pytest
import small_sweep
from mlflow.entities import ViewType

SMALL = ("train", "-m", *small_sweep.SMALL, "model.lr=0.1,0.2", "sweep.name=mine")


@pytest.fixture
def pretended(monkeypatch, unillustrated):
    """Track without training."""
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)


@pytest.fixture
def sweep(pretended, command, parent, children):
    """A sweep of two trials: its parent, and their runs."""
    assert command(*SMALL).code == 0
    return parent(), children()


@pytest.fixture
def stages(client):
    """Return id to lifecycle stage of every run, and name to stage of every experiment."""

    def find():
        experiments = client.search_experiments(view_type=ViewType.ALL)
        runs = client.search_runs([each.experiment_id for each in experiments], run_view_type=ViewType.ALL)
        return {each.info.run_id: each.info.lifecycle_stage for each in runs} | {
            each.name: each.lifecycle_stage for each in experiments
        }

    return find


def advised(message: str) -> list[str]:
    """Return the arguments of the command that a message quotes."""
    return shlex.split(message.split("`")[1])[1:]


def test_a_deleted_experiment_comes_back_with_all_its_runs_by_the_command_that_is_advised(
    sweep, command, client, stages
):
    before = stages()
    client.delete_experiment(sweep[0].info.experiment_id)

    refused = command(*SMALL)
    restored = command(*advised(refused.err))
    again = command(*advised(refused.err))

    assert refused.code == 2
    assert restored.code == 0, restored.err
    assert stages() == before
    assert "experiment piezo is there again" in restored.out
    assert all(run.info.run_id in restored.out for run in [sweep[0], *sweep[1]])
    assert (again.code, again.out) == (0, "piezo is not deleted: there is nothing to restore\n")
    assert command(*SMALL).code == 0


def test_a_model_is_applied_after_its_experiment_was_restored(train, command, client):
    run = train("model=linear")
    client.delete_experiment(run.info.experiment_id)

    refused = command("evaluate", f"run={run.info.run_id}")
    command(*advised(refused.err))

    assert refused.code == 2
    assert command("evaluate", f"run={run.info.run_id}").code == 0


@pytest.mark.parametrize("by", ["id", "digits", "name", "sweep"])
def test_a_deleted_sweep_comes_back_with_its_trials(sweep, command, client, stages, by):
    before, (parent, children) = stages(), sweep
    for run in [parent, *children]:
        client.delete_run(run.info.run_id)
    wanted = {
        "id": parent.info.run_id,
        "digits": parent.info.run_id[:10],
        "name": parent.info.run_name,
        "sweep": "mine",
    }

    result = command("restore", wanted[by])

    assert result.code == 0, result.err
    assert stages() == before


def test_a_deleted_trial_comes_back_with_its_parent_and_without_the_other_trials(sweep, command, client, stages):
    parent, (first, second) = sweep
    for run in [parent, first, second]:
        client.delete_run(run.info.run_id)

    result = command("restore", first.info.run_name)

    assert result.code == 0, result.err
    assert stages() == {**stages(), **dict.fromkeys([parent.info.run_id, first.info.run_id], "active")}
    assert stages()[second.info.run_id] == "deleted"
    assert command("restore", parent.info.run_id).out.startswith(f"run {second.info.run_id}")


@pytest.mark.parametrize("by", ["run_id", "run_name"])
def test_a_deleted_run_is_restored_by_the_command_that_is_advised(sweep, command, client, stages, by):
    before, (_, (run, _)) = stages(), sweep
    client.delete_run(run.info.run_id)

    refused = command("evaluate", f"run={getattr(run.info, by)}")

    assert refused.code == 2
    assert command(*advised(refused.err)).code == 0
    assert stages() == before


def test_a_run_of_a_deleted_experiment_brings_the_experiment(sweep, command, client, stages):
    before = stages()
    client.delete_experiment(sweep[0].info.experiment_id)

    result = command("restore", sweep[1][0].info.run_id)

    assert "experiment piezo is there again" in result.out
    assert stages() == before


def test_the_nearest_deleted_names_are_told(sweep, command, client):
    for run in sweep[1]:
        client.delete_run(run.info.run_id)

    unknown = command("restore", "lr=0.3")
    active = command("restore", "piezo")

    assert unknown.code == 2
    assert "restore: no experiment or run 'lr=0.3' is deleted" in unknown.err
    assert "the nearest names are: lr=0.2, lr=0.1" in unknown.err
    assert active.out.startswith("piezo is not deleted: there is nothing to restore\nrun ")
    assert all(run.info.run_id in active.out for run in sweep[1])


def test_several_deleted_runs_of_one_name_are_listed(sweep, command, client):
    twins = [client.create_run(sweep[0].info.experiment_id, run_name="twin").info.run_id for _ in range(2)]
    for run in twins:
        client.delete_run(run)

    result = command("restore", "twin")

    assert result.code == 2
    assert all(run in result.err for run in twins)


def test_another_address_is_part_of_the_advice(sweep, command, client, outputs, monkeypatch, tmp_path, stages):
    before = stages()
    client.delete_run(sweep[1][0].info.run_id)
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "elsewhere"))

    refused = command("evaluate", f"run={sweep[1][0].info.run_id}", f"tracking.uri=sqlite:///{outputs}/mlflow.db")
    place, *rest = shlex.split(refused.err.split("`")[1])
    monkeypatch.setenv(*place.split("="))

    assert command(*rest[1:]).code == 0
    assert stages() == before


@pytest.mark.parametrize("typed", [[], ["a", "b"], ["a", "tracking.uri=x", "tracking.uri=y"]])
def test_one_name_is_given(command, typed):
    result = command("restore", *typed)

    assert result.code == 2
    assert result.err == "remanence: error: restore: name one deleted experiment or run, such as: restore piezo\n"
