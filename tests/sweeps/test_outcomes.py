import pytest
from rich.console import Console
from small_study import failed, front, integers, mixed, study, trial

from remanence.sweeps import outcomes
from remanence.sweeps.outcomes import MOST_ROWS, print_outcomes


@pytest.fixture
def printed(capsys, monkeypatch):
    """Return the lines that a study prints on a console of the given width."""

    def lines(made, width=180, folder=None):
        monkeypatch.setattr(outcomes, "console", Console(width=width, soft_wrap=True, markup=False, emoji=False))
        print_outcomes(made, folder=folder)
        return capsys.readouterr().out.splitlines()

    return lines


def rows(lines):
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]


def test_the_best_comes_first_then_the_pruned(printed):
    lines = printed(mixed())

    assert lines[0] == "piezo/bayes: 3 ok, 1 pruned, 1 failed, 1 skipped"
    assert [(number, outcome) for number, outcome, *_ in rows(lines)] == [
        ("2", "ok"),
        ("5", "ok"),
        ("1", "skipped"),
        ("0", "ok"),
        ("3", "pruned"),
    ]
    assert rows(lines)[0] == ["2", "ok", "0.001", "[128,128]", "1", "20", "1.5"]


def test_the_highest_comes_first_where_more_is_better(printed):
    lines = printed(study(trial(1.0), trial(3.0), trial(2.0), directions=("maximize",)))

    assert [row[0] for row in rows(lines)] == ["1", "2", "0"]


def test_the_best_trial_is_written_as_overrides(printed):
    assert f"best: trial 2, run {'b' * 32}: model.lr=0.001 model.hidden=[128,128]" in printed(mixed())


def test_the_page_of_the_sweep_is_named_if_it_is_there(printed, tmp_path):
    assert not any(line.startswith("page") for line in printed(mixed(), folder=tmp_path))
    page = tmp_path / "figures" / "sweep.html"
    page.parent.mkdir()
    page.touch()

    assert f"page     {page}" in printed(mixed(), folder=tmp_path)


def test_a_failure_is_one_line_with_its_kind(printed):
    assert printed(mixed())[-1] == "trial 4 failed: diverged: weights are not finite"


@pytest.mark.parametrize(
    ("kind", "message", "line"),
    [
        ("killed", "worker killed by SIGKILL", "trial 0 failed: worker killed by SIGKILL"),
        ("ValueError", "", "trial 0 failed: ValueError"),
        ("", "", "trial 0 failed: no reason was recorded"),
    ],
)
def test_a_reason_says_nothing_twice(printed, kind, message, line):
    assert printed(study(failed(kind, message))) == [
        "piezo/bayes: 0 ok, 0 pruned, 1 failed, 0 skipped",
        "no trial has a value",
        line,
    ]


def test_a_narrow_terminal_gets_the_parameters_in_one_column(printed):
    wide, narrow = printed(mixed(), width=180), printed(mixed(), width=60)

    assert "lr" in wide[2]
    assert "parameters" in narrow[2]
    assert any("lr 0.001, hidden [128,128]" in line for line in narrow)
    assert max(len(line) for line in narrow if line[0] in "┏┃│└") <= 60
    assert not any("…" in line for line in narrow)


def test_a_pareto_front_is_named_and_comes_first(printed):
    lines = printed(front())

    assert [row[0] for row in rows(lines)] == ["2", "1", "3", "0"]
    assert "Pareto front: trial 2, trial 1" in lines


def test_a_long_sweep_prints_its_best_rows_only(printed):
    lines = printed(integers([float(value) for value in range(100, 40, -1)]))

    assert len(rows(lines)) == MOST_ROWS
    assert rows(lines)[0][0] == "59"
    assert f"and {60 - MOST_ROWS} more: see tables/trials of the sweep's run" in lines


def test_many_failures_are_not_all_printed(printed):
    lines = printed(study(*[failed() for _ in range(50)]))

    assert len([line for line in lines if line.startswith("trial")]) == MOST_ROWS
