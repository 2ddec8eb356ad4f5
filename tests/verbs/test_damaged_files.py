"""Damaged files of stored runs: each verb that reads one names it and the reason in one line; nothing is tracked."""

import json
import os
from pathlib import Path

import optuna
import pandas as pd
import pytest
import skops.io
import torch
import yaml
from mlflow import MlflowClient
from safetensors.torch import save_file

from remanence.verbs.cli import main

TINY = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=1", "baselines=none", "figures=brief")


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]


def another(path: Path) -> bytes:
    """Return the content of a sound file of the same format that holds something else."""
    beside = path.with_name(f"another{path.suffix}")
    match path.suffix:
        case ".json" | ".yaml":
            beside.write_text("[1, 2]")
        case ".safetensors":
            save_file({"other": torch.zeros(3)}, beside)
        case ".skops":
            skops.io.dump([1, 2], beside)
        case ".ckpt":
            torch.save([1, 2], beside)
    content = beside.read_bytes()
    beside.unlink()
    return content


DAMAGES = {
    "empty": lambda path: b"",
    "truncated": lambda path: path.read_bytes()[: path.stat().st_size * 2 // 3],
    "garbage": lambda path: bytes(range(255, 0, -1)) * 20,
    "flipped": lambda path: flipped(path.read_bytes()),
    "of another type": another,
}
READERS = {
    "config.yaml": ["evaluate", "predict", "design", "fork", "resume"],
    "model.json": ["evaluate", "predict", "design"],
    "weights.safetensors": ["evaluate", "predict"],
    "fitted.skops": ["predict_linear"],
    "fitted_0.json": ["predict_trees"],
    "last.ckpt": ["resume"],
    "best.ckpt": ["fork"],
    "run.json": ["resume"],
}
UNSEEN = {("config.yaml", "flipped"), ("model.json", "flipped"), ("run.json", "flipped")}
"""A flipped bit in a text is another text, which only its meaning can contradict."""


@pytest.fixture(scope="module")
def place(tmp_path_factory, fresh_database):
    """A folder of outputs with a finished network, an interrupted one, and two estimators, which all tests share."""
    folder = tmp_path_factory.mktemp("damaged") / "outputs"
    folder.mkdir()
    (folder / "mlflow.db").write_bytes(fresh_database.read_bytes())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(folder))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        for name, model in {"net": "dnn", "stopped": "dnn", "linear": "linear"}.items():
            assert main(["train", *TINY, f"model={model}", f"name={name}"]) == 0
        trees = ["model=gradient_boosting", "model.engine=xgboost", "model.max_estimators=10", "model.depths=[2]"]
        assert main(["train", *TINY, *trees, "name=trees"]) == 0
        client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
        runs = {run.info.run_name: run for run in client.search_runs(["1"])}
        client.set_terminated(runs["stopped"].info.run_id, "KILLED")
        pd.DataFrame({"x": [0.1, 0.2], "lph_slope": [0.3, 0.4]}).to_csv(folder / "rows.csv", index=False)
        yield folder, runs, client


def arguments(verb: str, folder: Path) -> list[str]:
    rows = [f"input={folder / 'rows.csv'}", f"output={folder / 'out.csv'}"]
    return {
        "evaluate": ["evaluate", "run=net"],
        "predict": ["predict", "run=net", *rows],
        "predict_linear": ["predict", "run=linear", *rows],
        "predict_trees": ["predict", "run=trees", *rows],
        "design": ["design", "run=net", "target=d33=max", "over=x=0:0.2,lph_slope=0:0.2"],
        "fork": ["train", "fork=net"],
        "resume": ["train", "resume=stopped"],
    }[verb]


def files(name: str, verb: str, place) -> list[Path]:
    """Return where the files of a name lie that a verb may read: the artifact and the copy in the run's folder."""
    folder, runs, client = place
    run = runs[{"resume": "stopped", "predict_linear": "linear", "predict_trees": "trees"}.get(verb, "net")]
    (logged,) = run.outputs.model_outputs
    model = Path(client.get_logged_model(logged.model_id).artifact_location.removeprefix("file://"))
    artifacts = Path(run.info.artifact_uri.removeprefix("file://"))
    return [
        path for place in (model, artifacts, folder / "runs" / run.info.run_id) for path in sorted(place.rglob(name))
    ]


CASES = [
    (name, damage, verb)
    for name, verbs in READERS.items()
    for damage in DAMAGES
    for verb in verbs
    if (name, damage) not in UNSEEN
]


