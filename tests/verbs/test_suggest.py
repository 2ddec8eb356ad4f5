import json
import re

import pandas as pd
import pytest

import remanence as rm
from remanence.errors import ConfigurationError
from remanence.figures.explorer.page import explorer_page


@pytest.fixture
def run(train, table):
    """A finished run on a small table of one's own."""
    return train(
        f"data.path={table()}", "data.features=[x,amount]", "data.target=d33", "model=linear", experiment="piezo/table"
    )


def test_the_next_experiments_are_printed_written_and_taken_as_pending(run, command, tmp_path):
    asked = (f"run={run.info.run_id}", "over=x=0:0.2:0.01,amount=0:1:0.1", "n=3")

    first = command("suggest", *asked, f"output={tmp_path}/next.csv")
    second = command("suggest", *asked, f"output={tmp_path}/later.csv", f"pending={tmp_path}/next.csv")

    assert first.code == second.code == 0, first.err + second.err
    assert "target= is not given: d33=max" in first.out
    assert "next experiments for d33=max, the most wanted first" in first.out
    assert "3 rows written to" in first.out
    assert "3 pending experiments count as made" in second.out
    next_, later = (pd.read_csv(tmp_path / name) for name in ("next.csv", "later.csv"))
    assert {"x", "amount", "d33", "d33_predicted", "distance", "extrapolated", "nearest", "reason"} <= {*next_}
    assert next_["d33"].isna().all()
    assert next_.merge(later, on=["x", "amount"]).empty

    untouched = command("evaluate", asked[0], f"data.path={tmp_path}/next.csv")
    assert untouched.code == 2
    assert "no row has a value in each column that is used; 'd33' lacks 3" in untouched.err


def test_what_was_suggested_stands_in_the_explorer_of_the_run(run, command, outputs, tmp_path):
    page = outputs / "runs" / run.info.run_id / "figures" / "explorer.html"
    page.write_text(explorer_page("table", title="mine", data={"campaign": None}), encoding="utf-8")

    result = command(
        "suggest", f"run={run.info.run_id}", "over=x=0:0.2:0.01,amount=0:1:0.1", "n=2", f"output={tmp_path}/next.csv"
    )

    assert f"added to figures/explorer.html of run {run.info.run_id}" in result.out
    shown = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)[1])
    wanted = pd.read_csv(tmp_path / "next.csv")[["x", "amount"]].to_numpy()
    assert shown["campaign"]["next"]["rows"] == [[f"{value:.4g}" for value in row] for row in wanted]
    assert shown["campaign"]["rows"] == len(shown["campaign"]["targets"][0]["values"])


def test_a_backtest_is_printed_and_logged_to_the_run(run, command, client, tmp_path):
    result = command(
        "suggest",
        f"run={run.info.run_id}",
        "backtest=true",
        "starts=4",
        "measured=8",
        "n=2",
        "seeds=2",
        "top=3",
        f"output={tmp_path}/curve.csv",
    )

    assert result.code == 0, result.err
    assert "backtest: 2 campaigns on" in result.out
    assert "after 8 experiments, found of the 3 best: suggest" in result.out
    assert "experiments find as many as suggest" in result.out
    curve = pd.read_csv(tmp_path / "curve.csv")
    assert set(curve["way"]) == {"suggest", "upper bound", "greedy", "random"}
    assert curve["measured"].unique().tolist() == [4, 6, 8]
    logged = {
        entry.path for folder in ("tables", "figures") for entry in client.list_artifacts(run.info.run_id, folder)
    }
    assert {"tables/suggest_backtest.csv", "figures/suggest_backtest.png"} <= logged


def test_a_wrong_argument_is_one_line_and_nothing_that_is_read_is_written_over(run, command, tmp_path):
    made, over = tmp_path / "made.csv", "over=x=0:0.3"
    made.write_text("x,amount\n0.1,0.2\n")

    for arguments, message in (
        ([over, "starts=3"], "suggest: starts= is not for run"),
        (["backtest=true", over], "suggest backtest=true: over= is not for run"),
        (["backtest=yes"], "backtest: expected true or false, got 'yes'"),
        (["backtest=true", "measured=1000"], "backtest: "),
        ([over, "ove=3"], "suggest: unknown key 'ove'"),
        ([over, f"pending={made}", f"output={made}"], "made.csv is pending="),
    ):
        result = command("suggest", f"run={run.info.run_id}", *arguments)
        assert result.code == 2
        (line,) = result.err.splitlines()
        assert message in line
    assert made.read_text() == "x,amount\n0.1,0.2\n"


def test_python_asks_for_the_same_experiments(run):
    table = rm.suggest(run.info.run_id, over="x=0:0.2:0.01,amount=0:1:0.1", n=3)

    assert len(table) == 3
    assert table.attrs["units"] == rm.load(run.info.run_id).suggest(over="x=0:0.2:0.05", n=1).attrs["units"]
    with pytest.raises(ConfigurationError, match="suggest: top= is not for run"):
        rm.suggest(run.info.run_id, over="x=0:0.2", top=3)
