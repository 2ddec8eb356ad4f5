import shlex

import pytest
import small_sweep

SMALL = (
    "experiment=piezo/ns_to_qs",
    "data.replicates=3",
    "data.target=d33",
    "trainer.max_epochs=2",
    "model.hidden=[4]",
    "ensemble.folds=2",
    "ensemble.repeats=1",
    "baselines=none",
)


@pytest.fixture
def jobs(command, all_runs):
    """Run ``train -m`` and return its runs but the parent, in the order in which they started."""

    def run(*arguments: str):
        result = command("train", "-m", *SMALL, *arguments)
        assert result.code == 0, result.err
        runs = sorted(all_runs(), key=lambda run: run.info.start_time)
        return [run for run in runs if run.data.tags.get("remanence.kind") != "sweep"]

    return run


def test_a_named_sweep_runs_its_values_in_order(jobs):
    children = jobs("sweep=piezo/activations")

    assert [run.data.params["model.activation"] for run in children] == ["tanh", "sigmoid", "relu"]
    assert [run.info.run_name for run in children] == ["activation=tanh", "activation=sigmoid", "activation=relu"]
    assert {run.info.status for run in children} == {"FINISHED"}
    assert len({run.data.metrics["test/r2"] for run in children}) == 3


def test_the_parent_shows_its_runs_side_by_side(jobs, all_runs, client):
    children = jobs("sweep=piezo/losses")

    (parent,) = [run for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]
    assert "model.loss=mse,smooth_l1" in parent.info.run_name
    assert {child.data.tags["mlflow.parentRunId"] for child in children} == {parent.info.run_id}
    assert "tables/runs.csv" in [entry.path for entry in client.list_artifacts(parent.info.run_id, "tables")]
    figures = [entry.path for entry in client.list_artifacts(parent.info.run_id, "figures")]
    assert set(figures) == {f"figures/{name}" for name in ("side_by_side_d33.png", "history.png", "sweep.html")}


@pytest.mark.usefixtures("unillustrated")
@pytest.mark.parametrize(
    ("given", "activations"),
    [
        (["model.activation=gelu"], ["gelu"]),
        (["model.activation=silu,tanh"], ["silu", "tanh"]),
        (["model.activation=tanh", "seed=3,4"], ["tanh", "tanh"]),
    ],
    ids=["one value", "several", "another key"],
)
def test_the_command_line_wins_over_the_values_of_the_sweep(jobs, monkeypatch, given, activations):
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)

    children = jobs("sweep=piezo/activations", *given)

    assert [run.data.params["model.activation"] for run in children] == activations


def test_a_sweep_without_m_is_one_line_and_no_run(command, all_runs):
    result = command("train", *SMALL, "sweep=piezo/activations")

    assert result.code == 2
    assert result.err == "remanence: error: sweep=piezo/activations is a search of several runs: add -m\n"
    assert all_runs() == []


def test_an_unknown_sweep_is_one_line_and_no_run(command, all_runs):
    result = command("train", "-m", *SMALL, "sweep=piezo/activation")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "sweep: unknown name 'piezo/activation'; did you mean 'piezo/activations'?" in line
    assert all_runs() == []


@pytest.mark.usefixtures("unillustrated")
def test_several_files_are_searched_as_the_message_says(command, children, table, monkeypatch):
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)
    files = [str(table(name)) for name in ("first.csv", "that's = no [2].csv")]
    asked = ("train", "-m", "experiment=piezo/table", "data.target=d33", "data.features=[x]", "baselines=none")

    refused = command(*asked, f"data.path={','.join(files)}")

    assert refused.code == 2
    assert refused.err.startswith(f"remanence: error: {','.join(files)}: no such file; data.path is taken as typed")
    searched = shlex.split(refused.err.partition(", give ")[2])
    assert command(*asked, *searched).code == 0
    assert [run.data.params["data.path"] for run in children()] == files
