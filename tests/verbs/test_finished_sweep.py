"""Sweeps from Python: the searches of the command line, and what they have found."""

import shlex

import pytest
import small_sweep

import remanence as rm

pytestmark = pytest.mark.usefixtures("unillustrated")
SMALL = ("data.replicates=4", "baselines=none", "figures=brief")


@pytest.fixture(autouse=True)
def untrained(monkeypatch):
    """Runs whose metrics follow from their learning rate."""
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)


def test_a_sweep_is_that_of_the_command_line(command, parent, capsys):
    found = rm.sweep("piezo/single", {"model.lr": [0.3, 0.2]}, *SMALL)

    assert capsys.readouterr() == ("", "")
    assert found.trials["model.lr"].tolist() == ["0.3", "0.2"]
    assert found.trials["val/mse"].tolist() == [0.3, 0.2]
    assert (found.best.id, found.best.metrics["val/mse"]) == (found.trials["run"].iloc[1], 0.2)
    assert (found.run.id, found.run.status) == (parent().info.run_id, "FINISHED")
    typed = "remanence train -m experiment=piezo/single model.lr=0.3,0.2 " + " ".join(SMALL)
    assert {found.run.tags["mlflow.source.name"], found.best.tags["mlflow.source.name"]} == {typed}
    assert repr(found) == f"<sweep {found.name}: 2 ok>"
    again = command(*typed.split()[1:])
    assert again.code == 0
    assert f"{found.name}: 2 ok" in again.out  # the command goes on with the study, of which nothing is left


def test_the_same_call_goes_on(outputs, all_runs):
    search = {"model.lr": "tag(log,interval(1e-3,1))"}
    first = rm.sweep("piezo/single", search, *SMALL, n_trials=1, name="mine")
    second = rm.sweep("piezo/single", search, *SMALL, n_trials=3, name="mine")
    third = rm.sweep("piezo/single", search, *SMALL, n_trials=3, name="mine")

    assert first.name == second.name == "mine"
    assert second.run.id == third.run.id
    assert second.trials["run"].tolist() == third.trials["run"].tolist()
    assert len(all_runs()) == 4
    assert rm.runs("mine")["sweep"].tolist() == ["mine"] * 3


def test_values_are_written_as_the_grammar_has_them(outputs):
    search = {"model.hidden": [[8], [8, 4]], "model.activation": ("tanh",), "data.target": ["d33", "eps_r"]}

    trials = rm.sweep("piezo/single", search, *SMALL, name="values").trials

    assert trials["model.hidden"].tolist() == ["[8]", "[8]", "[8,4]", "[8,4]"]
    assert trials["data.target"].tolist() == ["d33", "eps_r"] * 2
    assert set(trials["model.activation"]) == {"tanh"}


def test_values_that_a_command_line_takes_as_they_stand_can_be_searched(command, table, all_runs):
    paths = [str(table(name, rows=rows)) for name, rows in (("a, b=1.csv", 30), ("c.csv", 40))]
    columns = ("data/split=stratified", "data.target=d33", "data.features=[x]")

    found = rm.sweep("piezo/table", {"data.path": paths}, *columns, "baselines=none", "figures=brief")

    configs = [rm.load(run).config["data"]["path"] for run in found.trials["run"]]
    assert configs == paths
    assert command(*shlex.split(found.run.tags["mlflow.source.name"])[1:]).code == 0
    assert len(all_runs()) == 3


def test_several_objectives_have_several_best_runs(outputs):
    several = ("objective=[val/mse,test/r2]", "objective_direction=[minimize,minimize]")

    found = rm.sweep("piezo/single", {"model.lr": [0.3, 0.2]}, *SMALL, *several)

    assert sorted(run.metrics["val/mse"] for run in found.best) == [0.2, 0.3]


@pytest.mark.parametrize(
    ("search", "overrides", "message"),
    [
        ({"model.lr": []}, (), "model.lr: the list of values is empty"),
        ({"model.lr": 0.1}, (), "model.lr: expected a list of values or a search as text, got 0.1"),
        ({"model.lrr": [1, 2]}, (), "model.lrr: unknown key; did you mean 'model.lr'"),
        ({"seed": [1, 2]}, ("fork=mine",), "resume= and fork= are of one run"),
        ({"seed": [1, 2]}, ("--multirun",), "expected overrides"),
        ({}, (), None),
    ],
)
def test_a_mistake_is_an_exception_before_the_first_trial(outputs, all_runs, search, overrides, message):
    if message is None:  # nothing is searched: one trial
        assert len(rm.sweep("piezo/single", search, *SMALL, *overrides).trials) == 1
        return

    with pytest.raises(rm.ConfigurationError, match=message):
        rm.sweep("piezo/single", search, *SMALL, *overrides)

    assert all_runs() == []


def test_a_sweep_without_any_result_says_why(outputs, monkeypatch):
    def broken(cfg, **_):
        raise ValueError("no memory left")

    monkeypatch.setattr("remanence.verbs.train.train", broken)

    with pytest.raises(RuntimeError, match="all 2 trials failed, the first by ValueError: no memory left"):
        rm.sweep("piezo/single", {"model.lr": [0.3, 0.2]}, *SMALL)
