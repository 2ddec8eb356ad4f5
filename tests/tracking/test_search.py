"""Finding a run by the first digits of its id."""

import pytest
from mlflow.entities import RunStatus

from remanence.errors import ConfigurationError
from remanence.tracking.search import LEAST_DIGITS, find_run, tracked_runs

IDS = ("0ec0435e" + 24 * "a", "0ec0435f" + 24 * "b", "17fa0000" + 24 * "c")


@pytest.fixture
def runs(client, monkeypatch):
    """Runs whose ids are known, called first, second and third."""
    ids = iter([*IDS, 32 * "d"])

    class Known:
        """What makes the ids of runs."""

        @property
        def hex(self):
            return next(ids)

    monkeypatch.setattr("mlflow.store.tracking.sqlalchemy_store.uuid.uuid4", Known)
    experiment = client.create_experiment("mine")
    return [client.create_run(experiment, run_name=name) for name in ("first", "second", "third")]


def find(client, wanted):
    return find_run(client, wanted, "sqlite:///here").info.run_name


@pytest.mark.parametrize("digits", [LEAST_DIGITS, 12, 31, 32])
def test_the_first_digits_of_an_id_stand_for_it(client, runs, digits):
    assert find(client, IDS[2][:digits]) == "third"


def test_several_ids_that_begin_alike_are_named(client, runs):
    with pytest.raises(ConfigurationError) as refused:
        find(client, "0ec0435")

    for run in runs[:2]:
        assert f"{run.info.run_id} ({run.info.run_name})" in str(refused.value)
    assert "third" not in str(refused.value)
    assert find(client, "0ec0435f") == "second"


@pytest.mark.parametrize("wanted", ["17fa0", "17fa%", "7fa000", "17FA00"])
def test_what_is_too_short_or_no_beginning_is_not_found(client, runs, wanted):
    with pytest.raises(ConfigurationError, match="no run with the id or name"):
        find(client, wanted)


def test_a_name_goes_before_the_beginning_of_an_id(client, runs):
    client.create_run("0", run_name="17fa00")

    assert find(client, "17fa00") == "17fa00"


def test_a_deleted_run_is_not_in_the_way(client, runs):
    client.delete_run(IDS[0])

    assert find(client, "0ec0435") == "second"


def test_all_runs_are_those_of_remanence_without_the_sweeps_that_group_them(client, runs):
    client.set_tag(IDS[0], "remanence.config", "piezo/ns")
    client.set_tag(IDS[1], "remanence.config", "piezo/ns")
    client.set_tag(IDS[1], "remanence.kind", "sweep")
    client.set_terminated(IDS[0], RunStatus.to_string(RunStatus.FAILED))

    assert [run.info.run_name for run in tracked_runs(client, None)] == ["first"]


def test_every_verb_takes_the_first_digits(train, command):
    run_id = train("model=linear").info.run_id

    result = command("evaluate", f"run={run_id[:8]}")

    assert result.code == 0, result.err
    assert "test/r2" in result.out
