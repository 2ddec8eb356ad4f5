import json
import os
import shutil
import signal

import pytest

from remanence.errors import ConfigurationError
from remanence.tracking.outbox import Outbox
from remanence.tracking.paths_below import below
from remanence.tracking.record import check_owned, read_record

TAG = "remanence.folder"


@pytest.fixture
def victim(tmp_path):
    """A folder outside the outputs with what a run would write, remove and replace there."""
    folder = tmp_path / "victim"
    for name in ("model/weights", "checkpoints/last.ckpt", "run.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")
    return folder


def names(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("verb", ["train resume=", "evaluate run=", "train fork="])
@pytest.mark.parametrize("how", ["absolute", "above", "link", "itself", "no path"])
def test_a_tag_that_leads_out_of_the_outputs_is_refused_in_one_line(stop, command, client, outputs, victim, verb, how):
    _, run = stop(signal.SIGTERM)
    (outputs / "sweeps").symlink_to(victim.parent)
    tags = {"absolute": str(victim), "above": "../victim", "link": "sweeps/victim", "itself": ".", "no path": "a\0b"}
    client.set_tag(run.info.run_id, TAG, tags[how])
    before = names(victim)

    result = command(*(verb + run.info.run_id).split(" "))

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: run {run.info.run_id}: tag {TAG}: {tags[how]!r} ")
    assert names(victim) == before
    assert not (outputs / "run.json").exists()


def test_a_run_is_not_resumed_in_the_folder_of_another_run(stop, train, command, client, outputs):
    _, run = stop(signal.SIGTERM)
    other = outputs / "runs" / "other"
    shutil.copytree(outputs / "runs" / run.info.run_id, other)
    record = json.loads((other / "run.json").read_text()) | {"run_id": "other"}
    (other / "run.json").write_text(json.dumps(record))
    (other / "checkpoints" / "last.ckpt").write_text("of the other run")
    client.set_tag(run.info.run_id, TAG, "runs/other")

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert result.err == (
        f"remanence: error: run {run.info.run_id}: {other} is the folder of run other; nothing is written there\n"
    )
    assert (other / "checkpoints" / "last.ckpt").read_text() == "of the other run"
    assert read_record(other).status == "KILLED"


def test_a_run_is_not_resumed_through_a_link_in_its_folder(stop, command, outputs, victim):
    _, run = stop(signal.SIGTERM)
    checkpoints = outputs / "runs" / run.info.run_id / "checkpoints"
    shutil.rmtree(checkpoints)
    checkpoints.symlink_to(victim / "checkpoints")
    before = names(victim)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    assert result.err.startswith(f"remanence: error: run {run.info.run_id}: folder: 'checkpoints' leads out of ")
    assert names(victim) == before


@pytest.mark.parametrize("mode", [[], ["-m", "seed=0,1"]], ids=["run", "sweep"])
def test_no_configuration_chooses_the_folder_of_its_run(command, all_runs, outputs, mode):
    result = command(
        "train", *mode, "experiment=piezo/single", "data.replicates=4", f"+tracking.tags={{{TAG}: runs/x}}"
    )

    assert result.code == 2
    assert result.err.startswith(f"remanence: error: tracking.tags: {TAG} says where files are written")
    assert all_runs() == []
    assert not (outputs / "runs").exists()


def test_a_folder_without_a_record_is_nobodys(tmp_path):
    check_owned(tmp_path / "new", "7")
    (tmp_path / "outbox.jsonl").touch()
    check_owned(tmp_path, "7")
    (tmp_path / "checkpoints").mkdir()

    with pytest.raises(ConfigurationError, match=r"has no run\.json, so nobody knows whose it is"):
        check_owned(tmp_path, "7")


def test_an_outbox_sends_no_file_of_another_folder(tmp_path):
    run, secret = tmp_path / "run", tmp_path / "secret"
    secret.touch()
    (run / "figures").mkdir(parents=True)
    (run / "figures" / "link.png").symlink_to(secret)
    paths = ["figures/parity.png", str(secret), "../secret", "figures/link.png", 3]
    lines = [json.dumps({"call": "log_artifact", "run_id": "7", "path": path, "artifact_path": None}) for path in paths]
    (run / "outbox.jsonl").write_text("\n".join(lines) + "\n")

    outbox = Outbox(run)

    assert (len(outbox), outbox.damaged) == (1, 4)
    assert outbox.first["path"] == "figures/parity.png"


@pytest.mark.parametrize("name", ["", ".", "..", "a/..", "a/../../x", "/x", "a/../b", "loop"])
def test_what_is_not_below_a_folder_is_refused(tmp_path, name):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(ConfigurationError, match=r"^artifact: "):
        below(tmp_path, name, "artifact")


def test_a_link_that_stays_below_is_followed(tmp_path):
    (tmp_path / "runs" / "7").mkdir(parents=True)
    (tmp_path / "sweep").symlink_to("runs")

    assert below(tmp_path, "sweep/7", "tag") == tmp_path / "sweep" / "7"
    assert below(tmp_path, "new/..x/7", "tag") == tmp_path / "new" / "..x" / "7"


def test_files_of_others_beside_a_new_database_stay(tmp_path):
    from remanence.tracking.database import connect

    kept = [tmp_path / f"mlflow.db.new-{ending}" for ending in ("copy", "f" * 31, "backup-wal")]
    left = [tmp_path / f"mlflow.db.new-{'f' * 32}{ending}" for ending in ("", "-wal")]
    for path in (*kept, *left):
        path.touch()

    connect(f"sqlite:///{tmp_path}/mlflow.db")

    assert [path.exists() for path in (*kept, *left)] == [True, True, True, False, False]
    assert os.path.getsize(tmp_path / "mlflow.db") > 0
