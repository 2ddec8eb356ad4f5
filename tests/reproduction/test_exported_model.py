"""A model in a folder of its own, of each kind of data."""

import json
import re
import subprocess
import sys

import mlflow
import numpy as np
import pandas as pd
import pytest

import remanence as rm
from remanence.verbs.cli import main

TOY = ("experiment=beps/toy", "data.colours=60", "data.validation=20", "data.gamut=20", "data.image_size=8")
SMALL = {
    "table": ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "baselines=none"),
    "spectra": (*TOY, "model=pca", "beta_schedule=none", "baselines=none"),
    "chain": (
        "experiment=nested/synthetic",
        "data.rows=40",
        "data.split.folds=2",
        "ensemble.folds=2",
        "trainer.max_epochs=2",
        "baselines=none",
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory, fresh_database):
    """Outputs with a finished run of each kind, named after it, and beside them the exported models."""
    folder = tmp_path_factory.mktemp("exported")
    outputs = folder / "outputs"
    outputs.mkdir()
    (outputs / "mlflow.db").write_bytes(fresh_database.read_bytes())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(outputs))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        for kind, arguments in SMALL.items():
            assert main(["train", *arguments, "figures=brief", f"name={kind}"]) == 0
            rm.load(kind).export(folder / kind)
    return folder


@pytest.fixture
def there(place, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(place / "outputs"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return place


def example(kind, folder):
    """Return what the run has logged as an example of the input."""
    logged = rm.load(kind).folder / "model" / "input_example.json"
    given = json.loads(logged.read_text())
    if kind == "spectra":
        return np.asarray(given["inputs"] if isinstance(given, dict) else given)
    return pd.DataFrame(given["data"], columns=given["columns"])


@pytest.mark.parametrize("kind", SMALL)
def test_an_exported_model_predicts_what_the_logged_one_does(there, kind):
    given = example(kind, there)
    mlflow.set_tracking_uri(f"sqlite:///{there}/outputs/mlflow.db")

    logged = mlflow.pyfunc.load_model(f"runs:/{rm.load(kind).id}/model").predict(given)
    exported = rm.load_exported(there / kind).predict(given)

    if kind == "spectra":
        assert set(exported) == set(logged) >= {"embedding", "reconstruction"}
        for name, values in exported.items():
            np.testing.assert_array_equal(values, logged[name])
    else:
        pd.testing.assert_frame_equal(exported, logged)


@pytest.mark.parametrize("kind", SMALL)
def test_a_folder_says_what_it_holds(there, kind):
    about = rm.load_exported(there / kind).config

    assert (about["kind"], about["run"]) == (kind, rm.load(kind).id)
    assert about["metrics"].items() <= rm.load(kind).metrics.items()
    assert (about["inputs"] is None) == (kind == "spectra")
    assert not [path for path in (there / kind).rglob("*") if path.suffix in (".pkl", ".pt", ".ckpt")]


@pytest.mark.slow
def test_the_lines_of_the_readmes_load_it_where_there_is_no_mlflow(there):
    lines = ["import sys", "sys.modules['mlflow'] = None"]
    for kind in SMALL:
        code = re.search(r"```python\n(.*?)```", (there / kind / "README.md").read_text(), re.DOTALL).group(1)
        given = example(kind, there)
        if kind == "spectra":
            np.save(there / "spectra.npy", given)
        else:
            given.to_csv(there / f"{kind}.csv", index=False)
        lines.append(code.replace("new.csv", f"{kind}.csv"))

    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=there, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "d33" in done.stdout
    assert "reconstruction" in done.stdout


def test_the_verb_writes_the_same_folder(there, command, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(there / "outputs"))

    result = command("export", "run=table", str(there / "verb"))

    assert result.code == 0, result.err
    names = {path.relative_to(there / "table") for path in (there / "table").rglob("*")}
    assert {path.relative_to(there / "verb") for path in (there / "verb").rglob("*")} == names


def test_a_folder_that_is_not_empty_stays_as_it_is(there, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(rm.ConfigurationError, match=rf"export: {tmp_path} is not empty; name a new folder"):
        rm.load("table").export(tmp_path)
    with pytest.raises(rm.ConfigurationError, match=r"export: the folder .*nowhere does not exist"):
        rm.load("table").export(tmp_path / "nowhere" / "model")

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(there, tmp_path):
    rm.load("table").export(tmp_path)

    assert rm.load_exported(tmp_path).config["kind"] == "table"


def test_a_full_disk_leaves_nothing(there, tmp_path, room):
    room(2000)

    with pytest.raises(rm.ConfigurationError, match=rf"export: {tmp_path}/model cannot be written: File too large"):
        rm.load("table").export(tmp_path / "model")

    assert list(tmp_path.iterdir()) == []


def test_what_is_no_exported_model_is_one_line(there, tmp_path):
    with pytest.raises(rm.ConfigurationError, match=r"holds no exported model: there is no config.json in it"):
        rm.load_exported(tmp_path)
    folder = rm.load("table").export(tmp_path / "model")
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(rm.DataError, match=r"weights.safetensors: cannot be read: its checksum differs"):
        rm.load_exported(folder)


@pytest.mark.parametrize("kind", ["stranger.kinds:KIND", "graph", "os:path"])
def test_a_folder_does_not_decide_what_is_imported(there, tmp_path, kind, monkeypatch):
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS", raising=False)
    folder = rm.load("table").export(tmp_path / "model")
    about = json.loads((folder / "config.json").read_text()) | {"kind": kind}
    (folder / "config.json").write_text(json.dumps(about))

    with pytest.raises(
        rm.ConfigurationError, match=r"not under allowed_targets" if ":" in kind else "unknown kind 'graph'"
    ):
        rm.load_exported(folder)

    assert "stranger" not in sys.modules
