"""A stored run is data from somebody else: what it names is neither imported nor resolved unless the user says so."""

import json
import sys
from pathlib import Path

import mlflow
import optuna
import pandas as pd
import pytest
import yaml
from omegaconf import OmegaConf
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState, create_trial

import remanence as rm

NETWORK = """
from remanence.models.dnn import DNN
from remanence.models.linear import Linear
from remanence.data.nbbt import NBBT
from pathlib import Path

Path({flag!r}).touch()


class Net(DNN):
    pass


class Line(Linear):
    pass


class Rows(NBBT):
    pass
"""
BROKEN = """
class Net:
    def __init__(self, *, n_features: int, n_targets: int, depth: int = 1 / 0) -> None: ...
"""
SECRET = "what-only-the-reader-may-see"


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A package ``stranger`` that leaves a file when it is imported; return the path of this file."""
    flag = tmp_path / "was_imported"
    package = tmp_path / "work" / "stranger"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"from pathlib import Path\nPath({str(flag)!r}).touch()\n")
    (package / "nets.py").write_text(NETWORK.format(flag=str(flag)))
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS", raising=False)
    monkeypatch.setenv("READERS_SECRET", SECRET)
    yield flag
    for name in [name for name in sys.modules if name.split(".")[0] == "stranger"]:
        del sys.modules[name]


@pytest.fixture
def stored():
    """Change the stored configuration of a run: ``stored(run, {"model._target_": "stranger.nets.Net"})``."""

    def change(run, values):
        path = Path(run.info.artifact_uri.removeprefix("file://")) / "config.yaml"
        cfg = yaml.safe_load(path.read_text())
        for key, value in values.items():
            *above, name = key.split(".")
            node = cfg
            for part in above:
                node = node[part]
            node[name] = value
        path.write_text(yaml.safe_dump(cfg))

    return change


@pytest.fixture
def described(client):
    """Change ``model.json`` of a run's logged model by a function of its content."""

    def change(run, edit):
        (logged,) = run.outputs.model_outputs
        folder = Path(client.get_logged_model(logged.model_id).artifact_location.removeprefix("file://"))
        (path,) = folder.rglob("model.json")
        description = json.loads(path.read_text())
        edit(description)
        path.write_text(json.dumps(description))

    return change


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"x": [0.1, 0.2], "lph_slope": [0.3, 0.4]}).to_csv(path, index=False)
    return path


def verbs(run, rows, tmp_path):
    """Every command that builds something of a stored run."""
    run_id = run.info.run_id
    return {
        "fork": ["train", f"fork={run_id}", "trainer.max_epochs=1"],
        "resume": ["train", f"resume={run_id}"],
        "predict": ["predict", f"run={run_id}", f"input={rows}", f"output={tmp_path / 'out.csv'}"],
        "evaluate": ["evaluate", f"run={run_id}"],
        "design": ["design", f"run={run_id}", "target=d33=max", "over=x=0:0.2,lph_slope=0:0.2"],
    }


def refused(result, name):
    """Assert that a command has refused to import a class, in one line that says what to set."""
    assert result.code == 2
    (line,) = result.err.splitlines()
    assert f"'{name}' is not under allowed_targets (remanence.)" in line
    assert "set REMANENCE_ALLOWED_TARGETS=stranger." in line


@pytest.mark.parametrize(
    ("verb", "key"),
    [
        ("fork", "model"),
        ("fork", "data"),
        ("resume", "model"),
        ("resume", "baselines.linear"),
        ("evaluate", "data"),
        ("design", "data"),
    ],
)
def test_what_a_stored_configuration_allows_is_not_believed(
    command, train, client, stored, stranger, rows, tmp_path, all_runs, verb, key
):
    run = train()
    client.set_terminated(run.info.run_id, "KILLED" if verb == "resume" else "FINISHED")
    name = f"stranger.nets.{'Rows' if key == 'data' else 'Net'}"
    stored(run, {f"{key}._target_": name, "allowed_targets": ["remanence.", "stranger."]})

    result = command(*verbs(run, rows, tmp_path)[verb])

    refused(result, name)
    assert not stranger.exists()
    assert len(all_runs()) == 1


