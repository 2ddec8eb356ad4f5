import numpy as np
import pandas as pd
import pytest

from remanence.errors import ConfigurationError
from remanence.studies.design.table_grid import GRID, parse_ranges, parse_target
from remanence.studies.design.wish import Wish
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


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("d33>200", Wish("d33", ">", 200.0)),
        ("d33 >= 1.5e2", Wish("d33", ">", 150.0)),
        ("eps_r<900", Wish("eps_r", "<", 900.0)),
        ("d33=max", Wish("d33", "max", 0.0)),
        ("eps_r = min", Wish("eps_r", "min", 0.0)),
        ("tan d (%)<-2", Wish("tan d (%)", "<", -2.0)),
    ],
)
def test_a_wish_is_read(text, wish):
    assert parse_target(text, ["d33", "eps_r", "tan d (%)"]) == wish


@pytest.mark.parametrize("text", ["d33", "d33>", "d33=200", ">200", "d33>a", "d33>1e", "d33=maximum", ""])
def test_an_unreadable_wish_shows_an_example(text):
    with pytest.raises(ConfigurationError, match=r"^target: expected such as 'd33>200'"):
        parse_target(text, ["d33"])


def test_a_target_that_the_run_does_not_predict_is_named():
    with pytest.raises(ConfigurationError, match=r"^target: the run predicts d33, eps_r, not 'd31'"):
        parse_target("d31>200", ["d33", "eps_r"])


def test_ranges_are_read():
    assert parse_ranges("x=0:0.25, lph_slope = 2e1:50", ["x", "lph_slope"]) == {"x": (0, 0.25), "lph_slope": (20, 50)}
    assert parse_ranges("x=-1:+1", ["x"]) == {"x": (-1, 1)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "over: expected such as 'x=0:0.25', got 'x'"),
        ("x=0", "over: expected such as"),
        ("x=0:1:2", "over: expected such as"),
        ("x=a:b", "over: expected such as"),
        ("x=0:1,", "over: expected such as 'x=0:0.25', got ''"),
        ("y=0:1", "over: the run's numeric features are x, lph_slope, not 'y'"),
        ("x=1:0", "over: x=1:0 is empty; the first number must be the smaller"),
        ("x=1:1", "over: x=1:1 is empty"),
    ],
)
def test_a_range_that_cannot_be_searched_says_why(text, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_ranges(text, ["x", "lph_slope"])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("wish", "score"), [("d33>2", [-1, 0, 1]), ("d33<2", [1, 0, -1]), ("d33=max", [1, 2, 3]), ("d33=min", [-1, -2, -3])]
)
def test_the_score_is_higher_on_the_wanted_side(wish, score):
    assert parse_target(wish, ["d33"]).score(np.array([1.0, 2.0, 3.0])).tolist() == score


def test_a_finished_run_lists_compositions_best_first_with_intervals_and_extrapolation(run_id, command, tmp_path):
    table = design(run_id, "d33>150", {"over": "x=0:0.4"})

    assert len(table) == GRID
    assert sorted(table["x"]) == pytest.approx(np.linspace(0, 0.4, GRID))
    assert {"lph_slope", "d33", "d33_low", "d33_high", "eps_r", "eps_r_low", "eps_r_high"} <= set(table.columns)
    assert ((table["d33"] > 150) == (table["meets"] == "yes")).all()
    outside = table["extrapolated"] == "yes"
    assert outside.equals(~table["x"].between(0.02, 0.2501))  # the way between two compositions is no extrapolation
    assert outside.is_monotonic_increasing  # inside the data first
    for part in (table[~outside], table[outside]):
        assert part["d33"].is_monotonic_decreasing
    np.testing.assert_allclose(table["d33_high"] - table["d33"], table["d33"] - table["d33_low"])

    lowest = design(run_id, "eps_r=min", {"over": "x=0:0.25,lph_slope=20:50"})
    assert len(lowest) == GRID**2
    assert lowest[lowest["extrapolated"] == "no"]["eps_r"].is_monotonic_increasing
    assert set(lowest["meets"]) == {"yes"}

    result = command(
        "design", f"run={run_id}", "target=d33>150", "over=x=0:0.4", "top=3", f"output={tmp_path}/best.csv"
    )
    assert result.code == 0, result.err
    assert f"{GRID} compositions written to" in result.out
    assert f"{(table['meets'] == 'yes').sum()} of {GRID} compositions meet d33>150" in result.out
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "best.csv"), table, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["target=d33", "over=x=0:1"], "target: expected such as"),
        (["target=d31>2", "over=x=0:1"], "target: the run predicts d33, eps_r, not 'd31'"),
        (["target=d33>2", "over=y=0:1"], "over: the run's numeric features are x, lph_slope, not 'y'"),
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
