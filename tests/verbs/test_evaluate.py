import re

import numpy as np
import pandas as pd
import pytest

from remanence.verbs.evaluate import evaluate
from tracking.flaky import no_answer


@pytest.fixture
def trained(train, table):
    """A run on a table with a category."""

    def run(*arguments):
        return train(
            f"data.path={table()}", "data.features=[x,amount,kind]", "data.categorical=[kind]", "data.target=d33",
            "~baselines.random_forest", *arguments, experiment="piezo/table",
        )  # fmt: skip

    return run


@pytest.mark.parametrize("model", ["dnn", "linear", "random_forest"])
def test_on_its_own_test_rows_a_model_has_the_metrics_of_its_run(trained, model):
    run = trained(f"model={model}")

    metrics = evaluate(run.info.run_id)

    assert metrics.pop("rows") == 6
    assert metrics == {key: run.data.metrics[key] for key in metrics}
    assert {"test/r2", "test/rmse", "test/mae", "test/mse", "test/relative_error"} == metrics.keys()


def test_simulated_rows_are_made_again(train):
    run = train("data.target=[d33,eps_r]")

    metrics = evaluate(run.info.run_id)

    assert metrics["test/eps_r/r2"] == run.data.metrics["test/eps_r/r2"]
    assert metrics["test/r2"] == metrics["test/d33/r2"] == run.data.metrics["test/r2"]


def test_the_command_prints_the_metrics_of_another_file(trained, command, table):
    run = trained("model=linear")
    other = table("other = räume.csv", rows=50, amount=np.arange(50) % 7 + 0.5)

    result = command("evaluate", f"run={run.info.run_name}", f"data.path={other}")

    assert result.code == 0, result.err
    expected = evaluate(run.info.run_id, str(other))
    assert expected["rows"] == 50
    printed = dict(re.findall(r"(test/\w+|rows)\W+([-\d.e]+)", result.out))
    for key, value in expected.items():
        assert float(printed[key]) == pytest.approx(value, rel=1e-5)


def test_rows_of_another_file_that_are_not_measured_yet_are_left_out(trained, command, table):
    run = trained("model=linear")
    other = table("other.csv", rows=20)
    frame = pd.read_csv(other).assign(d33=lambda cells: cells["d33"].mask(cells.index % 5 == 0))
    frame.to_csv(other, index=False)

    result = command("evaluate", f"run={run.info.run_name}", f"data.path={other}")

    assert result.code == 0, result.err
    assert "other.csv: 4 of 20 rows lack a value and are left out" in result.out
    assert re.search(r"rows\W+16", result.out)


def test_one_row_has_errors_but_no_r2(trained, table):
    run = trained("model=linear")

    metrics = evaluate(run.info.run_id, str(table("one.csv", rows=1, x=[0.4])))

    assert metrics["rows"] == 1
    assert metrics["test/mae"] > 0
    assert metrics["test/r2"] != metrics["test/r2"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.drop(columns="amount"), "no column 'amount'"),
        (lambda frame: frame.drop(columns="d33"), "no column 'd33'"),
        (lambda frame: frame.assign(kind="Sr"), "column 'kind' is 'Sr'; and 20 more; known values: NS, QS"),
        (lambda frame: frame.assign(d33=""), "no row has a value in each column that is used; 'd33' lacks 30"),
        (lambda frame: frame.iloc[:0], "no rows"),
    ],
)
def test_a_table_that_does_not_fit_is_one_line(trained, command, table, tmp_path, change, reason):
    run = trained("model=linear")
    change(pd.read_csv(table())).to_csv(tmp_path / "other.csv", index=False)

    result = command("evaluate", f"run={run.info.run_id}", f"data.path={tmp_path}/other.csv")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "other.csv" in line
    assert reason in line


@pytest.mark.parametrize("wanted", ["nothing", "it's", "0" * 32])
def test_an_unknown_run_is_one_line(command, wanted):
    result = command("evaluate", f"run={wanted}")

    assert result.code == 2
    assert result.err.startswith(f"remanence: error: run: no run with the id or name '{wanted}' in sqlite:///")


def test_a_run_without_a_model_says_so(command, all_runs):
    diverging = ["model.activation=relu", "model.optimizer=sgd", "model.lr=1e30"]
    assert command("train", "experiment=piezo/single", "data.replicates=4", *diverging).code == 1
    (run,) = all_runs()

    result = command("evaluate", f"run={run.info.run_id}")

    assert result.code == 2
    assert "has no logged model" in result.err


def test_the_newest_of_several_runs_with_one_name_is_taken(train, command):
    train("name=same", "model=linear")
    newest = train("name=same", "seed=1")

    assert evaluate("same")["test/r2"] == newest.data.metrics["test/r2"]


def test_a_registered_model_is_evaluated_by_its_address(trained, command):
    run = trained("model=linear")
    assert command("register", f"run={run.info.run_id}", "name=d33", "alias=best").code == 0

    for address in ("models:/d33@best", "models:/d33/1"):
        metrics = evaluate(address)

        assert metrics["test/mae"] == run.data.metrics["test/mae"]


