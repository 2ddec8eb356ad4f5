import json
import signal
from pathlib import Path

import pytest


def rewrite(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("mode", [[], ["-m", "seed=0,1"]], ids=["run", "sweep"])
def test_an_experiment_of_an_older_version_is_not_written_to(train, command, client, mode):
    run = train("model=linear")
    client.set_experiment_tag(run.info.experiment_id, "remanence.schema_version", "0")

    result = command("train", *mode, "experiment=piezo/single")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "MLflow experiment 'piezo'" in line
    assert "schema version 0, this remanence reads version 1" in line
    assert len(client.search_runs([run.info.experiment_id])) == 1


def test_an_experiment_that_somebody_else_made_is_left_alone(command, client, all_runs):
    client.create_experiment("piezo")

    result = command("train", "experiment=piezo/single")

    assert result.code == 2
    assert "was not written by remanence" in result.err
    assert all_runs() == []


def test_a_deleted_experiment_is_named(train, command, client):
    client.delete_experiment(train("model=linear").info.experiment_id)

    result = command("train", "experiment=piezo/single")

    assert result.code == 2
    assert "'piezo' is deleted" in result.err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"schema_version": 0}, "schema version 0, this remanence reads version 1"),
        ({"schema_version": None}, "was not written by remanence"),
        ({"added_later": 1}, "cannot be read"),
    ],
)
def test_a_run_json_of_another_version_is_not_read(stop, command, client, outputs, content, reason):
    _, run = stop(signal.SIGTERM)
    rewrite(outputs / "runs" / run.info.run_id / "run.json", **content)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert "run.json" in result.err
    assert reason in result.err
    assert client.get_run(run.info.run_id).info.status == "KILLED"


def test_a_damaged_run_json_is_one_line(stop, command, outputs):
    _, run = stop(signal.SIGTERM)

    for content in ("", "{", "[]", '"text"'):
        (outputs / "runs" / run.info.run_id / "run.json").write_text(content)
        result = command("train", f"resume={run.info.run_id}")

        assert result.code == 2
        assert "run.json: cannot be read" in result.err


@pytest.mark.parametrize(
    "verb", [["evaluate"], ["predict", "input=x.csv", "output=y.csv"]], ids=["evaluate", "predict"]
)
def test_a_model_of_an_older_version_is_not_loaded(train, command, client, verb):
    run = train("model=linear")
    model_id = run.outputs.model_outputs[0].model_id
    location = client.get_logged_model(model_id).artifact_location.removeprefix("file://")
    rewrite(Path(location) / "data" / "remanence_model" / "model.json", schema_version=0)

    result = command(verb[0], f"run={run.info.run_id}", *verb[1:])

    assert result.code == 2
    assert "model.json has schema version 0" in result.err
