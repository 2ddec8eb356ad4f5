from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from remanence.verbs.design import design

TINY = (
    "experiment=piezo/ns_to_qs",
    "data.replicates=3",
    "trainer.max_epochs=40",
    "ensemble.folds=2",
    "ensemble.repeats=1",
    "baselines=none",
    "figures=brief",
)


@pytest.fixture
def run_id(command, all_runs):
    """A finished run on two targets."""
    result = command("train", *TINY)
    assert result.code == 0, result.err
    (run,) = all_runs()
    return run.info.run_id


def test_a_finished_run_lists_compositions_best_first_with_intervals_and_extrapolation(run_id, command, tmp_path):
    table = design(run_id, "d33>150", {"over": "x=0:0.4"})

    assert len(table) == 41
    assert sorted(table["x"]) == pytest.approx(np.linspace(0, 0.4, 41))
    assert {"lph_slope", "d33", "d33_low", "d33_high", "eps_r", "eps_r_low", "eps_r_high"} <= set(table.columns)
    assert ((table["d33"] > 150) == (table["meets"] == "yes")).all()
    outside = table["extrapolated"] == "yes"
    assert outside.equals(~table["x"].between(0.02, 0.2501))  # the way between two compositions is no extrapolation
    assert outside.is_monotonic_increasing  # inside the data first
    for part in (table[~outside], table[outside]):
        assert part["d33"].is_monotonic_decreasing
    np.testing.assert_allclose(table["d33_high"] - table["d33"], table["d33"] - table["d33_low"])
    one = design(run_id, "d33>150", {"over": "x=[0.06]"})
    fixed = design(run_id, "d33>150", {"over": "x=[0.06]", "given": f"lph_slope={one['lph_slope'][0]}"})
    assert fixed["lph_slope"].tolist() == one["lph_slope"].tolist()

    lowest = design(run_id, "eps_r=min", {"over": "x=0:0.25,lph_slope=20:50"})
    assert len(lowest) == 51 * 31
    assert lowest[lowest["extrapolated"] == "no"]["eps_r"].is_monotonic_increasing
    assert "meets" not in lowest  # a minimum only ranks

    result = command(
        "design", f"run={run_id}", "target=d33>150", "over=x=0:0.4", "top=3", f"output={tmp_path}/best.csv"
    )
    assert result.code == 0, result.err
    assert "41 candidates written to" in result.out
    assert "lph_slope is not named: it takes the values of training rows nearby" in result.out
    assert f"{(table['meets'] == 'yes').sum()} of 41 candidates meet d33>150" in result.out
    written = pd.read_csv(tmp_path / "best.csv")
    assert written[["d33", "eps_r"]].isna().all(axis=None)  # to be filled in when they are measured
    written = written.drop(columns=["d33", "eps_r"]).rename(
        columns={"d33_predicted": "d33", "eps_r_predicted": "eps_r"}
    )
    pd.testing.assert_frame_equal(written, table, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["target=d33", "over=x=0:1"], "target: expected such as"),
        (["target=d31>2", "over=x=0:1"], "target: the run predicts d33, eps_r, not 'd31'"),
        (["target=d33>2", "over=y=0:1"], "over: the run's inputs are x, lph_slope, not 'y'"),
        (["target=d33>2", "over=x=0:1", "top=0"], "top must be a number of at least 1, got '0'"),
        (["target=d33>2"], "over"),
        (["target=d33>2", "over=x=0:1", "tops=3"], "tops"),
    ],
)
def test_a_wrong_argument_is_one_line(run_id, command, arguments, message):
    result = command("design", f"run={run_id}", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert message in line


def test_rows_of_a_file_that_has_changed_do_not_say_what_is_extrapolated(train, command, table):
    path = table()
    named = (f"data.path={path}", "data.features=[x,amount]", "data.target=d33", "~baselines.random_forest")
    run = train(*named, "model=linear", experiment="piezo/table")
    table(rows=40)

    result = command("design", f"run={run.info.run_id}", "target=d33>100", "over=x=0:0.3")

    assert result.code == 2
    assert f"{path}: has changed since run {run.info.run_id} read it" in result.err


def test_an_output_that_cannot_be_written_is_known_before_the_search(command):
    result = command("design", "run=nothing", "target=d33>100", "output=out.docx")

    assert (result.code, result.err) == (
        2,
        "remanence: error: out.docx: cannot write '.docx'; expected .csv, .tsv, .txt, .xlsx or .parquet\n",
    )


def test_an_unknown_run_is_one_line(command):
    result = command("design", "run=nothing", "target=d33>2", "over=x=0:1")

    assert result.code == 2
    assert result.err.startswith("remanence: error: run: no run with the id or name 'nothing'")


def test_the_data_of_the_run_are_not_written_over(train, table, command, tmp_path):
    path = table()
    run = train(
        f"data.path={path}", "data.features=[x,amount]", "data.target=d33", "model=linear", experiment="piezo/table"
    )
    (tmp_path / "best.csv").symlink_to(path)
    before = path.read_text()

    result = command(
        "design", f"run={run.info.run_id}", "target=d33=max", "over=x=0:0.3", f"output={tmp_path}/best.csv"
    )

    assert result.code == 2
    assert f"best.csv is data of run {run.info.run_id}, which would be lost: {path}" in result.err
    assert path.read_text() == before


def test_formulas_are_written_as_they_are_read_back_and_candidates_are_kept(train, command, tmp_path):
    path = Path(__file__).parents[1] / "data" / "messy" / "formulas.csv"
    named = (
        f"data.path={path}",
        "data.target=d33",
        "data.composition=Component",
        "data.features=[Process,T_sint]",
        "~baselines.random_forest",
    )
    run = f"run={train(*named, 'model=linear', experiment='piezo/table').info.run_id}"
    asked = ("target=d33=max", "given=Process=NS,T_sint=1150")

    result = command("design", run, *asked, "over=NBT:BT=0:0.1:0.02", f"output={tmp_path}/designed.csv")

    assert result.code == 0, result.err
    assert "6 candidates, best first" in result.out
    designed = pd.read_csv(tmp_path / "designed.csv")
    assert set(designed["Component"]) >= {"NBT", "0.94NBT-0.06BT", "0.9NBT-0.1BT"}
    (tmp_path / "rows.csv").write_text(designed[["Component", "Process", "T_sint"]].to_csv(index=False))
    assert command("predict", run, f"input={tmp_path}/rows.csv", f"output={tmp_path}/out.csv").code == 0
    predicted = pd.read_csv(tmp_path / "out.csv").filter(regex=r"^d33(_predicted)?$").iloc[:, 0]
    np.testing.assert_allclose(predicted, designed["d33_predicted"], rtol=1e-5)
    listed = (run, "target=d33>100", f"candidates={tmp_path}/rows.csv")
    again = command("design", *listed, f"output={tmp_path}/again.csv")
    assert again.code == 0, again.err
    assert sorted(pd.read_csv(tmp_path / "again.csv")["d33_predicted"]) == pytest.approx(sorted(predicted), rel=1e-5)
    lost = command("design", *listed, f"output={tmp_path}/rows.csv")
    assert lost.code == 2
    assert "rows.csv is candidates=, which would be lost" in lost.err
