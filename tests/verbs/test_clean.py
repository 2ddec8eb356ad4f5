"""Room under the outputs is freed without a loss, and nothing else is touched."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

import pytest

from remanence.foundation.whole_file import whole_file


def files(folder):
    """Return the files below a folder, but for those of the databases."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(("mlflow.db", "sweeps.db"))
    }


def change_record(folder, **values):
    """Change ``run.json`` of a run."""
    path = folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_environments_of_reproduce_are_told_and_stay(train, command, outputs):
    train("model.hidden=[8]")
    made = outputs / "environments" / "0123456789ab"
    made.mkdir(parents=True)
    (made / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (made / "library.so").write_bytes(bytes(2_500_000))

    removed = command("clean", "yes=true")

    assert "left alone: 1 environments of remanence reproduce, 2.5 MB; rm -r" in removed.out
    assert (made / "library.so").is_file()


def test_checkpoints_that_the_artifacts_hold_are_listed_and_then_removed(train, command, outputs, folder):
    run = train("model.hidden=[8]")
    before = files(outputs)
    copies = {f"runs/{run.info.run_id}/checkpoints/{name}.ckpt" for name in ("best", "last")}

    listed = command("clean")
    still = files(outputs)
    removed = command("clean", "yes=true")

    assert (listed.code, removed.code) == (0, 0)
    assert "2 checkpoints of finished runs, which their artifacts hold as well" in listed.out
    assert "nothing is removed yet; add yes=true" in listed.out
    assert still == before
    assert before - files(outputs) == copies
    freed = re.search(r"(\S+ \S+) could be freed", listed.out).group(1)
    assert f"{freed} are free now" in removed.out
    assert "0 bytes could be freed" in command("clean").out
    for again in (("evaluate", f"run={run.info.run_id}"), ("train", f"fork={run.info.run_id}", "trainer.max_epochs=1")):
        assert command(*again).code == 0, again


def test_a_checkpoint_that_the_artifacts_do_not_hold_stays(train, command, outputs, folder):
    run = train("model.hidden=[8]")
    shutil.rmtree(next(outputs.glob(f"artifacts/*/{run.info.run_id}")) / "artifacts" / "checkpoints")
    before = files(outputs)

    assert command("clean", "yes=true").code == 0
    assert files(outputs) == before


def test_a_run_that_can_be_resumed_keeps_all_it_needs(stop, command, outputs, client):
    _, run = stop(KeyboardInterrupt())
    before = files(outputs)

    result = command("clean", "yes=true")

    assert "left alone: 1 runs that can be resumed" in result.out
    assert files(outputs) == before
    assert command("train", f"resume={run.info.run_id}").code == 0
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


@pytest.mark.parametrize("where", ["here", "database"])
def test_a_running_run_is_left_alone(train, command, outputs, folder, client, where):
    run = train("model.hidden=[8]")
    if where == "here":
        change_record(folder(run), status="RUNNING", pid=os.getpid(), started=time.time())
    else:
        client.update_run(run.info.run_id, status="RUNNING")
    before = files(outputs)

    result = command("clean", "yes=true")

    assert "left alone: 1 runs that run, or died and can be resumed" in result.out
    assert files(outputs) == before


def test_files_of_other_users_are_left_alone(train, command, outputs, folder, monkeypatch):
    train("model.hidden=[8]")
    before = files(outputs)
    monkeypatch.setattr("remanence.tracking.clean.os.getuid", lambda: os.geteuid() + 1)

    result = command("clean", "yes=true")

    assert "left alone: 1 runs of other users" in result.out
    assert files(outputs) == before


def test_the_folder_of_a_deleted_run_goes_but_not_what_the_user_put_there(train, command, outputs, folder, client):
    run, other = train("model=linear"), train("model=linear", "seed=1")
    notes = folder(run) / "figures" / "notes.txt"
    notes.write_text("mine")
    client.delete_run(run.info.run_id)

    result = command("clean", "yes=true")

    assert "folders of deleted runs, whose artifacts remain" in result.out
    assert [path for path in folder(run).rglob("*") if path.is_file()] == [notes]
    assert (folder(other) / "run.json").is_file()
    assert command("restore", run.info.run_id).code == 0
    assert command("evaluate", f"run={run.info.run_id}").code == 0


def test_the_folder_of_a_run_goes_that_was_removed_from_the_database_for_good(train, command, outputs, folder, client):
    run, kept = train("model=linear"), train("model=linear", "seed=1")
    client.delete_run(run.info.run_id)
    uri = f"sqlite:///{outputs}/mlflow.db"
    gc = [sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", uri]
    subprocess.run(gc, check=True, capture_output=True, env={**os.environ, "MLFLOW_TRACKING_URI": uri})

    result = command("clean", "yes=true")

    assert "folders of runs that are no more in the database" in result.out
    assert not folder(run).exists()
    assert (folder(kept) / "run.json").is_file()


@pytest.mark.parametrize("why", ["artifacts", "age"])
def test_the_folder_of_an_unknown_run_stays_if_it_may_be_the_last_of_it(train, command, outputs, folder, client, why):
    run = train("model=linear")
    client._tracking_client.store._hard_delete_run(run.info.run_id)  # as in an older copy of the database
    if why == "age":
        shutil.rmtree(next(outputs.glob(f"artifacts/*/{run.info.run_id}")))
        change_record(folder(run), started=0.0)
    before = files(outputs)

    result = command("clean", "yes=true")

    assert "left alone: 1 runs that the database has never known, or whose artifacts are still there" in result.out
    assert files(outputs) == before


def test_runs_of_another_database_are_left_alone_and_their_address_is_named(
    train, command, outputs, tmp_path, fresh_database
):
    train("model.hidden=[8]")
    other = tmp_path / "other.db"
    shutil.copy(fresh_database, other)
    before = files(outputs)

    result = command("clean", "yes=true", f"tracking.uri=sqlite:///{other}")
    address = re.search(r"tracking.uri=\S+", result.out).group()

    assert "left alone: 1 runs recorded in another database" in result.out
    assert files(outputs) == before
    assert "2 checkpoints of finished runs" in command("clean", address).out


def test_a_server_that_does_not_answer_is_one_line(train, command, outputs, nobody):
    train("model.hidden=[8]")
    before = files(outputs)

    result = command("clean", "yes=true", f"tracking.uri={nobody}")

    assert result.code == 2
    assert "does not answer" in result.err
    assert files(outputs) == before


def test_what_killed_processes_left_goes_if_it_is_old(train, command, outputs, folder):
    run = train("model=linear")
    old = [outputs / "mlflow.db.new-abc", folder(run) / ".run.json.part", folder(run) / "figures" / ".x.png.part"]
    young, foreign = folder(run) / ".config.yaml.part", outputs / "mine.part"
    for path in [*old, young, foreign]:
        path.write_text("half")
    for path in [*old, foreign]:
        os.utime(path, (0, 0))

    result = command("clean", "yes=true")

    assert "3 files that killed processes left half written" in result.out
    assert [path.exists() for path in [*old, young, foreign]] == [False] * 3 + [True] * 2


@pytest.fixture
def sweep(command, outputs):
    """The folder of a finished sweep of three trials."""
    small = ("experiment=piezo/single", "data.replicates=4", "figures=brief", "baselines=none", "model=linear")
    assert command("train", "-m", *small, "seed=1,2,3", "sweep.name=mine").code == 0
    return outputs / "sweeps" / "mine"


def test_the_trials_of_a_sweep_are_packed_but_for_the_best_and_unpacked_by_what_is_printed(
    sweep, command, outputs, parent, client
):
    before = {name: (sweep / name).read_bytes() for name in files(sweep)}
    best = client.get_run(parent().data.tags["remanence.best.run"]).data.tags["remanence.folder"].rpartition("/")[2]

    listed = command("clean", "sweep=mine")
    unchanged = files(sweep)
    packed = command("clean", "sweep=mine", "yes=true")
    left = files(sweep)
    again = command("clean", "sweep=mine", "yes=true")
    unpack = shlex.split(packed.out.partition("to unpack: ")[2])

    assert (listed.code, packed.code, again.code) == (0, 0, 0)
    assert "nothing is removed yet; add yes=true" in listed.out
    assert unchanged == set(before)
    assert {name for name in left if re.match(r"\d{4}-", name)} == {
        name for name in before if name.startswith(f"{best}/")
    }
    assert "trials.zip" in left
    subprocess.run([sys.executable, *unpack[1:]], check=True)
    assert {name: (sweep / name).read_bytes() for name in files(sweep) - {"trials.zip"}} == before


def test_a_sweep_that_goes_on_is_not_packed(sweep, command, client, parent):
    client.set_terminated(parent().info.run_id, "KILLED")
    before = files(sweep)

    unfinished = command("clean", "sweep=mine", "yes=true")
    unknown = command("clean", "sweep=nine", "yes=true")

    assert (unfinished.code, unknown.code) == (2, 2)
    assert "'mine' is KILLED; only a finished sweep is archived" in unfinished.err
    assert "there is no sweep 'nine' here; there are: mine" in unknown.err
    assert files(sweep) == before


def test_an_answer_that_is_neither_is_refused(command):
    result = command("clean", "yes=maybe")

    assert result.code == 2
    assert result.err == "remanence: error: clean: yes: expected true or false, got 'maybe'\n"


def test_what_killed_writers_left_unfinished_goes_but_not_what_a_living_one_writes(train, command, folder):
    run = train("model=linear")
    figures = folder(run) / "figures"
    killed = """if True:
        import os, sys
        from remanence.foundation.whole_file import whole_file
        with whole_file(sys.argv[1]) as unfinished:
            unfinished.write_text("half")
            os._exit(1)
    """
    subprocess.run([sys.executable, "-c", killed, str(figures / "killed.png")], check=False)

    with whole_file(figures / "living.png") as unfinished:
        unfinished.write_text("half")
        listed, removed = command("clean"), command("clean", "yes=true")
        left = [path.name for path in figures.rglob("*") if "killed" in path.name]

    assert "left half written" in listed.out + removed.out
    assert left == []
    assert (figures / "living.png").read_text() == "half"
