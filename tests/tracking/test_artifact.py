import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from remanence.tracking import artifact
from remanence.tracking.relocation import artifact_folder


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder for temporary files, empty."""
    (folder := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_file_on_this_machine_is_read_where_it_lies(train, client, command, temporary):
    run = train("model=linear")

    path = artifact.logged_path(client, run.info.run_id, "config.yaml")
    answer = command("evaluate", f"run={run.info.run_id}")

    assert path == artifact_folder(run.info.artifact_uri) / "config.yaml"
    assert path.is_file()
    assert answer.code == 0, answer.err
    assert list(temporary.iterdir()) == []


def test_a_download_stays_until_the_end_of_the_process(temporary, monkeypatch):
    monkeypatch.setattr(artifact, "DOWNLOADED", [])

    class Server:
        def get_run(self, run_id):
            return SimpleNamespace(info=SimpleNamespace(artifact_uri=f"mlflow-artifacts:/1/{run_id}/artifacts"))

        def download_artifacts(self, run_id, name, folder):
            (path := Path(folder) / name).write_text(run_id)
            return str(path)

    one, other = (artifact.logged_path(Server(), run_id, "config.yaml") for run_id in ("one", "other"))
    assert (one.read_text(), other.read_text()) == ("one", "other")
    assert one.is_relative_to(temporary)

    artifact.DOWNLOADED.clear()  # as the end of the process does

    assert list(temporary.iterdir()) == []
