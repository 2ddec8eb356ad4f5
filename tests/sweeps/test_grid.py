import json
import subprocess
import sys
from pathlib import Path

import pytest
import small_sweep

from remanence.data.nbbt import NBBT

SMALL = (
    "experiment=piezo/single",
    "data.replicates=4",
    "trainer.max_epochs=2",
    "~baselines.random_forest",
)


@pytest.fixture
def pretended(monkeypatch, unillustrated):
    """Track without training."""
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)


@pytest.fixture
def sweep(command, all_runs):
    """Run ``train -m`` and return the answer, the parent and the children in the order in which they started."""

    def run(*arguments: str, mode: str = "-m"):
        result = command("train", mode, *SMALL, *arguments)
        runs = sorted(all_runs(), key=lambda run: run.info.start_time)
        parents = [run for run in runs if run.data.tags.get("remanence.kind") == "sweep"]
        assert len(parents) == 1, result.err
        return result, parents[0], [run for run in runs if run is not parents[0]]

    return run


def test_a_grid_of_two_by_two_is_one_parent_and_four_children(sweep, folder, artifact):
    result, parent, children = sweep("model.activation=tanh,relu", "model.lr=0.01,0.02", "+tracking.tags.batch=third")

    assert result.code == 0, result.err
    assert {run.info.status for run in [parent, *children]} == {"FINISHED"}
    assert [run.info.run_name for run in children] == [
        "activation=tanh, lr=0.01",
        "activation=tanh, lr=0.02",
        "activation=relu, lr=0.01",
        "activation=relu, lr=0.02",
    ]
    assert [(run.data.params["model.activation"], run.data.params["model.lr"]) for run in children] == [
        ("tanh", "0.01"),
        ("tanh", "0.02"),
        ("relu", "0.01"),
        ("relu", "0.02"),
    ]
    assert parent.info.run_name == "sweep model.activation=tanh,relu model.lr=0.01,0.02"
    assert "model.lr=0.01,0.02" in artifact(parent, "sweep.txt").read_text()
    for run in [parent, *children]:
        record = json.loads((folder(run) / "run.json").read_text())
        assert record["status"] == "FINISHED"


@pytest.mark.usefixtures("pretended")
def test_children_repeat_the_tags_of_their_parent_and_are_never_deeper(sweep):
    _, parent, children = sweep("seed=0,1", "+tracking.tags.batch=third")

    assert "mlflow.parentRunId" not in parent.data.tags
    for child in children:
        assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
        for tag in ("remanence.sweep", "remanence.config", "remanence.paper", "remanence.version", "batch"):
            assert child.data.tags[tag] == parent.data.tags[tag]
        assert "remanence.kind" not in child.data.tags
    assert parent.data.tags["remanence.sweep"] == parent.info.run_id
    assert len({child.data.tags["remanence.config_hash"] for child in children}) == len(children)


def test_a_child_has_the_numbers_of_the_same_run_alone(sweep, command, all_runs):
    _, _, children = sweep("seed=0,1", "hydra.sweeper.fuse=off")
    known = {run.info.run_id for run in all_runs()}

    assert command("train", *SMALL, "seed=1").code == 0

    (alone,) = [run for run in all_runs() if run.info.run_id not in known]
    assert alone.data.metrics == children[1].data.metrics
    assert alone.data.tags["remanence.config_hash"] == children[1].data.tags["remanence.config_hash"]
    assert "mlflow.parentRunId" not in alone.data.tags


def test_children_that_trained_together_have_the_numbers_of_the_same_runs_alone(sweep, command, all_runs, artifact):
    _, _, children = sweep("seed=0,1", "model.lr=0.01,0.02")
    known = {run.info.run_id for run in all_runs()}
    assert [child.data.tags["remanence.stack"] for child in children] == ["4"] * 4

    assert command("train", *SMALL, "seed=1", "model.lr=0.02").code == 0

    (alone,) = [run for run in all_runs() if run.info.run_id not in known]
    assert "remanence.stack" not in alone.data.tags
    assert alone.data.metrics == pytest.approx(children[3].data.metrics, rel=1e-4, abs=1e-6, nan_ok=True)
    folders = [artifact(run, "") for run in (alone, children[3])]
    names = [sorted(path.relative_to(each).as_posix() for path in each.rglob("*")) for each in folders]
    assert names[0] == names[1]