@pytest.mark.parametrize("key", ["data", "model", "baselines.linear"])
def test_not_even_the_source_of_a_stored_class_is_evaluated(command, train, stored, stranger, tmp_path, key):
    (tmp_path / "work" / "stranger" / "broken.py").write_text(BROKEN)
    run = train()
    stored(run, {f"{key}._target_": "stranger.broken.Net"})

    refused(command("train", f"fork={run.info.run_id}"), "stranger.broken.Net")


@pytest.mark.parametrize("verb", ["fork", "resume", "evaluate"])
def test_a_class_inside_a_list_is_found_as_well(command, train, client, stored, stranger, rows, tmp_path, verb):
    run = train()
    client.set_terminated(run.info.run_id, "KILLED" if verb == "resume" else "FINISHED")
    stored(run, {"data.features": [{"_target_": "stranger.nets.Rows"}, "x"]})

    refused(command(*verbs(run, rows, tmp_path)[verb]), "stranger.nets.Rows")
    assert not stranger.exists()


@pytest.mark.parametrize("verb", ["predict", "evaluate", "design"])
@pytest.mark.parametrize("where", ["target", "member"])
def test_the_class_of_a_logged_model_is_checked_before_it_is_imported(
    command, train, described, stranger, rows, tmp_path, verb, where
):
    run = train("ensemble=stacked", "ensemble.folds=2")

    def name_a_stranger(description):
        if where == "target":
            description["target"] = "stranger.nets.Net"
        else:
            description["arguments"]["member"] = "stranger.nets.Net"

    described(run, name_a_stranger)

    refused(command(*verbs(run, rows, tmp_path)[verb]), "stranger.nets.Net")
    with pytest.raises(rm.ConfigurationError, match="allowed_targets"):
        mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert not stranger.exists()


def test_a_registered_model_is_somebody_elses_too(command, train, described, stranger, rows, tmp_path):
    run = train("model=linear")
    assert command("register", f"run={run.info.run_id}", "name=theirs", "alias=best").code == 0
    described(run, lambda description: description.update(target="stranger.nets.Line"))

    refused(
        command("predict", "run=models:/theirs@best", f"input={rows}", f"output={tmp_path}/out.csv"),
        "stranger.nets.Line",
    )
    assert not stranger.exists()


@pytest.mark.parametrize("how", ["argument", "variable"])
def test_ones_own_network_loads_for_every_verb_when_the_user_says_so(
    command, train, client, stranger, rows, tmp_path, monkeypatch, how
):
    run = train("model._target_=stranger.nets.Net", "allowed_targets=[remanence.,stranger.]")
    own = ["allowed_targets=[stranger.]"] if how == "argument" else []
    if how == "variable":
        monkeypatch.setenv("REMANENCE_ALLOWED_TARGETS", "stranger.")

    for verb, arguments in verbs(run, rows, tmp_path).items():
        client.set_terminated(run.info.run_id, "KILLED" if verb == "resume" else "FINISHED")
        result = command(*arguments, *own)
        assert result.code == 0, (verb, result.err)


def test_ones_own_network_loads_in_python_when_the_user_says_so(train, stranger, rows):
    run = train("model._target_=stranger.nets.Net", "allowed_targets=[remanence.,stranger.]")

    with pytest.raises(rm.ConfigurationError, match="allowed_targets"):
        rm.load(run.info.run_id).predict(rows)
    assert len(rm.load(run.info.run_id, allowed_targets=["stranger."]).predict(rows)) == 2
    assert len(rm.predict(run.info.run_id, rows, allowed_targets="stranger.")) == 2
    with pytest.raises(rm.ConfigurationError, match="allowed_targets"):
        rm.load(run.info.run_id).predict(rows)


