import mlflow.pyfunc
import numpy as np
import pytest


@pytest.fixture
def registered(train, command):
    """A run whose model is called toy-vae and champion, and what the command printed."""
    run = train("model=linear")
    result = command("register", f"run={run.info.run_name}", "name=toy-vae", "alias=champion")
    assert result.code == 0, result.err
    return run, result.out


def test_name_version_alias_and_address_are_printed(registered):
    run, printed = registered

    assert [line.split(maxsplit=1) for line in printed.splitlines()] == [
        ["run", run.info.run_id],
        ["model", "toy-vae, version 1"],
        ["alias", "champion"],
        ["address", "models:/toy-vae@champion"],
    ]


def test_the_registry_knows_the_model_and_where_it_came_from(registered, client):
    run, _ = registered

    version = client.get_model_version_by_alias("toy-vae", "champion")

    (logged,) = run.outputs.model_outputs
    assert (version.run_id, int(version.version)) == (run.info.run_id, 1)
    assert version.source == f"models:/{logged.model_id}"


def test_mlflow_itself_loads_the_model_by_the_printed_address(registered, outputs):
    model = mlflow.pyfunc.load_model("models:/toy-vae@champion")

    example = model.input_example
    predicted = model.predict(example)
    assert len(predicted) == len(example) == 3
    assert np.isfinite(predicted["d33"]).all()


def test_the_same_run_keeps_its_version_and_another_gets_the_next(registered, train, command, client):
    run, _ = registered

    again = command("register", f"run={run.info.run_id}", "name=toy-vae")
    other = command("register", f"run={train('seed=1').info.run_id}", "name=toy-vae", "alias=champion")

    assert "toy-vae, version 1" in again.out
    assert "models:/toy-vae/1" in again.out
    assert "alias" not in again.out
    assert "toy-vae, version 2" in other.out
    assert client.get_model_version_by_alias("toy-vae", "champion").version in (2, "2")
    assert len(client.search_model_versions("name = 'toy-vae'")) == 2


def test_an_address_stands_for_its_run(registered, command):
    run, _ = registered

    result = command("register", "run=models:/toy-vae@champion", "name=second name")

    assert result.code == 0, result.err
    assert run.info.run_id in result.out
    assert "models:/second name/1" in result.out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["name=a/b"], "name: expected letters, digits, '-', '_', '.' and blanks, got 'a/b'"),
        (["name=a:b"], "got 'a:b'"),
        (["name=it's"], "got 'it's'"),
        (["name=.."], "got '..'"),
        (["name=a", "alias=v3"], "alias: expected letters, digits, '-' and '_', not 'latest' or 'v1', got 'v3'"),
        (["name=a", "alias=Latest"], "got 'Latest'"),
        (["name=a", "alias=a b"], "got 'a b'"),
        (["name=a", "alias="], "got ''"),
        ([], "name=… must be given"),
        (["name=a", "als=b"], "unknown key 'als'; did you mean 'alias'?"),
    ],
)
def test_a_name_that_the_registry_refuses_is_one_line(train, command, client, arguments, reason):
    run = train("model=linear")

    result = command("register", f"run={run.info.run_id}", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: register: ")
    assert reason in line
    assert not client.search_registered_models()


def test_an_unfinished_run_and_a_sweep_have_no_model(command, all_runs):
    diverging = ["model.activation=relu", "model.optimizer=sgd", "model.lr=1e30"]
    assert command("train", "experiment=piezo/single", "data.replicates=4", *diverging).code == 1
    assert command("train", "-m", "experiment=piezo/single", "data.replicates=4", "model=linear", "seed=0,1").code == 0
    kinds = {run.data.tags.get("remanence.kind", run.info.status): run.info.run_id for run in all_runs()}

    for kind, reason in {"FAILED": "is FAILED; only a finished run", "sweep": "has no logged model"}.items():
        result = command("register", f"run={kinds[kind]}", "name=a")
        assert result.code == 2
        assert f"register: run {kinds[kind]} {reason}" in result.err


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("models:/toy-vae@chamion", "no model 'models:/toy-vae@chamion'; 'toy-vae' has: 1, @champion"),
        ("models:/toy-vae/7", "'toy-vae' has: 1, @champion"),
        ("models:/toy/1", "registered are: toy-vae"),
        ("models:/toy-vae", "expected models:/<name>@<alias> or models:/<name>/<version>"),
        ("models:toy-vae/1", "no run with the id or name 'models:toy-vae/1'"),
    ],
)
def test_an_address_of_nothing_says_what_there_is(registered, command, address, reason):
    result = command("evaluate", f"run={address}")

    assert result.code == 2
    assert reason in result.err