@pytest.mark.parametrize(("name", "damage", "verb"), CASES)
def test_a_damaged_file_is_named_with_the_reason(place, capsys, name, damage, verb):
    if name == "fitted_0.json":
        pytest.importorskip("xgboost")
    folder, _, client = place
    before = {path: path.read_bytes() for path in files(name, verb, place)}
    assert before
    capsys.readouterr()
    for path in before:
        path.write_bytes(DAMAGES[damage](path))
    try:
        code = main(arguments(verb, folder))
        compared = main(["compare", "piezo"])
    finally:
        for path, content in before.items():
            path.write_bytes(content)

    told = capsys.readouterr().err
    assert code == 2, told
    (line,) = told.splitlines()
    assert line.startswith("remanence: error: ")
    assert f"/{name}: cannot be read: " in line or f"its artifact {name}: cannot be read: " in line
    assert "/tmp/tmp" not in line
    assert "weights_only" not in line
    assert compared == 0
    assert len(client.search_runs(["1"])) == 4
    assert client.get_run(place[1]["stopped"].info.run_id).info.status == "KILLED"
    assert not (folder / "out.csv").exists()


def test_a_damaged_record_keeps_nobody_from_using_the_model(place, capsys):
    folder, runs, _ = place
    path = folder / "runs" / runs["net"].info.run_id / "run.json"
    before = path.read_bytes()
    path.write_bytes(b"{")
    try:
        assert main(["evaluate", "run=net"]) == 0
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(("key", "value"), [("pid", "7"), ("started", None), ("status", 3), ("run_id", [1])])
def test_a_record_with_values_of_another_type_is_named(place, capsys, key, value):
    folder, runs, _ = place
    path = folder / "runs" / runs["stopped"].info.run_id / "run.json"
    before = path.read_bytes()
    path.write_text(json.dumps({**json.loads(before), "status": "RUNNING", key: value}))
    capsys.readouterr()
    try:
        code = main(["train", "resume=stopped"])
    finally:
        path.write_bytes(before)

    assert code == 2
    assert f"{path}: cannot be read: {key} is {value!r}" in capsys.readouterr().err


def test_a_configuration_that_was_cut_between_two_lines_is_no_other_configuration(place, capsys):
    (path, *_) = files("config.yaml", "resume", place)
    before = path.read_bytes()
    lines = before.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    assert isinstance(yaml.safe_load(path.read_text()), dict)
    capsys.readouterr()
    try:
        code = main(["train", "resume=stopped"])
    finally:
        path.write_bytes(before)

    assert code == 2
    assert "its artifact config.yaml: cannot be read: it ends too early" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["empty", "truncated", "garbage", "text"])
@pytest.mark.parametrize("verb", ["compare", "evaluate", "train", "ui"])
def test_a_damaged_database_is_named(command, outputs, damage, verb):
    path = outputs / "mlflow.db"
    path.write_bytes(b"hello\n" * 1000 if damage == "text" else DAMAGES[damage](path))
    content = path.read_bytes()

    result = command(verb, *{"compare": ["piezo"], "evaluate": ["run=any"], "train": TINY, "ui": []}[verb])

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: tracking.uri: {path}: is damaged: ")
    assert path.read_bytes() == content


@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_a_damaged_database_of_studies_is_named(command, outputs, all_runs, damage):
    path = outputs / "sweeps.db"
    optuna.storages.RDBStorage(f"sqlite:///{outputs}/sound.db")
    path.write_bytes(DAMAGES[damage](outputs / "sound.db"))

    result = command("train", "-m", *TINY, "seed=0,1", "sweep.name=mine")

    assert result.code == 2
    (line,) = [line for line in result.err.splitlines() if "error" in line]
    assert f"sweep.storage: cannot open sqlite:///{path}: " in line
    assert all_runs() == []


def test_a_damaged_line_of_an_outbox_is_kept_and_left_out(place, capsys):
    folder, runs, client = place
    run_id = runs["net"].info.run_id
    path = folder / "runs" / run_id / "outbox.jsonl"
    tag = {"call": "log_batch", "run_id": run_id, "metrics": [], "params": [], "tags": [["late", "yes"]]}
    path.write_text("\n".join(["[1, 2]", '"log_batch"', "3", json.dumps(tag), "{"]) + "\n")

    assert main(["sync", str(folder / "runs" / run_id)]) == 0

    assert "4 damaged, left out and kept" in " ".join(capsys.readouterr().out.split())
    assert client.get_run(run_id).data.tags["late"] == "yes"
    os.unlink(path.with_name("outbox.damaged.jsonl"))