@pytest.mark.parametrize(("column", "other"), [("amount", "amount [mol%]"), ("d33", "d33 (m/V)")])
def test_a_column_in_another_unit_is_refused_with_what_was_expected(trained, command, table, tmp_path, column, other):
    run = trained("model=linear", "+data.units={d33: pC/N}")
    pd.read_csv(table()).rename(columns={column: other}).to_csv(tmp_path / "other.csv", index=False)

    result = command("evaluate", f"run={run.info.run_id}", f"data.path={tmp_path}/other.csv")

    assert result.code == 2
    (line,) = result.err.splitlines()
    expected = "pC/N" if column == "d33" else "no declared unit"
    assert f"other.csv: column '{other}' is in " in line
    assert f"the model was trained on '{column}' in {expected}; convert it and call it '{column}'" in line


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        (["data.cycle=0"], "data.cycle=0: a table is read by the names of its columns"),
        (["data.path=a.csv", "data.dir=b"], "data.path and data.dir name the same thing"),
        (["data.pth=a.csv"], "unknown key 'data.pth'; did you mean 'data.path'?"),
    ],
)
def test_what_a_table_cannot_be_read_by_is_one_line(trained, command, added, reason):
    run = trained("model=linear")

    result = command("evaluate", f"run={run.info.run_id}", *added)

    assert result.code == 2
    assert reason in result.err


def test_own_rows_of_a_file_that_has_changed_are_not_called_held_out(trained, command, table):
    run = trained("model=linear")
    path = table()
    pd.read_csv(path).sample(frac=1, random_state=1).to_csv(path, index=False)

    result = command("evaluate", f"run={run.info.run_id}")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert f"{path}: has changed since run {run.info.run_id} read it (SHA-256 " in line
    assert line.endswith("bring the file back")


def test_a_run_on_a_relative_path_is_evaluated_from_any_folder(train, table, tmp_path, monkeypatch, command):
    path = table()
    monkeypatch.chdir(path.parent)
    named = (f"data.path={path.name}", "data.features=[x,amount]", "data.target=d33", "~baselines.random_forest")
    run = train(*named, "model=linear", experiment="piezo/table")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert evaluate(run.info.run_id)["test/mae"] == run.data.metrics["test/mae"]

    path.rename(tmp_path / "moved.csv")
    result = command("evaluate", f"run={run.info.run_id}")
    assert (result.code, result.err) == (
        2,
        f"remanence: error: {path}: no such file; run {run.info.run_id} read its data there; "
        "give data.path=<where it is now>\n",
    )


def test_another_address_is_named_and_none_is_made(train, command, outputs, tmp_path, monkeypatch):
    run = train("model=linear")
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(elsewhere))

    for verb in ("evaluate", "compare"):
        asked = [f"run={run.info.run_id}"] if verb == "evaluate" else ["piezo"]
        unknown = command(verb, *asked)
        assert unknown.code == 2
        assert f"there are no runs at sqlite:///{elsewhere}/mlflow.db" in unknown.err
        result = command(verb, *asked, f"tracking.uri=sqlite:///{outputs}/mlflow.db")
        assert result.code == 0, result.err
    assert not elsewhere.exists()


@pytest.mark.parametrize("name", ["it's", 'the "best"'])
def test_a_run_is_found_by_a_name_with_quotes(train, name):
    run = train("model=linear", 'name="it\'s"' if "'" in name else "name='the \"best\"'")
    assert run.info.run_name == name

    assert evaluate(name)["test/mae"] == run.data.metrics["test/mae"]


def test_a_model_whose_files_are_gone_is_taken_from_the_folder_of_its_run(train, command, outputs):
    run = train("model=linear")
    (logged,) = (outputs / "artifacts").glob("**/fitted.skops")
    (config,) = (outputs / "artifacts").glob("**/config.yaml")
    logged.unlink()
    config.unlink()

    assert command("evaluate", f"run={run.info.run_id}").code == 0

    (own,) = (outputs / "runs").glob("**/fitted.skops")
    own.unlink()
    result = command("evaluate", f"run={run.info.run_id}")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert f"run {run.info.run_id}: files of its logged model are gone: " in line
    assert f"'{logged}', and not in {own.parent} either" in line

    (outputs / "runs" / run.info.run_id / "config.yaml").unlink()
    result = command("evaluate", f"run={run.info.run_id}")

    assert result.code == 2
    assert f"there is none in {config.parent} or {outputs / 'runs' / run.info.run_id}\n" in result.err


def test_a_server_that_is_away_is_not_taken_for_a_run_that_did_not_finish(train, command, monkeypatch):
    from mlflow import MlflowClient

    run = train("model=linear")
    monkeypatch.setattr(MlflowClient, "get_logged_model", lambda *_: no_answer())

    result = command("evaluate", f"run={run.info.run_id}")

    assert result.code == 2
    assert f"the server of run {run.info.run_id} does not answer: connection refused" in result.err
