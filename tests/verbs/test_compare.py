import io
import re

import pandas as pd
import pytest

from remanence.verbs import compare as verb
from remanence.verbs.compare import compare

METRICS = ["test/r2", "test/rmse", "test/mae", "test/mse", "val/mse"]


def parameters_of(table):
    leading, trailing = ["run", "config", "status", "group"], [*METRICS, "baseline/best", "baseline/r2", "id"]
    assert list(table.columns[:4]) == leading
    assert list(table.columns[-len(trailing) :]) == trailing
    return list(table.columns[4 : -len(trailing)])


def test_there_is_a_row_per_run_and_only_what_differs(train):
    runs = [train("model=linear"), train("model.lr=0.01"), train("model.lr=0.02", "data.noise=2")]

    table = compare("piezo")

    assert table["id"].tolist() == [run.info.run_id for run in runs]
    assert table["run"].tolist() == [run.info.run_name for run in runs]
    assert table["status"].tolist() == ["FINISHED"] * 3
    differing = parameters_of(table)
    assert {"model._target_", "model.lr", "data.noise"} <= set(differing)
    assert not {"seed", "data.target", "trainer.max_epochs"} & set(differing)
    assert table["model.lr"].tolist() == ["", "0.01", "0.02"]
    for metric in METRICS:
        assert table[metric].tolist() == [run.data.metrics[metric] for run in runs]


def test_runs_that_do_not_differ_have_no_parameter_columns(train):
    for _ in range(2):
        train("model=linear")

    assert parameters_of(compare("piezo")) == []


def test_the_best_baseline_stands_beside_each_run(train):
    run = train()
    scores = {name: run.data.metrics[f"baseline/{name}/test/r2"] for name in ("linear", "random_forest")}

    (row,) = compare("piezo").to_dict("records")

    assert row["baseline/best"] == max(scores, key=scores.get)
    assert row["baseline/r2"] == max(scores.values())


def test_a_run_without_baselines_leaves_their_cells_empty(train):
    train("model=linear", "~baselines.random_forest", "~baselines.linear")

    (row,) = compare("piezo").to_dict("records")

    assert row["baseline/best"] == ""


def test_an_experiment_a_configuration_and_a_sweep_are_found_by_name(train, command, table, all_runs):
    alone = train("model=linear")
    mine = train(
        f"data.path={table()}", "data.target=d33", "data.features=[x]", "model=linear", experiment="piezo/table"
    )
    assert command("train", "-m", "experiment=piezo/single", "data.replicates=4", "model=linear", "seed=0,1").code == 0
    (sweep,) = [run for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]
    children = [run for run in all_runs() if run.data.tags.get("mlflow.parentRunId") == sweep.info.run_id]

    def found(wanted):
        return set(compare(wanted)["id"])

    assert found("piezo/table") == {mine.info.run_id}
    assert found(sweep.info.run_id) == {run.info.run_id for run in children}
    assert found("piezo/single") == {alone.info.run_id} | found(sweep.info.run_id)
    assert found("piezo") == found("piezo/single")
    assert found("mine") == found("piezo/table")


def test_a_failed_run_has_its_row(train, command):
    train()
    diverging = ["model.activation=relu", "model.optimizer=sgd", "model.lr=1e30"]
    assert command("train", "experiment=piezo/single", "data.replicates=4", *diverging).code == 1

    result = command("compare", "piezo")

    assert result.code == 0, result.err
    assert compare("piezo")["status"].tolist() == ["FINISHED", "FAILED"]
    assert "FAILED" in result.out


@pytest.fixture
def printed(monkeypatch):
    """What is printed with colours: the lines with an escape code are the marked ones."""
    from rich.console import Console

    console = Console(force_terminal=True, width=400, markup=False, record=True)
    monkeypatch.setattr(verb, "console", console)
    return lambda: console.export_text(styles=True)


@pytest.mark.parametrize(
    ("column", "values", "best"),
    [
        ("test/r2", [0.1, 0.9, 0.5], "0.9"),
        ("test/rmse", [3.0, 0.25, 2.0], "0.25"),
        ("val/mse", [7.0, 8.0, 6.5], "6.5"),
        ("test/mae", [None, 8.0, 6.5], "6.5"),
        ("test/r2", [None, 8.0, None], None),
    ],
)
def test_the_best_value_of_each_metric_is_marked(printed, column, values, best):
    verb.print_comparison(pd.DataFrame({"run": ["a", "b", "c"], column: values}), title="t")

    marked = [part.partition("\x1b[0m")[0] for part in printed().split("\x1b[1;32m")[1:]]
    assert [text.strip() for text in marked] == ([best] if best else [])


def test_values_in_brackets_are_printed_as_they_are(printed):
    verb.print_comparison(pd.DataFrame({"run": ["d33 [pC/N]", "x[/y]"], "test/r2": [0.1, 0.2]}), title="[bold]")

    text = printed()
    for part in ("d33 [pC/N]", "x[/y]", "[bold]: 2 runs"):
        assert part in text