@pytest.mark.parametrize("text", ["${oc.env:READERS_SECRET}", "a ${leak:} b", r"\${oc.env:READERS_SECRET}", "${seed}"])
@pytest.mark.parametrize("verb", ["fork", "resume"])
def test_a_text_of_a_stored_configuration_is_never_resolved(
    command, train, client, stored, stranger, all_runs, artifact, rows, tmp_path, text, verb
):
    OmegaConf.register_new_resolver("leak", lambda: SECRET, replace=True)
    run = train()
    client.set_terminated(run.info.run_id, "KILLED" if verb == "resume" else "FINISHED")
    stored(run, {"tracking.tags": {"note": text}, "data.units": {"x": text}})
    try:
        result = command(*verbs(run, rows, tmp_path)[verb])
    finally:
        OmegaConf.clear_resolver("leak")

    assert result.code == 0, result.err
    (written,) = [each for each in all_runs() if each.info.run_id != run.info.run_id or verb == "resume"]
    assert SECRET not in str(written.to_dictionary())
    again = yaml.safe_load(artifact(written, "config.yaml").read_text())
    assert again["tracking"]["tags"] == {"note": text}
    assert again["data"]["units"]["x"] == text
    if verb == "fork":
        assert written.data.tags["note"] == text


@pytest.mark.parametrize("verb", ["evaluate", "fork"])
def test_a_path_of_a_stored_configuration_names_no_variable_of_the_reader(
    command, train, stored, stranger, table, rows, tmp_path, verb
):
    run = train(f"data.path={table()}", "data.target=d33", "data.features=[x]", experiment="piezo/table")
    stored(run, {"data.path": "/tmp/${oc.env:READERS_SECRET}/rows.csv"})

    result = command(*verbs(run, rows, tmp_path)[verb])

    assert result.code == 2
    assert SECRET not in result.err
    assert "/tmp/${oc.env:READERS_SECRET}/rows.csv" in result.err


@pytest.mark.parametrize("verb", ["fork", "resume"])
def test_a_style_sheet_of_a_stored_configuration_is_not_read(command, train, client, stored, rows, tmp_path, verb):
    run = train()
    client.set_terminated(run.info.run_id, "KILLED" if verb == "resume" else "FINISHED")
    stored(run, {"figure_style": str(tmp_path / "passwords")})
    (tmp_path / "passwords").write_text(SECRET)

    result = command(*verbs(run, rows, tmp_path)[verb])

    assert result.code == 0, result.err
    assert SECRET not in result.err


def test_a_stored_configuration_does_not_say_where_a_fork_is_recorded(command, train, stored, tmp_path, all_runs):
    run = train()
    elsewhere = tmp_path / "elsewhere.db"
    tags = {"remanence.folder": "../../elsewhere", "note": "mine"}
    stored(run, {"tracking.uri": f"sqlite:///{elsewhere}", "tracking.tags": tags})

    assert command("train", f"fork={run.info.run_id}", "trainer.max_epochs=1").code == 0

    assert not elsewhere.exists()
    (forked,) = [each for each in all_runs() if each.info.run_id != run.info.run_id]
    assert "remanence.folder" not in forked.data.tags
    assert forked.data.tags["note"] == "mine"


def test_a_waiting_trial_of_a_stored_study_sets_no_other_key(command, outputs, all_runs, stranger):
    sweep = (
        *("train", "-m", "experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=1", "baselines=none"),
        *("model.lr=1e-3,1e-2", "sweep.name=theirs"),
    )
    assert command(*sweep).code == 0
    number = len(all_runs())
    study = optuna.load_study(study_name="theirs", storage=f"sqlite:///{outputs}/sweeps.db")
    values = {
        "model.lr": study.trials[0].params["model.lr"],
        "model._target_": "stranger.nets.Net",
        "allowed_targets": "[stranger.]",
    }
    choices = study.trials[0].distributions["model.lr"].choices
    study.add_trial(
        create_trial(
            state=TrialState.WAITING,
            params=values,
            distributions={
                key: CategoricalDistribution(choices if key == "model.lr" else (value,))
                for key, value in values.items()
            },
        )
    )

    result = command(*sweep)

    assert result.code == 2
    (line,) = [line for line in result.err.splitlines() if "error" in line]
    assert "model._target_=stranger.nets.Net, which this search does not propose" in line
    assert not stranger.exists()
    assert len(all_runs()) == number