def test_trials_that_train_together_open_what_they_share_once(sweep, monkeypatch):
    opened, untouched = [], NBBT.open

    def spy(self):
        opened.append(self.split["seed"])
        return untouched(self)

    monkeypatch.setattr(NBBT, "open", spy)

    sweep("model.lr=0.01,0.02,0.03", "data.split.seed=0,1")

    assert sorted(opened) == [0, 0, 1, 1], "before the first trial, and for all trials"


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("seed=range(0,5,2)", ["0", "2", "4"]),
        ("seed=7", ["7"]),
    ],
)
def test_every_way_to_list_values_makes_a_job_of_each(sweep, given, values):
    result, _, children = sweep(given, "model=linear")

    assert result.code == 0, result.err
    assert [run.data.params["seed"] for run in children] == values


@pytest.mark.usefixtures("pretended")
def test_lists_and_groups_are_swept(sweep):
    result, _, children = sweep("model=dnn", "model.hidden=[4],[8,8]", "data.features=[x],[x,lph_slope]")

    assert result.code == 0, result.err
    assert [(run.data.params["model.hidden"], run.data.params["data.features"]) for run in children] == [
        ("[4]", "['x']"),
        ("[4]", "['x', 'lph_slope']"),
        ("[8, 8]", "['x']"),
        ("[8, 8]", "['x', 'lph_slope']"),
    ]


@pytest.mark.usefixtures("pretended")
def test_models_are_swept_by_name(sweep):
    result, _, children = sweep("model=linear,dnn")

    assert result.code == 0, result.err
    assert [run.data.tags["remanence.model"] for run in children] == ["Linear", "DNN"]
    assert {run.info.run_name for run in children} == {"model=linear", "model=dnn"}


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["name=both", "seed=0,1"], ["both", "both"]),
        (["name=first,second"], ["first", "second"]),
    ],
)
def test_names_that_the_user_gives_are_kept(sweep, given, names):
    _, _, children = sweep("model=linear", *given)

    assert [run.info.run_name for run in children] == names


@pytest.mark.usefixtures("pretended")
def test_a_parent_id_that_reads_as_a_number_stays_text(sweep, monkeypatch):
    import uuid

    import mlflow.store.tracking.sqlalchemy_store as store

    digits = iter(str(number) for number in range(10**31 + 1, 10**31 + 100))
    monkeypatch.setattr(store.uuid, "uuid4", lambda: uuid.UUID(next(digits)))

    result, parent, children = sweep("model=linear", "seed=0,1")

    assert result.code == 0, result.err
    assert parent.info.run_id.isdigit()
    assert {child.data.tags["mlflow.parentRunId"] for child in children} == {parent.info.run_id}


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("switch", [["--multirun"], ["hydra.mode=MULTIRUN"]])
def test_hydras_other_switches_for_a_sweep_mean_the_same(command, all_runs, switch):
    result = command("train", *switch, *SMALL, "model=linear", "seed=0,1")

    assert result.code == 0, result.err
    assert len(all_runs()) == 3


def test_hydra_leaves_no_files_of_its_own(sweep, outputs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep("model=linear", "seed=0,1", "hydra/launcher=basic", "hydra.job.name=mine")

    assert {path.name for path in tmp_path.iterdir()} == {"outputs"}
    databases = {"mlflow.db", "sweeps.db"}
    own = {"artifacts", "sweeps", *(f"{name}{end}" for name in databases for end in ("", ".lock", "-wal", "-shm"))}
    assert {path.name for path in outputs.iterdir()} <= own


@pytest.mark.slow
def test_a_sweep_can_be_started_as_a_module(outputs, all_runs):
    command = [sys.executable, "-m", "remanence", "train", "-m", *SMALL, "model=linear", "seed=0,1"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [run.info.status for run in all_runs()] == ["FINISHED"] * 3


def test_a_sweep_of_chains_shows_every_scale_side_by_side(command, client):
    tiny = ["trainer.max_epochs=1", "data.rows=60", "data.split.folds=2", "ensemble.folds=1", "baselines=none"]

    result = command("train", "-m", "experiment=nested/synthetic", *tiny, "model.scales.fine.latent_dim=2,3")

    assert result.code == 0, result.err
    (experiment,) = client.search_experiments(filter_string="name = 'nested'")
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    figures = {Path(entry.path).name for entry in client.list_artifacts(parent.info.run_id, "figures")}
    assert figures >= {"side_by_side_fine.y.png", "side_by_side_middle.y.png", "side_by_side_coarse.y.png"}
