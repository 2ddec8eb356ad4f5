"""What ``evaluate`` says of rows that the model was fitted to, and of rows that cross-validation held out."""

import shutil

import numpy as np
import pandas as pd
import pytest

import remanence as rm
from remanence.verbs.evaluate import evaluate

KFOLD = ("data/split=kfold", "data.split.folds=3")
STACKED = ("ensemble=stacked", "ensemble.folds=2", "ensemble.repeats=1")


@pytest.fixture
def trained(command, all_runs, table):
    """A run on the 30 rows of a table with a category."""

    def run(*arguments):
        given = (f"data.path={table()}", "data.features=[x,amount,kind]", "data.categorical=[kind]", "data.target=d33")
        small = ("figures=brief", "trainer.max_epochs=2", "baselines=none")
        ensemble = () if any(argument.startswith("ensemble=") for argument in arguments) else ("ensemble=single",)
        split = () if any(argument.startswith("data/split=") for argument in arguments) else ("data/split=stratified",)
        result = command("train", "experiment=piezo/table", *small, *given, *ensemble, *split, *arguments)
        assert result.code == 0, result.err
        (new,) = all_runs()
        return new

    return run


@pytest.fixture
def as_an_earlier_release(folder, client):
    """Take from a run what it knows of its rows, as if an earlier release had trained it."""

    def strip(run):
        shutil.rmtree(folder(run) / "known_rows")
        root = client.get_run(run.info.run_id).info.artifact_uri.removeprefix("file://")
        shutil.rmtree(f"{root}/known_rows")

    return strip


def held_out(run):
    """Return the metrics of a run that are about held-out rows."""
    return {key: value for key, value in run.data.metrics.items() if key.startswith("test/") and "member" not in key}


def of_test(metrics):
    return {key: value for key, value in metrics.items() if key.startswith("test/")}


@pytest.mark.parametrize("model", ["linear", "dnn"])
def test_rows_of_the_training_are_told_apart(trained, command, table, model):
    run = trained(f"model={model}")

    result = command("evaluate", f"run={run.info.run_id}", f"data.path={table()}")
    metrics = evaluate(run.info.run_id, str(table()))

    assert result.code == 0, result.err
    line = result.out.splitlines()[0]
    assert line == "24 of 30 rows were fitted: their error (train/…) is not a test error; 6 are new"
    assert of_test(metrics) == held_out(run)
    assert (metrics["rows"], metrics["train/rows"]) == (30, 24)
    if model == "linear":
        assert metrics["train/r2"] == run.data.metrics["train/r2"]
    frame = rm.evaluate(run.info.run_id, table())
    assert dict(zip(frame["metric"], frame["value"], strict=True)) == metrics


@pytest.mark.parametrize("form", ["other order", "float32", "text", "excel"])
def test_a_row_is_recognised_in_another_file(trained, table, tmp_path, form):
    run = trained("model=linear")
    frame = pd.read_csv(table())
    match form:
        case "other order":
            path = tmp_path / "other.tsv"
            frame.sample(frac=1, random_state=1)[[*frame.columns[::-1]]].assign(note="n").to_csv(
                path, index=False, sep="\t"
            )
        case "float32":
            path = tmp_path / "other.parquet"
            frame.astype({"x": np.float32, "amount": np.float64}).to_parquet(path)
        case "text":
            path = tmp_path / "other.csv"
            frame.assign(amount=frame["amount"].map("{:.2f}".format)).to_csv(path, index=False)
        case _:
            path = tmp_path / "other.xlsx"
            frame.to_excel(path, index=False)

    metrics = evaluate(run.info.run_id, str(path))

    assert metrics["train/rows"] == 24
    assert metrics["test/r2"] == pytest.approx(run.data.metrics["test/r2"], rel=1e-5)


def test_inputs_that_were_fitted_count_as_seen_whatever_was_measured(trained, table, command):
    run = trained("model=linear")
    again = table("again.csv", d33=np.linspace(0, 1, 30))

    metrics = evaluate(run.info.run_id, str(again))

    assert metrics["train/rows"] == 24
    new = table("new.csv", x=np.linspace(0.31, 0.4, 30))
    assert "train/rows" not in evaluate(run.info.run_id, str(new))
    result = command("evaluate", f"run={run.info.run_id}", f"data.path={new}")
    assert result.out.splitlines()[0] == "none of 30 rows was fitted"


@pytest.mark.parametrize(
    "model",
    [("model=linear", "data.split.repeats=2"), ("model=dnn", *STACKED, "data.split.repeats=2")],
    ids=["estimator", "network"],
)
def test_rows_that_were_held_out_in_turn_have_the_metrics_of_the_run(trained, command, table, model):
    run = trained(*KFOLD, *model)

    result = command("evaluate", f"run={run.info.run_id}", f"data.path={table()}")
    metrics = evaluate(run.info.run_id, str(table()))

    assert result.code == 0, result.err
    line = result.out.splitlines()[0]
    assert line == "30 were held out in turn, each is predicted by the models that did not see it"
    own = {key: value for key, value in held_out(run).items() if "best_of_repeats" not in key}
    assert {"test/r2", "test/r2_sd", "test/pooled_r2"} <= own.keys()
    assert "test/coverage" in own
    assert of_test(metrics) == pytest.approx(own, rel=1e-9)
    assert evaluate(run.info.run_id) == metrics


