"""A run as one file: what is in it, and that it appears whole."""

import hashlib
import json
import zipfile

import pytest
from crate_rules import broken_rules

PARTS = {"config.yaml", "environment.txt", "metrics.json", "bundle.json", "README.md", "CITATION.cff", "model_card.md"}


def contents(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def own(train, table):
    """A run on a table of the user's, and the table."""
    columns = ("data.features=[x,amount]", "data.target=d33")
    path = table()
    return train(f"data.path={path}", *columns, "model=linear", experiment="piezo/table"), path


def test_a_bundle_is_a_crate_with_all_that_a_run_has_left(own, command, tmp_path):
    run, data = own

    result = command("bundle", f"run={run.info.run_id}", str(tmp_path / "out.zip"))

    assert result.code == 0, result.err
    assert f"remanence reproduce bundle={tmp_path}/out.zip makes it again" in result.out
    assert f"out.zip without {data.name} (data=include adds what was read); " in result.out
    assert f"the receiver needs {data.name} for it" in result.out
    assert broken_rules(tmp_path / "out.zip") == []
    packed = contents(tmp_path / "out.zip")
    assert set(packed) >= PARTS
    assert {"model/MLmodel", "model/data/remanence_model/model.json"} <= set(packed)
    assert any(name.startswith("figures/") for name in packed)
    assert any(name.startswith("tables/") for name in packed)
    assert not [name for name in packed if name.startswith(("checkpoints/", "data/"))]
    assert b"is installed by pip" in packed["README.md"]
    described = json.loads(packed["bundle.json"])
    (read,) = described["data"]
    assert read["sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()
    assert (read["location"], read["file"]) == (str(data), None)
    assert described["metrics"]["test/r2"] == run.data.metrics["test/r2"]


def test_the_runs_own_data_go_in_if_they_are_asked_for_and_are_what_was_read(own, command, tmp_path):
    run, data = own
    asked = ("bundle", f"run={run.info.run_id}", "data=include", "licence=CC-BY-4.0")

    result = command(*asked, f"output={tmp_path}/with.zip")
    assert result.code == 0
    assert "without" not in result.out
    assert contents(tmp_path / "with.zip")["data/0/mine.csv"] == data.read_bytes()
    assert b"license: CC-BY-4.0" in contents(tmp_path / "with.zip")["CITATION.cff"]
    assert broken_rules(tmp_path / "with.zip") == []

    data.write_text("x,amount,d33\n")
    changed = command(*asked, f"output={tmp_path}/changed.zip")

    assert f"{data} has changed since the run read it; only its digest is in the bundle" in changed.out
    assert "data/0/mine.csv" not in contents(tmp_path / "changed.zip")


def test_two_bundles_of_a_run_are_equal(own, command, tmp_path):
    for name in ("a.zip", "b.zip"):
        assert command("bundle", f"run={own[0].info.run_id}", f"output={tmp_path}/{name}").code == 0

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_full_disk_leaves_the_earlier_bundle_and_one_line(own, command, tmp_path, room):
    earlier = tmp_path / "out.zip"
    earlier.write_bytes(b"earlier")
    room(2000)

    result = command("bundle", f"run={own[0].info.run_id}", f"output={earlier}")

    assert (result.code, earlier.read_bytes()) == (2, b"earlier")
    assert result.err == f"remanence: error: {earlier}: cannot be written: File too large\n"
    assert [path.name for path in tmp_path.iterdir() if ".part-" in path.name] == []


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["output={tmp}/out.tar"], "/out.tar: cannot write '.tar'; expected .zip"),
        (["output={tmp}/nowhere/out.zip"], "/nowhere/out.zip: the folder"),
        (["output={tmp}/out.zip", "data=all"], "data: should be digests or include, got 'all'"),
        (
            ["output={tmp}/out.zip", "licence=do what you like"],
            "licence: expected an SPDX identifier such as CC-BY-4.0",
        ),
        ([], "bundle: output=… must be given"),
    ],
)
def test_a_mistake_is_one_line(own, command, tmp_path, typed, message):
    result = command("bundle", f"run={own[0].info.run_id}", *(word.format(tmp=tmp_path) for word in typed))

    assert result.code == 2
    assert message in result.err
    assert list(tmp_path.glob("*.zip")) == []


def test_a_run_that_has_not_finished_is_refused(own, command, client, tmp_path):
    client.set_terminated(own[0].info.run_id, "KILLED")

    result = command("bundle", f"run={own[0].info.run_id}", f"output={tmp_path}/out.zip")

    assert result.code == 2
    assert f"bundle: run {own[0].info.run_id} is KILLED; a run that has finished is wanted" in result.err
