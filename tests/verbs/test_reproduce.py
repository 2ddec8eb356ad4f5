"""A run is made again as a new run, and its metrics are compared one by one."""

import json
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from remanence.tracking.provenance import git_state

NET = """
from remanence.models.linear import Linear


class Line(Linear):
    def predict(self, x):
        return super().predict(x) + {shift}
"""


@pytest.fixture(autouse=True)
def outside(tmp_path, monkeypatch):
    """A working directory outside every repository, in which runs are tracked."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git_state.cache_clear()
    yield folder
    git_state.cache_clear()


@pytest.fixture
def own(train, table):
    """A run of a linear model on a table of the user's, and the table."""
    path = table()
    columns = (f"data.path={path}", "data.features=[x,amount]", "data.target=d33")
    return train(*columns, "model=linear", experiment="piezo/table"), path


@pytest.fixture
def bundled(own, command, tmp_path):
    """A bundle with the data of ``own``, which are gone."""
    run, path = own
    assert command("bundle", f"run={run.info.run_id}", str(tmp_path / "out.zip"), "data=include").code == 0
    path.unlink()
    return tmp_path / "out.zip"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, fresh_database):
    """Outputs of somebody else, in which there is no run."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copy(fresh_database, folder / "mlflow.db")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(folder))
    return folder


def new_run(all_runs, first):
    (new,) = [run for run in all_runs() if run.data.tags.get("remanence.reproduces") == first.info.run_id]
    return new


def test_a_network_is_made_again_identical_as_a_new_run(train, command, all_runs, client, artifact):
    first = train()

    result = command("reproduce", first.info.run_id)

    assert result.code == 0, result.err
    again = new_run(all_runs, first)
    assert again.data.metrics == first.data.metrics
    assert again.info.run_name == f"{first.info.run_name}-again"
    assert again.data.tags["remanence.reproduction"] == "identical"
    assert again.data.tags["remanence.config_hash"] == first.data.tags["remanence.config_hash"]
    compared = len(first.data.metrics)
    assert result.out.strip().endswith(f"identical: of {compared} metrics {compared} identical")
    assert "test/rmse" not in result.out  # identical metrics are counted
    assert artifact(again, "tables/reproduction.csv").read_text().startswith("metric,first,again,relative,verdict\n")
    after = client.get_run(first.info.run_id)
    assert (after.data, after.info.end_time) == (first.data, first.info.end_time) or (
        after.data.to_dictionary() == first.data.to_dictionary()
    )


def test_a_metric_that_comes_out_otherwise_is_named_and_ends_with_1(own, command, all_runs, client):
    run, value = own[0], own[0].data.metrics["test/r2"]
    client.log_metric(run.info.run_id, "test/r2", value * 1.0001, step=1)
    near = command("reproduce", f"run={run.info.run_id}")
    client.log_metric(run.info.run_id, "test/r2", value * 1.1, step=2)
    far = command("reproduce", f"run={run.info.run_id}")
    wide = command("reproduce", f"run={run.info.run_id}", "tolerance=0.2")

    count = len(run.data.metrics)
    assert near.code == wide.code == 0
    assert (
        f"within tolerance: of {count} metrics {count - 1} identical, 1 within tolerance (tolerance 0.001" in near.out
    )
    assert far.code == 1
    compared = far.out.partition("beside the run that it makes again")[2].splitlines()
    assert ["test/r2" in line for line in compared if line.startswith("│")] == [True]
    assert f"different: of {count} metrics {count - 1} identical, 1 different (tolerance 0.001" in far.out
    verdicts = [each.data.tags.get("remanence.reproduction") for each in all_runs()]
    assert sorted(filter(None, verdicts)) == ["different", "within tolerance", "within tolerance"]


def test_a_bundle_is_enough_where_neither_run_nor_data_are(own, bundled, elsewhere, command):
    result = command("reproduce", str(bundled))

    assert result.code == 0, result.err
    assert f"{own[1]} is taken from" in result.out
    assert "identical: of" in result.out
    assert len(list((elsewhere / "runs").iterdir())) == 1


def test_the_bundle_of_an_unknown_file_is_made_again_from_what_the_user_names(
    own, command, elsewhere, tmp_path, monkeypatch
):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "outputs"))
    assert command("bundle", own[0].info.run_id, str(tmp_path / "out.zip")).code == 0
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(elsewhere))
    moved = own[1].rename(tmp_path / "moved.csv")

    refused = command("reproduce", str(tmp_path / "out.zip"))
    result = command("reproduce", str(tmp_path / "out.zip"), f"data.path={moved}")

    assert refused.code == 2
    assert refused.err.endswith("give data.path=<where it is now>\n")
    assert result.code == 0, result.err


def test_a_fork_begins_with_the_weights_of_its_origin_again(train, command, all_runs):
    origin = train()
    assert command("train", f"fork={origin.info.run_id}", "trainer.max_epochs=1").code == 0
    (forked,) = [run for run in all_runs() if run.info.run_id != origin.info.run_id]

    result = command("reproduce", f"run={forked.info.run_id}")

    assert result.code == 0, result.out
    assert new_run(all_runs, forked).data.metrics == forked.data.metrics


def test_a_trial_that_trained_with_others_is_told(own, command, client):
    client.set_tag(own[0].info.run_id, "remanence.stack", "6")

    result = command("reproduce", f"run={own[0].info.run_id}")

    assert "the run trained as one network with 5 other trials of its sweep; alone, float32 rounds" in result.out


@pytest.mark.parametrize("environment", [None, "current"])
def test_other_versions_are_told_or_lead_to_a_fresh_environment(
    own, command, monkeypatch, folder, artifact, environment
):
    path = artifact(own[0], "environment.txt")
    for place in (path, folder(own[0]) / "environment.txt"):
        place.write_text(place.read_text().replace("numpy==", "numpy==0."))
    monkeypatch.setattr("remanence.reproduction.fresh_environment._python", lambda version: "/no/python")

    result = command("reproduce", own[0].info.run_id, *([f"environment={environment}"] if environment else []))

    assert "numpy 0." in result.out
    if environment is None:
        assert result.code == 2
    else:
        assert "environment: the versions here differ: numpy 0." in result.out
        assert result.code == 0


def rewritten(bundle, change):
    """Write a bundle with another config.yaml, and perhaps another bundle.json."""
    foreign = bundle.with_name("foreign.zip")
    with zipfile.ZipFile(bundle) as packed, zipfile.ZipFile(foreign, "w") as written:
        for name in packed.namelist():
            content = packed.read(name)
            if name == "config.yaml":
                values = yaml.safe_load(content)
                change(values)
                content = yaml.safe_dump(values).encode()
            written.writestr(name, content)
    return foreign


def foreign_class(values):
    values["model"]["_target_"] = "stranger.nets.Net"
    values["allowed_targets"] = ["remanence.", "stranger."]


def foreign_place(values):
    values["paths"] = {"outputs": "/tmp/not/here"}
    values["tracking"] |= {
        "uri": "sqlite:////tmp/not/here.db",
        "tags": {"remanence.folder": "../out", "mlflow.parentRunId": "1"},
    }


def test_the_class_of_a_bundle_is_not_imported_and_nothing_is_tracked(bundled, command, monkeypatch, all_runs):
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS", raising=False)
    before = len(all_runs())

    result = command("reproduce", str(rewritten(bundled, foreign_class)))

    assert result.code == 2
    assert "'stranger.nets.Net' is not under allowed_targets (remanence.)" in result.err
    assert "stranger" not in sys.modules
    assert len(all_runs()) == before


def test_a_bundle_does_not_decide_where_the_new_run_is_written(bundled, own, command, outputs, all_runs):
    result = command("reproduce", str(rewritten(bundled, foreign_place)))

    assert result.code == 0, result.err
    again = new_run(all_runs, own[0])
    assert not {"remanence.folder", "mlflow.parentRunId"} & set(again.data.tags)
    assert (outputs / "runs" / again.info.run_id).is_dir()
    assert not Path("/tmp/not").exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ([], "reproduce: give one of run=<id or name> and bundle=<file>"),
        (["run=a", "bundle=b.zip"], "reproduce: give one of run=<id or name> and bundle=<file>"),
        (["run=a", "environment=old"], "environment: should be one of fresh, current, got 'old'"),
        (["run=a", "code=mine"], "code: should be one of installed, commit, apply, got 'mine'"),
        (["run=a", "tolerance=2"], "tolerance: should be a share from 0 to less than 1, got '2'"),
        (["run=a", "data.target=d33"], "reproduce: data.target: the run is made again as it was"),
        (["none.zip"], "none.zip: no such file"),
    ],
)
def test_a_mistake_is_one_line(command, typed, message):
    result = command("reproduce", *typed)

    assert (result.code, result.err) == (2, f"remanence: error: {message}\n")


def test_a_run_that_fails_cannot_be_reproduced(own, command, monkeypatch):
    def fail(self, *arguments, **named):
        raise RuntimeError("no memory")

    monkeypatch.setattr("remanence.models.linear.Linear.fit", fail)

    result = command("reproduce", own[0].info.run_id)

    assert result.code == 2
    assert "reproduce: it failed: RuntimeError: no memory" in result.err


@pytest.mark.slow
def test_the_recorded_commit_and_its_changes_make_a_run_with_a_class_of_ones_own(outputs, outside, all_runs, table):
    def typed(line):
        return subprocess.run(shlex.split(line), cwd=outside, capture_output=True, text=True, check=False)

    def write(shift):
        (outside / "mynet.py").write_text(NET.format(shift=shift))

    remanence = f"{sys.executable} -m remanence"
    write(0)
    for line in ("git init -q", "git add mynet.py", "git -c user.name=a -c user.email=a@b.org commit -q -m one"):
        assert typed(line).returncode == 0
    write(1)  # what is recorded as an uncommitted change
    trained = typed(
        f"{remanence} train experiment=piezo/table data.path={table()} data.features=[x,amount] data.target=d33 "
        "data/split=stratified model=linear model._target_=mynet.Line allowed_targets=[remanence.,mynet.] "
        "baselines=none figures=brief name=mine"
    )
    assert trained.returncode == 0, trained.stderr
    write(2)
    assert typed("git -c user.name=a -c user.email=a@b.org commit -q -a -m two").returncode == 0

    results = {
        code: typed(f"{remanence} reproduce run=mine allowed_targets=mynet. code={code}")
        for code in ("commit", "apply")
    }
    unallowed = typed(f"{remanence} reproduce run=mine code=apply")

    assert {code: result.returncode for code, result in results.items()} == {"commit": 1, "apply": 0}
    assert "uncommitted lines are not applied: code=apply applies them" in results["commit"].stdout
    assert "identical: of" in results["apply"].stdout
    assert unallowed.returncode == 2
    assert "'mynet.Line' is not under allowed_targets" in unallowed.stderr
    assert json.dumps([run.info.status for run in all_runs()]).count("FINISHED") == 3