def test_rows_held_out_in_turn_beside_new_ones_and_duplicates(trained, table, command, tmp_path):
    frame = pd.read_csv(table())
    frame.loc[29, ["x", "amount", "kind"]] = frame.loc[0, ["x", "amount", "kind"]].to_numpy()
    twice = table("mine.csv", x=frame["x"], amount=frame["amount"], kind=frame["kind"])
    run = trained(*KFOLD, "data.split.repeats=1", "model=linear", f"data.path={twice}")
    new = frame.assign(x=frame["x"] + 0.5)
    pd.concat([frame, new[:10]]).to_csv(tmp_path / "more.csv", index=False)

    result = command("evaluate", f"run={run.info.run_id}", f"data.path={tmp_path}/more.csv")
    metrics = evaluate(run.info.run_id, f"{tmp_path}/more.csv")

    fitted = int(metrics.get("train/rows", 0))
    assert fitted in (0, 2), "both of the equal rows, unless the same fold held them out"
    assert f"{30 - fitted} were held out in turn" in result.out
    assert "10 are new" in result.out
    assert "test/r2_sd" not in metrics


def test_intervals_cover_what_the_run_says(trained, table):
    run = trained("model=dnn", *STACKED)

    metrics = evaluate(run.info.run_id, str(table()))

    assert metrics["test/coverage"] == run.data.metrics["test/coverage"]
    assert 0 <= metrics["train/coverage"] <= 1
    assert evaluate(run.info.run_id)["test/coverage"] == run.data.metrics["test/coverage"]


@pytest.mark.parametrize("split", [(), (*KFOLD, "data.split.repeats=1")], ids=["one fold", "folds"])
def test_the_split_of_an_earlier_release_is_made_again(trained, table, as_an_earlier_release, command, split):
    run = trained("model=linear", *split)
    found = evaluate(run.info.run_id, str(table()))
    # what such a run stores of the rows that it held out has no intervals
    expected = {
        key: value for key, value in found.items() if not split or ("coverage" not in key and "_width" not in key)
    }
    as_an_earlier_release(run)

    assert evaluate(run.info.run_id, str(table())) == expected

    other = table("other.csv")
    table(d33=np.arange(30.0))  # in the place of the run's own
    metrics = evaluate(run.info.run_id, str(other))
    result = command("evaluate", f"run={run.info.run_id}", f"data.path={other}")
    assert (metrics["rows"], "train/rows" in metrics, "test/r2" in metrics) == (30, False, True)
    line = result.out.splitlines()[0]
    assert line.startswith("which of 30 rows the model was fitted to is not known: ")
    assert "mine.csv: has changed since run" in line


def test_rows_of_several_targets_have_their_own_numbers(trained, table):
    run = trained("model=linear", "data.target=[d33,eps_r]", *KFOLD, "data.split.repeats=1")

    metrics = evaluate(run.info.run_id, str(table()))

    own = held_out(run)
    assert {key: metrics[key] for key in own} == pytest.approx(own, rel=1e-9)
    twice = metrics.keys() - own.keys() - {"rows"}  # a run logs the first target by its plain names only
    assert twice
    assert all(metrics[key] == metrics[key.replace("/d33/", "/")] for key in twice)
    assert metrics["test/eps_r/rmse"] != metrics["test/d33/rmse"]


def test_what_is_known_stands_beside_the_run_and_is_no_table_of_it(trained, command, folder):
    run = trained("model=linear")

    assert "known_rows" not in rm.load(run.info.run_id).tables
    (path,) = (folder(run) / "known_rows").iterdir()
    assert len(pd.read_parquet(path)) == 24
    path.write_bytes(b"torn")
    assert f"not known: {path}: cannot be read: " in command("evaluate", f"run={run.info.run_id}").out
    shutil.rmtree(folder(run))
    assert evaluate(run.info.run_id)["rows"] == 6


@pytest.mark.parametrize("split", [(), (*KFOLD, *STACKED, "data.split.repeats=1")], ids=["one fold", "folds"])
def test_a_fork_knows_the_rows_of_the_run_that_it_began_with(trained, table, tmp_path, command, split):
    run = trained("model=dnn", *split)
    other = pd.read_csv(table())
    other.assign(x=other["x"] + 0.5).to_csv(tmp_path / "other.csv", index=False)

    named = ("name=forked", "trainer.max_epochs=1")
    result = command("train", f"fork={run.info.run_id}", f"data.path={tmp_path}/other.csv", *named)
    assert result.code == 0, result.err

    assert evaluate("forked", str(table()))["train/rows"] == (30 if split else 24)
    assert ("train/rows" in evaluate("forked", f"{tmp_path}/other.csv")) == (not split)