@pytest.mark.parametrize("spelling", [["--csv", "{}"], ["--csv={}"]])
@pytest.mark.parametrize("first", [True, False])
def test_the_table_is_written_as_csv(train, command, tmp_path, spelling, first):
    train("model=linear")
    path = tmp_path / "runs = all.csv"
    option = [part.format(path) for part in spelling]

    result = command("compare", *(option if first else []), "piezo", *([] if first else option))

    assert result.code == 0, result.err
    written = pd.read_csv(path, float_precision="round_trip")
    assert written["test/r2"].tolist() == compare("piezo")["test/r2"].tolist()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nothing"], "mlflow.db; experiments: piezo"),
        (["it's"], "no runs of 'it's'"),
        ([], "name one experiment"),
        (["a", "b", "c"], "name one experiment"),
        (["a", "b"], "no run with the id or name 'a'"),
        (["piezo", "--csv"], "--csv: name the file"),
        (["piezo", "--html="], "--html: name the file"),
        (["piezo", "--csv", "nowhere/x.csv"], "nowhere/x.csv: the folder"),
        (["piezo", "--csv", "."], ".: is a folder; name a file"),
        (["piezo", "--html", "nowhere/x.html"], "nowhere/x.html: the folder"),
    ],
)
def test_what_cannot_be_compared_is_one_line(train, command, arguments, reason):
    train("model=linear")

    result = command("compare", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert reason in line


def test_the_page_and_the_table_are_written_together(train, command, tmp_path):
    train("model=linear")
    train("model=linear", "seed=1")

    result = command("compare", "piezo/single", f"--html={tmp_path}/report.html", "--csv", str(tmp_path / "runs.csv"))

    assert result.code == 0, result.err
    assert "written to" in result.out
    text = (tmp_path / "report.html").read_text()
    for run_id in compare("piezo/single")["id"]:
        assert run_id in text
    assert len(pd.read_csv(tmp_path / "runs.csv")) == 2


@pytest.mark.parametrize(("width", "whole"), [(40, False), (80, False), (200, True)])
def test_a_row_is_printed_once_and_an_id_is_never_broken(monkeypatch, width, whole):
    from rich.console import Console

    console = Console(width=width, record=True, soft_wrap=True, file=io.StringIO())
    monkeypatch.setattr(verb, "console", console)
    ids = ["0123456789abcdef" * 2, "0123456789fedcba" * 2]
    table = pd.DataFrame({"run": ["first", "second"], "config": ["piezo/ns_to_qs"] * 2, "id": ids})
    for metric in ("test/r2", "test/rmse", "test/mae", "val/mse", "test/mse", "test/relative_error"):
        table.insert(2, metric, [0.123456, 0.2])

    verb.print_comparison(table, title="piezo")

    printed = console.export_text()
    shown = ids if whole else ["0123456789a", "0123456789f"]  # as many digits as tell them apart
    assert [printed.count(each) for each in shown] == [1, 1]
    assert [printed.count(run_id) for run_id in ids] == ([1, 1] if whole else [0, 0])


def many(number, **columns):
    values = [float(value) for value in range(number)]
    ids = [f"{value:032x}" for value in range(number)]
    return pd.DataFrame({"run": [f"run {n}." for n in range(number)], "test/r2": values, **columns, "id": ids})


def test_of_many_runs_the_best_and_the_newest_are_printed_and_how_many_more_there_are(printed):
    table = many(3000, **{"test/rmse": [100.0] * 1500 + [1.0] + [100.0] * 1499})

    verb.print_comparison(table, title="piezo", objective=("test/rmse", True))

    text = re.sub(r"\x1b\[[\d;]*m", "", printed())
    assert "run 1500." in text  # the best
    assert "run 2999." in text  # the newest, and the best by another metric
    assert "run 2000." not in text
    assert "and 2975 more: see --csv FILE" in text
    assert len(text.splitlines()) < 40


def test_the_best_and_the_newest_of_few_runs_are_all_runs_in_their_order(printed):
    verb.print_comparison(many(40), title="piezo")

    lines = [line for line in printed().splitlines() if "run " in line]
    assert [line.split("run ")[1].split(".")[0] for line in lines[-40:]] == [str(number) for number in range(40)]


@pytest.fixture
def of_three_groups(train, table):
    """Two runs on simulated rows, two on a file, and one on the same file by another target."""
    mine = (f"data.path={table()}", "data.features=[x,amount]", "model=linear", "tracking.experiment=piezo")
    return [
        train("model=linear"),
        train("model.lr=0.01"),
        train(*mine, "data.target=d33", experiment="piezo/table"),
        train(*mine, "data.target=d33", "data.features=[x]", experiment="piezo/table"),
        train(*mine, "data.target=eps_r", experiment="piezo/table"),
    ]


def test_runs_on_other_data_or_by_another_target_have_no_common_best_value(of_three_groups, command, printed, tmp_path):
    result = compare("piezo")

    names = ["nbbt (synthetic), target d33", "mine.csv, target d33", "mine.csv, target eps_r"]
    assert result["group"].tolist() == [names[0]] * 2 + [names[1]] * 2 + [names[2]]
    verb.print_comparison(result, title="piezo")
    text = printed()
    for name, number in zip(names, (2, 2, 1), strict=True):
        assert f"piezo, {name}: {number} runs" in text
    assert "groups of runs with other data, targets or splits: they have no common best value" in text
    marked = [part.partition("\x1b[0m")[0].strip() for part in text.split("\x1b[1;32m")[1:]]
    for places in ([0, 1], [2, 3]):
        assert f"{result['test/rmse'].iloc[places].min():.4g}" in marked
    assert len(marked) % 2 == 0  # one of two in each group, none in the group of one run
    assert f"{result['test/rmse'].iloc[4]:.4g}" not in marked


def test_the_page_has_a_best_run_in_each_group_and_none_between_them(of_three_groups, command, tmp_path):
    page = tmp_path / "page.html"
    assert command("compare", "piezo", "--html", str(page)).code == 0

    text = page.read_text()
    assert text.count('class="best"') == 2
    assert "has the best val/mse on mine.csv, target d33<br>" in text
    assert "<th>group</th>" in text
    assert text.count("mine.csv, target eps_r</td>") == 1
    rows = text.partition("<tbody>")[2].split("<tr>")[1:]
    assert 'class="number top"' not in rows[4]
    assert "Only runs on nbbt (synthetic), target d33." in text


def test_a_file_that_changed_and_another_kind_of_split_are_other_groups(train, table):
    path = table()
    mine = (f"data.path={path}", "data.features=[x]", "data.target=d33", "model=linear", "tracking.experiment=piezo")
    train(*mine, experiment="piezo/table")
    train(*mine, "data.split.seed=1", experiment="piezo/table")
    train(*mine, "data/split=kfold", experiment="piezo/table")
    table(rows=40)
    train(*mine, experiment="piezo/table")

    first, again, folds, changed = compare("piezo")["group"]

    assert first == again
    assert len({first, folds, changed}) == 3
    assert "kind kfold" in folds


def test_scales_of_a_chain_are_shown(command):
    small = ("data.rows=40", "data.split.folds=2", "ensemble.folds=2", "baselines=none", "trainer.max_epochs=1")
    assert command("train", "experiment=nested/synthetic", *small, "figures=brief").code == 0

    assert {"test/fine/mae", "test/middle/mae", "test/coarse/mae"} <= set(compare("nested").columns)


def test_a_sweep_is_found_by_each_of_its_names_with_the_runs_it_took_over(train, command, all_runs, client):
    taken = train("model=linear", "seed=7")
    sweep = ("experiment=piezo/single", "data.replicates=4", "model=linear", "seed=0,1", "sweep.name=mine")
    assert command("train", "-m", *sweep).code == 0
    (parent,) = [run for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]
    client.set_tag(taken.info.run_id, "remanence.reused_by", f"{'0' * 32} {parent.info.run_id}")
    trials = {run.info.run_id for run in all_runs() if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id}

    for wanted in ("mine", parent.info.run_id, parent.info.run_name):
        assert set(compare(wanted)["id"]) == trials | {taken.info.run_id}
    assert len(compare("piezo")) == 3


def test_a_pruned_run_is_called_so(train, client):
    run = train("model=linear")
    client.set_tag(run.info.run_id, "remanence.outcome", "pruned")

    assert compare("piezo")["status"].tolist() == ["PRUNED"]


@pytest.mark.parametrize("option", ["--csv", "--html"])
def test_a_full_disk_leaves_the_earlier_comparison_and_one_line(train, command, tmp_path, room, option):
    train("model=linear")
    (tmp_path / "here").mkdir()
    out = tmp_path / "here" / "out.txt"
    out.write_text("earlier")

    room(100)
    result = command("compare", "piezo", option, str(out))

    assert (result.code, result.err) == (2, f"remanence: error: {out}: cannot be written: File too large\n")
    assert out.read_text() == "earlier"
    assert list(out.parent.iterdir()) == [out]


def test_neither_the_database_nor_the_other_file_is_written_over(train, command, outputs, tmp_path):
    train("model=linear")
    (tmp_path / "runs.html").hardlink_to(outputs / "mlflow.db")

    result = command("compare", "piezo", "--html", f"{tmp_path}/runs.html")
    assert result.code == 2
    assert f"runs.html is the database of runs, which would be lost: {outputs}/mlflow.db" in result.err
    result = command("compare", "piezo", "--html", f"{tmp_path}/a", "--csv", f"{tmp_path}/./a")
    assert (result.code, result.err) == (2, "remanence: error: compare: --html and --csv name the same file\n")

    assert command("compare", "piezo", "--csv", f"{tmp_path}/a").code == 0
