"""A resumed run keeps the environment and the changes of its first part, and tells other versions."""

import re
import signal

import pytest
import torch

from remanence.tracking.provenance import environment, git_state


@pytest.fixture
def changes(monkeypatch):
    """Set the uncommitted changes that the next part of a run finds."""

    def put(diff):
        state = git_state("/")  # outside a repository
        assert state is None
        from remanence.tracking.provenance import GitState

        now = GitState("abc", bool(diff), diff)
        monkeypatch.setattr("remanence.tracking.environments.git_state", lambda folder: now)

    return put


def test_other_versions_are_told_and_written_beside_the_first(stop, command, client, folder, artifact):
    _, run = stop(signal.SIGTERM)
    path = folder(run) / "environment.txt"
    assert path.read_text() == environment()
    assert f"# CUDA {torch.version.cuda or 'none'}" in environment().splitlines()
    before = re.sub(r"^torch==.*$", "torch==1.0", environment(), flags=re.MULTILINE)
    before = re.sub(r"^# Python \S+,", "# Python 3.0.1,", before)
    path.write_text(before)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    (line,) = [line for line in result.err.splitlines() if "other versions" in line]
    assert f"run {run.info.run_id} goes on with other versions: Python 3.0.1 → 3." in line
    assert "torch 1.0 → " in line
    assert "numpy" not in line
    assert path.read_text() == before
    assert artifact(run, "environment.resumed-1.txt").read_text() == environment()


def test_the_same_environment_is_not_written_twice(stop, command, folder):
    _, run = stop(signal.SIGTERM)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert "other versions" not in result.err
    assert not list(folder(run).glob("*.resumed-*"))


def test_every_part_has_its_own_changes(stop, command, folder, changes, monkeypatch):
    changes("first\n")
    _, run = stop(signal.SIGTERM)
    parts = ["second\n", "second\n", ""]
    for number, diff in enumerate(parts):
        changes(diff)
        with monkeypatch.context() as patched:
            if number < 2:  # stopped again
                patched.setattr("remanence.studies.table.study.TableStudy.score", _interrupt)
            command("train", f"resume={run.info.run_id}")

    there = {path.name: path.read_text() for path in folder(run).glob("git.*")}
    assert there == {"git.diff": "first\n", "git.resumed-1.diff": "second\n", "git.resumed-2.diff": ""}


def _interrupt(*given, **named):
    raise RuntimeError("no")


def test_a_part_with_changes_after_one_without(stop, command, folder, changes):
    changes("")
    _, run = stop(signal.SIGTERM)
    changes("second\n")

    assert command("train", f"resume={run.info.run_id}").code == 0

    assert [path.name for path in folder(run).glob("git.*")] == ["git.resumed-1.diff"]
