import pandas as pd
import pytest

import remanence as rm


@pytest.fixture
def pair(train, table):
    """Two linear models of one table in three folds, ``before`` and ``after``."""
    made = [
        f"data.path={table()}",
        "data.target=d33",
        "data.features=[x,amount]",
        "data/split=kfold",
        "data.split.folds=3",
        "data.split.repeats=1",
        "~baselines.random_forest",
    ]

    def run(name, *changed):
        return train(*made, f"name={name}", *changed, experiment="piezo/table")

    return run("before", "model=linear"), run("after", "model=ridge")


def parts(table):
    return {part: rows.set_index("what") for part, rows in table.groupby("part")}


def test_what_changed_and_what_came_out_is_printed_and_written(pair, command, tmp_path, client):
    before, after = pair
    page, csv = tmp_path / "two.html", tmp_path / "two.csv"

    result = command("compare", "before", after.info.run_id[:8], "--html", str(page), "--csv", str(csv))

    assert result.code == 0, result.err
    for said in (
        "model._target_",
        "remanence.models.ridge.Ridge",
        "the same in both: data, ",
        "MAE of d33 over 3 folds",
    ):
        assert said in result.out
    assert ("no more than chance" in result.out) or ("more than chance" in result.out)
    found = parts(pd.read_csv(csv))
    assert {"configuration", "metrics", "folds", "ran"} <= set(found)
    assert "data" not in found
    mae = found["metrics"].loc["test/mae", ["first", "difference"]].astype(float)
    assert mae["first"] == pytest.approx(before.data.metrics["test/mae"])
    assert mae["difference"] == pytest.approx(before.data.metrics["test/mae"] - after.data.metrics["test/mae"])
    assert found["folds"]["difference"].iloc[0] == pytest.approx(mae["difference"])
    text = page.read_text(encoding="utf-8")
    assert text.count("<figure>") >= 2
    assert "What changed" in text
    python = rm.compare_runs("before", "after")
    assert python["what"].tolist() == pd.read_csv(csv)["what"].tolist()
    refused(command, client, before)


def refused(command, client, before):
    """Each mistake is one line."""
    assert "are the same run" in command("compare", "before", before.info.run_id).err
    assert "no run with the id or name 'nobody'" in command("compare", "before", "nobody").err
    assert "or two runs" in command("compare", "before", "after", "again").err
    client.set_tag(before.info.run_id, "mlflow.runName", "after")
    result = command("compare", "after", before.info.run_id)
    assert (result.code, "several runs are called 'after'" in result.err) == (2, True)
